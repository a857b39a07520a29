-- Which levels are there, the gravest first? Columns: level.
SELECT arrayJoin(['red', 'orange', 'yellow', 'blue']) AS level

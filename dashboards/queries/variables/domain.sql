-- Which domains are supervised, or have had warnings? Columns: domain.
SELECT domain FROM (SELECT domain FROM subjects_by_domain UNION ALL SELECT domain FROM warnings_per_day) WHERE domain != '' GROUP BY domain ORDER BY domain

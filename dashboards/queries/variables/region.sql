-- In which counties are there subjects, events or warnings? Columns: region.
SELECT region FROM (SELECT region FROM subjects_by_place UNION ALL SELECT region FROM events_by_region UNION ALL SELECT region FROM warnings_per_day) WHERE region != '' GROUP BY region ORDER BY region

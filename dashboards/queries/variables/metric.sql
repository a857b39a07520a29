-- Which metrics do sensors measure? Columns: metric.
SELECT metric FROM readings_per_hour WHERE $__timeFilter(hour) GROUP BY metric ORDER BY metric

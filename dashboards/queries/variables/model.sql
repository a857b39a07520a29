-- Which models have raised warnings, live or in a replay? Columns: model.
SELECT model FROM (SELECT model FROM warnings_by_model UNION ALL SELECT model FROM shadow_warnings) GROUP BY model ORDER BY model

-- Which departments have had warnings? Columns: department.
SELECT department FROM warnings_by_department GROUP BY department HAVING sum(total) > 0 ORDER BY department

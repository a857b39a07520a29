-- How many joint inspections does each department take part in, and how far have they come? Columns: department, tasks, open, closed.
SELECT
    department,
    sum(total) AS tasks,
    sumIf(total, status NOT IN ('closed', 'cleared', 'withdrawn', 'quiet')) AS open,
    sumIf(total, status = 'closed') AS closed
FROM warnings_by_department
WHERE day BETWEEN toDate32(toTimeZone($__fromTime, 'Asia/Shanghai')) AND toDate32(toTimeZone($__toTime, 'Asia/Shanghai')) AND joint AND status NOT IN ('withdrawn', 'quiet')
    AND $__conditionalAll(department IN splitByChar(',', trim(BOTH '{}' FROM decodeURLComponent('${department:percentencode}'))), $department)
    AND $__conditionalAll(region IN arrayMap(one -> substring(one, 1, 6), splitByChar(',', trim(BOTH '{}' FROM decodeURLComponent('${region:percentencode}')))), $region)
GROUP BY department
ORDER BY department

-- How many messages does each department get a day, and how many reach nobody? Columns: time, department, delivered, undeliverable.
SELECT
    toDateTime(day, 'Asia/Shanghai') AS time,
    department,
    sumIf(total, state = 'delivered') AS delivered,
    sumIf(total, state = 'undeliverable') AS undeliverable
FROM deliveries_per_day
WHERE day BETWEEN toDate32(toTimeZone($__fromTime, 'Asia/Shanghai')) AND toDate32(toTimeZone($__toTime, 'Asia/Shanghai'))
    AND $__conditionalAll(department IN splitByChar(',', trim(BOTH '{}' FROM decodeURLComponent('${department:percentencode}'))), $department)
GROUP BY day, department
ORDER BY day, department

-- What share of its deadlines does each department keep, a week? Columns: time, department, share.
SELECT toDateTime(toStartOfWeek(day, 1), 'Asia/Shanghai') AS time, department, sumIf(total, outcome = 'kept') / sum(total) AS share
FROM deadlines_per_day
WHERE day BETWEEN toDate32(toTimeZone($__fromTime, 'Asia/Shanghai')) AND toDate32(toTimeZone($__toTime, 'Asia/Shanghai'))
    AND $__conditionalAll(department IN splitByChar(',', trim(BOTH '{}' FROM decodeURLComponent('${department:percentencode}'))), $department)
    AND $__conditionalAll(domain IN splitByChar(',', trim(BOTH '{}' FROM decodeURLComponent('${domain:percentencode}'))), $domain)
    AND $__conditionalAll(toString(level) IN splitByChar(',', trim(BOTH '{}' FROM decodeURLComponent('${level:percentencode}'))), $level)
GROUP BY time, department
HAVING sum(total) > 0
ORDER BY time, department

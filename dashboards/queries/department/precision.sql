-- Of the warnings on which departments said whether they are true, how many were? Columns: department, confirmed, refuted, precision.
SELECT
    department,
    sumIf(total, finding = 'confirmed') AS confirmed,
    sumIf(total, finding = 'not-confirmed') AS refuted,
    if(confirmed + refuted = 0, NULL, confirmed / (confirmed + refuted)) AS precision
FROM warnings_by_department
WHERE day BETWEEN toDate32(toTimeZone($__fromTime, 'Asia/Shanghai')) AND toDate32(toTimeZone($__toTime, 'Asia/Shanghai')) AND status NOT IN ('withdrawn', 'quiet')
    AND $__conditionalAll(department IN splitByChar(',', trim(BOTH '{}' FROM decodeURLComponent('${department:percentencode}'))), $department)
    AND $__conditionalAll(domain IN splitByChar(',', trim(BOTH '{}' FROM decodeURLComponent('${domain:percentencode}'))), $domain)
    AND $__conditionalAll(toString(gravest) IN splitByChar(',', trim(BOTH '{}' FROM decodeURLComponent('${level:percentencode}'))), $level)
GROUP BY department
HAVING confirmed + refuted > 0
ORDER BY department

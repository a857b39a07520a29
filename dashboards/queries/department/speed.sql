-- How long does each department take to sign, answer and close, and how many deadlines has it kept and missed? Columns: department, kind, kept, missed, hours_taken.
SELECT department, kind, sumIf(total, outcome = 'kept') AS kept, sumIf(total, outcome = 'missed') AS missed, round(sum(seconds) / sum(total) / 3600, 1) AS hours_taken
FROM deadlines_per_day
WHERE day BETWEEN toDate32(toTimeZone($__fromTime, 'Asia/Shanghai')) AND toDate32(toTimeZone($__toTime, 'Asia/Shanghai'))
    AND $__conditionalAll(department IN splitByChar(',', trim(BOTH '{}' FROM decodeURLComponent('${department:percentencode}'))), $department)
    AND $__conditionalAll(domain IN splitByChar(',', trim(BOTH '{}' FROM decodeURLComponent('${domain:percentencode}'))), $domain)
    AND $__conditionalAll(toString(level) IN splitByChar(',', trim(BOTH '{}' FROM decodeURLComponent('${level:percentencode}'))), $level)
GROUP BY department, kind
HAVING sum(total) > 0
ORDER BY department, indexOf(['sign', 'feedback', 'close', 'judgement', 'transfer'], kind)

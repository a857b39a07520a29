-- How far have the warnings of the domain come? Columns: status, total.
SELECT status, sum(total) AS total
FROM warnings_per_day
WHERE day BETWEEN toDate32(toTimeZone($__fromTime, 'Asia/Shanghai')) AND toDate32(toTimeZone($__toTime, 'Asia/Shanghai')) AND NOT drawn
    AND $__conditionalAll(domain IN splitByChar(',', trim(BOTH '{}' FROM decodeURLComponent('${domain:percentencode}'))), $domain)
    AND $__conditionalAll(region IN arrayMap(one -> substring(one, 1, 6), splitByChar(',', trim(BOTH '{}' FROM decodeURLComponent('${region:percentencode}')))), $region)
    AND $__conditionalAll(toString(gravest) IN splitByChar(',', trim(BOTH '{}' FROM decodeURLComponent('${level:percentencode}'))), $level)
GROUP BY status
HAVING total != 0
ORDER BY total DESC, status

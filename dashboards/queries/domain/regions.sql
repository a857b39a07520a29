-- In which counties does the domain have warnings, and what became of them? Columns: region, issued, open, closed, red.
SELECT
    region,
    sum(total) AS issued,
    sumIf(total, status NOT IN ('closed', 'cleared', 'withdrawn', 'quiet')) AS open,
    sumIf(total, status = 'closed') AS closed,
    sumIf(total, gravest = 'red') AS red
FROM warnings_per_day
WHERE day BETWEEN toDate32(toTimeZone($__fromTime, 'Asia/Shanghai')) AND toDate32(toTimeZone($__toTime, 'Asia/Shanghai')) AND status NOT IN ('withdrawn', 'quiet') AND NOT drawn
    AND $__conditionalAll(domain IN splitByChar(',', trim(BOTH '{}' FROM decodeURLComponent('${domain:percentencode}'))), $domain)
    AND $__conditionalAll(region IN arrayMap(one -> substring(one, 1, 6), splitByChar(',', trim(BOTH '{}' FROM decodeURLComponent('${region:percentencode}')))), $region)
    AND $__conditionalAll(toString(gravest) IN splitByChar(',', trim(BOTH '{}' FROM decodeURLComponent('${level:percentencode}'))), $level)
GROUP BY region
HAVING issued != 0
ORDER BY issued DESC, region

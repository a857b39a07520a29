-- How do the domains stand: warnings raised, open, and of them red? Columns: domain, issued, open, red.
SELECT
    domain,
    sum(total) AS issued,
    sumIf(total, status NOT IN ('closed', 'cleared', 'withdrawn', 'quiet')) AS open,
    sumIf(total, status NOT IN ('closed', 'cleared', 'withdrawn', 'quiet') AND level = 'red') AS red
FROM warnings_per_day
WHERE day BETWEEN toDate32(toTimeZone($__fromTime, 'Asia/Shanghai')) AND toDate32(toTimeZone($__toTime, 'Asia/Shanghai')) AND status NOT IN ('withdrawn', 'quiet') AND NOT drawn
    AND $__conditionalAll(region IN arrayMap(one -> substring(one, 1, 6), splitByChar(',', trim(BOTH '{}' FROM decodeURLComponent('${region:percentencode}')))), $region)
    AND $__conditionalAll(toString(gravest) IN splitByChar(',', trim(BOTH '{}' FROM decodeURLComponent('${level:percentencode}'))), $level)
GROUP BY domain
HAVING issued != 0
ORDER BY red DESC, open DESC, domain

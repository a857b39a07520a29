-- How many warnings does the domain raise a day, by level? Columns: time, red, orange, yellow, blue.
SELECT
    toDateTime(day, 'Asia/Shanghai') AS time,
    sumIf(total, gravest = 'red') AS red,
    sumIf(total, gravest = 'orange') AS orange,
    sumIf(total, gravest = 'yellow') AS yellow,
    sumIf(total, gravest = 'blue') AS blue
FROM warnings_per_day
WHERE day BETWEEN toDate32(toTimeZone($__fromTime, 'Asia/Shanghai')) AND toDate32(toTimeZone($__toTime, 'Asia/Shanghai')) AND status NOT IN ('withdrawn', 'quiet') AND NOT drawn
    AND $__conditionalAll(domain IN splitByChar(',', trim(BOTH '{}' FROM decodeURLComponent('${domain:percentencode}'))), $domain)
    AND $__conditionalAll(region IN arrayMap(one -> substring(one, 1, 6), splitByChar(',', trim(BOTH '{}' FROM decodeURLComponent('${region:percentencode}')))), $region)
GROUP BY day
ORDER BY day

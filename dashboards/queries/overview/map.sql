-- Where are warnings raised, how grave are they, and how much happens there? Columns: region, warnings, red, orange, yellow, blue, events, subjects, index.
SELECT
    region,
    sum(raised[1]) AS warnings,
    sum(raised[2]) AS red,
    sum(raised[3]) AS orange,
    sum(raised[4]) AS yellow,
    sum(raised[5]) AS blue,
    sum(happened) AS events,
    sum(registered) AS subjects,
    round(100 * (1 - exp(-sum(points) * exp2(-(toUnixTimestamp($__toTime) - 1577836800) / 31536000) / 1000 / greatest(subjects, 1) / 100)), 3) AS index
FROM
(
    SELECT
        region,
        [sum(total), sumIf(total, gravest = 'red'), sumIf(total, gravest = 'orange'), sumIf(total, gravest = 'yellow'), sumIf(total, gravest = 'blue')] AS raised,
        toInt64(0) AS happened,
        toInt64(0) AS registered,
        toInt64(0) AS points
    FROM warnings_per_day
    WHERE day BETWEEN toDate32(toTimeZone($__fromTime, 'Asia/Shanghai')) AND toDate32(toTimeZone($__toTime, 'Asia/Shanghai')) AND status NOT IN ('withdrawn', 'quiet') AND NOT drawn
        AND $__conditionalAll(domain IN splitByChar(',', trim(BOTH '{}' FROM decodeURLComponent('${domain:percentencode}'))), $domain)
    GROUP BY region
    UNION ALL
    SELECT region, [], sum(total), 0, 0 FROM events_by_region WHERE day BETWEEN toDate32(toTimeZone($__fromTime, 'Asia/Shanghai')) AND toDate32(toTimeZone($__toTime, 'Asia/Shanghai')) GROUP BY region
    UNION ALL
    SELECT region, [], 0, sum(total), 0 FROM subjects_by_place WHERE scope = 'subject' GROUP BY region
    UNION ALL
    SELECT region, [], 0, 0, sum(penalties + inspections + complaints + judgments + listings + opinions + warnings) FROM risk_by_region WHERE day <= toDate32(toTimeZone($__toTime, 'Asia/Shanghai')) GROUP BY region
)
WHERE region != ''
    AND $__conditionalAll(region IN arrayMap(one -> substring(one, 1, 6), splitByChar(',', trim(BOTH '{}' FROM decodeURLComponent('${region:percentencode}')))), $region)
GROUP BY region
HAVING warnings != 0 OR events != 0 OR subjects != 0
ORDER BY warnings DESC, region

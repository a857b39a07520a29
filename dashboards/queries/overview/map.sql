-- Where are warnings raised, how grave are they, and how much happens there? Columns: region, warnings, red, orange, yellow, blue, events, subjects, index.
WITH
    w AS
    (
        SELECT
            region,
            sum(total) AS warnings,
            sumIf(total, gravest = 'red') AS red,
            sumIf(total, gravest = 'orange') AS orange,
            sumIf(total, gravest = 'yellow') AS yellow,
            sumIf(total, gravest = 'blue') AS blue
        FROM warnings_per_day
        WHERE day BETWEEN toDate32(toTimeZone($__fromTime, 'Asia/Shanghai')) AND toDate32(toTimeZone($__toTime, 'Asia/Shanghai')) AND status NOT IN ('withdrawn', 'quiet') AND NOT drawn
            AND $__conditionalAll(domain IN splitByChar(',', trim(BOTH '{}' FROM decodeURLComponent('${domain:percentencode}'))), $domain)
        GROUP BY region
    ),
    e AS (SELECT region, sum(total) AS events FROM events_by_region WHERE day BETWEEN toDate32(toTimeZone($__fromTime, 'Asia/Shanghai')) AND toDate32(toTimeZone($__toTime, 'Asia/Shanghai')) GROUP BY region),
    s AS (SELECT region, sum(total) AS subjects FROM subjects_by_place WHERE scope = 'subject' GROUP BY region),
    r AS
    (
        SELECT region, sum(penalties + inspections + complaints + judgments + listings + opinions + warnings)
            * exp2(-(toUnixTimestamp($__toTime) - 1577836800) / 31536000) / 1000 AS points
        FROM risk_by_region
        WHERE day <= toDate32(toTimeZone($__toTime, 'Asia/Shanghai'))
        GROUP BY region
    )
SELECT
    region,
    sum(w.warnings) AS warnings,
    sum(w.red) AS red,
    sum(w.orange) AS orange,
    sum(w.yellow) AS yellow,
    sum(w.blue) AS blue,
    sum(e.events) AS events,
    sum(s.subjects) AS subjects,
    round(100 * (1 - exp(-sum(r.points) / greatest(subjects, 1) / 100)), 3) AS index
FROM (SELECT region FROM w UNION DISTINCT SELECT region FROM e UNION DISTINCT SELECT region FROM s) AS places
LEFT JOIN w USING (region)
LEFT JOIN e USING (region)
LEFT JOIN s USING (region)
LEFT JOIN r USING (region)
WHERE region != ''
    AND $__conditionalAll(region IN arrayMap(one -> substring(one, 1, 6), splitByChar(',', trim(BOTH '{}' FROM decodeURLComponent('${region:percentencode}')))), $region)
GROUP BY region
ORDER BY warnings DESC, region

-- Which industries have the highest risk, and with what warnings and events? Columns: industry, index, points, subjects, warnings, red, events.
WITH
    r AS
    (
        SELECT industry, sum(penalties + inspections + complaints + judgments + listings + opinions + warnings)
            * exp2(-(toUnixTimestamp($__toTime) - 1577836800) / 31536000) / 1000 AS points
        FROM risk_by_industry
        WHERE day <= toDate32(toTimeZone($__toTime, 'Asia/Shanghai'))
        GROUP BY industry
    ),
    s AS (SELECT industry, sum(total) AS subjects FROM subjects_by_place WHERE scope = 'subject' GROUP BY industry),
    w AS
    (
        SELECT industry, sum(total) AS warnings, sumIf(total, gravest = 'red') AS red
        FROM warnings_per_day
        WHERE day BETWEEN toDate32(toTimeZone($__fromTime, 'Asia/Shanghai')) AND toDate32(toTimeZone($__toTime, 'Asia/Shanghai')) AND status NOT IN ('withdrawn', 'quiet') AND NOT drawn
        GROUP BY industry
    ),
    e AS (SELECT industry, sum(total) AS events FROM events_by_industry WHERE day BETWEEN toDate32(toTimeZone($__fromTime, 'Asia/Shanghai')) AND toDate32(toTimeZone($__toTime, 'Asia/Shanghai')) GROUP BY industry)
SELECT
    industry,
    round(100 * (1 - exp(-sum(r.points) / greatest(subjects, 1) / 100)), 3) AS index,
    round(sum(r.points), 1) AS points,
    sum(s.subjects) AS subjects,
    sum(w.warnings) AS warnings,
    sum(w.red) AS red,
    sum(e.events) AS events
FROM r
LEFT JOIN s USING (industry)
LEFT JOIN w USING (industry)
LEFT JOIN e USING (industry)
WHERE industry != ''
GROUP BY industry
ORDER BY index DESC, industry
LIMIT 20

-- Which industries have the highest risk, and with what warnings and events? Columns: industry, index, points, subjects, warnings, red, events.
SELECT
    industry,
    round(100 * (1 - exp(-sum(stored) * exp2(-(toUnixTimestamp($__toTime) - 1577836800) / 31536000) / 1000 / greatest(subjects, 1) / 100)), 3) AS index,
    round(sum(stored) * exp2(-(toUnixTimestamp($__toTime) - 1577836800) / 31536000) / 1000, 1) AS points,
    sum(registered) AS subjects,
    sum(raised) AS warnings,
    sum(gravely) AS red,
    sum(happened) AS events
FROM
(
    SELECT industry, sum(penalties + inspections + complaints + judgments + listings + opinions + warnings) AS stored, toInt64(0) AS registered, toInt64(0) AS raised, toInt64(0) AS gravely, toInt64(0) AS happened
    FROM risk_by_industry
    WHERE day <= toDate32(toTimeZone($__toTime, 'Asia/Shanghai'))
    GROUP BY industry
    UNION ALL
    SELECT industry, 0, sum(total), 0, 0, 0 FROM subjects_by_place WHERE scope = 'subject' GROUP BY industry
    UNION ALL
    SELECT industry, 0, 0, sum(total), sumIf(total, gravest = 'red'), 0
    FROM warnings_per_day
    WHERE day BETWEEN toDate32(toTimeZone($__fromTime, 'Asia/Shanghai')) AND toDate32(toTimeZone($__toTime, 'Asia/Shanghai')) AND status NOT IN ('withdrawn', 'quiet') AND NOT drawn
    GROUP BY industry
    UNION ALL
    SELECT industry, 0, 0, 0, 0, sum(total) FROM events_by_industry WHERE day BETWEEN toDate32(toTimeZone($__fromTime, 'Asia/Shanghai')) AND toDate32(toTimeZone($__toTime, 'Asia/Shanghai')) GROUP BY industry
)
WHERE industry != ''
GROUP BY industry
HAVING sum(stored) != 0
ORDER BY index DESC, industry
LIMIT 20

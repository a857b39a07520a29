-- What happened to the subject, event by event and warning by warning, the latest first? Columns: time, kind, what, level, detail, event, warning.
SELECT time, kind, what, level, detail, event, warning
FROM
(
    SELECT time, 'event' AS kind, toString(any(stream)) AS what, '' AS level, any(detail) AS detail, id AS event, '' AS warning
    FROM events_by_key
    WHERE key = trim(BOTH '{}' FROM decodeURLComponent('${subject:percentencode}')) AND $__timeFilter(time)
    GROUP BY key, time, id, partition, offset
    HAVING sum(sign) > 0
    UNION ALL
    SELECT clock AS time, 'warning' AS kind, title AS what, toString(level) AS level, reason AS detail, '' AS event, warning
    FROM warnings
    WHERE key = trim(BOTH '{}' FROM decodeURLComponent('${subject:percentencode}')) AND scope = 'subject' AND $__timeFilter(clock)
)
ORDER BY time DESC, kind, event, warning
LIMIT 500

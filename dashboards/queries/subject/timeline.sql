-- What happened to the subject, its devices and its places, event by event and warning by warning, the newest 500 first? Columns: time, kind, what, level, name, detail, event, warning.
WITH own AS
(
    SELECT trim(BOTH '{}' FROM decodeURLComponent('${subject:percentencode}')) AS key, 'subject' AS scope, '' AS name
    UNION ALL
    SELECT p.key AS key, toString(p.scope) AS scope, if(argMax(p.name, p.version) = '', p.key, argMax(p.name, p.version)) AS name
    FROM profiles AS p
    WHERE p.scope IN ('device', 'place') AND p.owner = trim(BOTH '{}' FROM decodeURLComponent('${subject:percentencode}')) AND p.owner != ''
    GROUP BY p.scope, p.key
    HAVING sum(p.sign) > 0
)
SELECT t.time AS time, t.kind AS kind, t.what AS what, t.level AS level, o.name AS name, t.detail AS detail, t.event AS event, t.warning AS warning
FROM
(
    SELECT key, toString(any(e.scope)) AS scope, time, 'event' AS kind, toString(any(e.stream)) AS what, '' AS level, any(e.detail) AS detail, id AS event, '' AS warning
    FROM events_by_key AS e
    WHERE (e.key, e.scope) GLOBAL IN (SELECT key, scope FROM own) AND $__timeFilter(time)
    GROUP BY key, time, id, partition, offset
    HAVING sum(sign) > 0
    UNION ALL
    SELECT
        key,
        toString(w.scope) AS scope,
        clock AS time,
        if(w.warning GLOBAL IN (SELECT warning FROM cases WHERE joint AND (key, scope) GLOBAL IN (SELECT key, scope FROM own)), 'joint', 'warning') AS kind,
        title AS what,
        toString(w.level) AS level,
        reason AS detail,
        '' AS event,
        w.warning AS warning
    FROM warnings AS w
    WHERE (w.key, w.scope) GLOBAL IN (SELECT key, scope FROM own) AND $__timeFilter(clock)
) AS t
LEFT JOIN own AS o ON o.key = t.key AND o.scope = t.scope
ORDER BY time DESC, kind, event, warning
LIMIT 500

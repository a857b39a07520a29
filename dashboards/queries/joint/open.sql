-- Which joint inspections are under way? Columns: raised, title, name, key, region, status, lead, departments, items, drawn, due, warning.
WITH d AS
(
    SELECT warning, min(due) AS due
    FROM (SELECT warning, due FROM open_deadlines WHERE kind = 'close' GROUP BY department, due, warning, kind, version, began HAVING sum(total) > 0)
    GROUP BY warning
)
SELECT
    c.raised AS raised,
    c.title AS title,
    c.name AS name,
    c.key AS key,
    c.region AS region,
    c.status AS status,
    c.lead AS lead,
    arrayStringConcat(c.departments, ', ') AS departments,
    arrayStringConcat(c.items, ', ') AS items,
    c.drawn AS drawn,
    d.due AS due,
    c.warning AS warning
FROM
(
    SELECT
        warning,
        any(raised) AS raised,
        any(title) AS title,
        any(name) AS name,
        any(key) AS key,
        any(region) AS region,
        any(status) AS status,
        any(lead) AS lead,
        any(departments) AS departments,
        any(items) AS items,
        any(drawn) AS drawn
    FROM open_cases AS o
    WHERE o.joint
        AND $__conditionalAll(substring(o.region, 1, 6) IN arrayMap(one -> substring(one, 1, 6), splitByChar(',', trim(BOTH '{}' FROM decodeURLComponent('${region:percentencode}')))), $region)
    GROUP BY warning, version
    HAVING sum(total) > 0
) AS c
LEFT JOIN d ON d.warning = c.warning
WHERE $__conditionalAll(hasAny(c.departments, splitByChar(',', trim(BOTH '{}' FROM decodeURLComponent('${department:percentencode}')))), $department)
ORDER BY raised DESC, warning
LIMIT 200

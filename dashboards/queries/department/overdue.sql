-- Which deadlines are overdue, the longest first? Columns: due, department, kind, level, title, name, model, warning.
SELECT d.due AS due, d.department AS department, d.kind AS kind, toString(d.level) AS level, c.title AS title, c.name AS name, d.model AS model, d.warning AS warning
FROM
(
    SELECT due, department, kind, level, model, warning
    FROM
    (
        SELECT department, kind, warning, version, due, any(frozen) AS frozen, any(level) AS level, any(model) AS model
        FROM open_deadlines
        WHERE $__conditionalAll(department IN splitByChar(',', trim(BOTH '{}' FROM decodeURLComponent('${department:percentencode}'))), $department)
            AND $__conditionalAll(domain IN splitByChar(',', trim(BOTH '{}' FROM decodeURLComponent('${domain:percentencode}'))), $domain)
        GROUP BY department, due, warning, kind, version, began
        HAVING sum(total) > 0
    )
    WHERE due < ifNull(frozen, now64(3))
        AND $__conditionalAll(toString(level) IN splitByChar(',', trim(BOTH '{}' FROM decodeURLComponent('${level:percentencode}'))), $level)
    ORDER BY due, warning, department, kind
    LIMIT 200
) AS d
LEFT JOIN (SELECT warning, any(title) AS title, any(name) AS name FROM open_cases GROUP BY warning, version HAVING sum(total) > 0) AS c ON c.warning = d.warning
ORDER BY due, warning, department, kind
LIMIT 200

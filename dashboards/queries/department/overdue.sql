-- Which deadlines are overdue, the longest first? Columns: due, department, kind, level, model, warning.
SELECT due, department, kind, toString(level) AS level, model, warning
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
ORDER BY due, warning, department, kind
LIMIT 200

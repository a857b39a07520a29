-- How many warnings must each department still act on, and how many of them are overdue? Columns: department, open, overdue, red.
WITH
    o AS
    (
        SELECT arrayJoin(departments) AS department, uniqExact(warning) AS open, uniqExactIf(warning, level = 'red') AS red
        FROM
        (
            SELECT warning, any(departments) AS departments, any(level) AS level
            FROM open_cases AS o
            WHERE status != 'withheld'
                AND $__conditionalAll(toString(o.level) IN splitByChar(',', trim(BOTH '{}' FROM decodeURLComponent('${level:percentencode}'))), $level)
                AND $__conditionalAll(domain IN splitByChar(',', trim(BOTH '{}' FROM decodeURLComponent('${domain:percentencode}'))), $domain)
            GROUP BY warning, version
            HAVING sum(total) > 0
        )
        GROUP BY department
    ),
    d AS
    (
        SELECT department, uniqExact(warning) AS overdue
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
        GROUP BY department
    )
SELECT department, sum(o.open) AS open, sum(d.overdue) AS overdue, sum(o.red) AS red
FROM (SELECT department FROM o UNION DISTINCT SELECT department FROM d) AS names
LEFT JOIN o USING (department)
LEFT JOIN d USING (department)
WHERE $__conditionalAll(department IN splitByChar(',', trim(BOTH '{}' FROM decodeURLComponent('${department:percentencode}'))), $department)
GROUP BY department
ORDER BY overdue DESC, open DESC, department

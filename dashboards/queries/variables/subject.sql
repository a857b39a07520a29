-- Which subjects have warnings that stand, the gravest first? For who does not know the code of a subject. Columns: __text, __value.
SELECT concat(if(label = '', code, label), ' ', code) AS __text, code AS __value
FROM
(
    SELECT key AS code, max(name) AS label, max(grade) AS gravest, max(raised) AS latest
    FROM
    (
        SELECT key, any(name) AS name, any(raised) AS raised, any(toInt8(level)) AS grade
        FROM open_cases AS c
        WHERE c.scope = 'subject'
            AND $__conditionalAll(substring(c.region, 1, 6) IN arrayMap(one -> substring(one, 1, 6), splitByChar(',', trim(BOTH '{}' FROM decodeURLComponent('${region:percentencode}')))), $region)
        GROUP BY key, warning, version
        HAVING sum(total) > 0
    )
    GROUP BY key
    ORDER BY gravest DESC, latest DESC, code
    LIMIT 500
)
ORDER BY gravest DESC, latest DESC, code

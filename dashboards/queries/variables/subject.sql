-- Whose risk is highest now? For who looks for a subject without knowing its code. Columns: __text, __value.
SELECT concat(if(p.name = '', r.key, p.name), ' ', r.key) AS __text, r.key AS __value
FROM
(
    SELECT key, sum(penalties + inspections + complaints + judgments + listings + opinions + warnings) AS points
    FROM risk_by_subject
    WHERE $__conditionalAll(region IN arrayMap(one -> substring(one, 1, 6), splitByChar(',', trim(BOTH '{}' FROM decodeURLComponent('${region:percentencode}')))), $region)
    GROUP BY key
    ORDER BY points DESC, key
    LIMIT 200
) AS r
LEFT JOIN
(
    SELECT key, argMax(name, version) AS name
    FROM profiles
    WHERE scope = 'subject' AND key IN
    (
        SELECT key
        FROM risk_by_subject
        WHERE $__conditionalAll(region IN arrayMap(one -> substring(one, 1, 6), splitByChar(',', trim(BOTH '{}' FROM decodeURLComponent('${region:percentencode}')))), $region)
        GROUP BY key
        ORDER BY sum(penalties + inspections + complaints + judgments + listings + opinions + warnings) DESC, key
        LIMIT 200
    )
    GROUP BY key
) AS p ON p.key = r.key
ORDER BY r.points DESC, r.key

-- Which warnings has the subject had, and what became of them? Columns: raised, title, gravest, status, finding, lead, warning.
SELECT
    any(raised) AS raised,
    any(title) AS title,
    toString(any(gravest)) AS gravest,
    any(status) AS status,
    any(finding) AS finding,
    any(lead) AS lead,
    warning
FROM cases
WHERE key = trim(BOTH '{}' FROM decodeURLComponent('${subject:percentencode}')) AND scope = 'subject'
GROUP BY warning, version
HAVING sum(sign) > 0
ORDER BY raised DESC, warning
LIMIT 200

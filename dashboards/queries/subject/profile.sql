-- What does the registry say of the subject? Columns: key, name, kind, region, industry, domains, tags, credit, state, since.
SELECT
    key,
    argMax(name, version) AS name,
    argMax(kind, version) AS kind,
    argMax(region, version) AS region,
    argMax(industry, version) AS industry,
    arrayStringConcat(argMax(domains, version), ', ') AS domains,
    arrayStringConcat(argMax(tags, version), '、') AS tags,
    argMax(credit, version) AS credit,
    argMax(status, version) AS state,
    max(since) AS since
FROM profiles
WHERE scope = 'subject' AND key = trim(BOTH '{}' FROM decodeURLComponent('${subject:percentencode}'))
GROUP BY key
HAVING sum(sign) > 0
LIMIT 1

-- Which warnings are the gravest that stand, the latest first? Columns: raised, level, title, name, key, device, region, domain, status, lead, warning.
SELECT
    any(raised) AS raised,
    toString(any(level)) AS level,
    any(title) AS title,
    if(any(c.name) = '', any(c.key), any(c.name)) AS name,
    if(any(scope) = 'subject', any(c.key), '') AS key,
    if(any(scope) = 'device', any(c.key), '') AS device,
    any(region) AS region,
    any(domain) AS domain,
    any(status) AS status,
    any(lead) AS lead,
    warning
FROM open_cases AS c
WHERE c.level != 'none' AND NOT c.drawn
    AND $__conditionalAll(c.domain IN splitByChar(',', trim(BOTH '{}' FROM decodeURLComponent('${domain:percentencode}'))), $domain)
    AND $__conditionalAll(substring(c.region, 1, 6) IN arrayMap(one -> substring(one, 1, 6), splitByChar(',', trim(BOTH '{}' FROM decodeURLComponent('${region:percentencode}')))), $region)
    AND $__conditionalAll(toString(c.level) IN splitByChar(',', trim(BOTH '{}' FROM decodeURLComponent('${level:percentencode}'))), $level)
GROUP BY warning, version
HAVING sum(total) > 0
ORDER BY indexOf(['red', 'orange', 'yellow', 'blue'], level), raised DESC, warning
LIMIT 100

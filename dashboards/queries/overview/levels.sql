-- How many warnings stand now, by level? Columns: red, orange, yellow, blue.
SELECT
    countIf(level = 'red') AS red,
    countIf(level = 'orange') AS orange,
    countIf(level = 'yellow') AS yellow,
    countIf(level = 'blue') AS blue
FROM
(
    SELECT warning, version, any(level) AS level
    FROM open_cases AS c
    WHERE c.level != 'none' AND NOT c.drawn
        AND $__conditionalAll(c.domain IN splitByChar(',', trim(BOTH '{}' FROM decodeURLComponent('${domain:percentencode}'))), $domain)
        AND $__conditionalAll(substring(c.region, 1, 6) IN arrayMap(one -> substring(one, 1, 6), splitByChar(',', trim(BOTH '{}' FROM decodeURLComponent('${region:percentencode}')))), $region)
    GROUP BY warning, version
    HAVING sum(total) > 0
)

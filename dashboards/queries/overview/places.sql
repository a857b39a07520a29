-- Where do warnings stand now, down to the township, and how grave are they? Columns: region, warnings, grade, red, orange, yellow, blue.
SELECT
    region,
    count() AS warnings,
    toUInt8(max(level)) AS grade,
    countIf(level = 'red') AS red,
    countIf(level = 'orange') AS orange,
    countIf(level = 'yellow') AS yellow,
    countIf(level = 'blue') AS blue
FROM
(
    SELECT warning, version, any(level) AS level, any(region) AS region
    FROM open_cases AS c
    WHERE c.level != 'none' AND NOT c.drawn AND c.region != ''
        AND $__conditionalAll(c.domain IN splitByChar(',', trim(BOTH '{}' FROM decodeURLComponent('${domain:percentencode}'))), $domain)
        AND $__conditionalAll(substring(c.region, 1, 6) IN arrayMap(one -> substring(one, 1, 6), splitByChar(',', trim(BOTH '{}' FROM decodeURLComponent('${region:percentencode}')))), $region)
        AND $__conditionalAll(toString(c.level) IN splitByChar(',', trim(BOTH '{}' FROM decodeURLComponent('${level:percentencode}'))), $level)
    GROUP BY warning, version
    HAVING sum(total) > 0
)
GROUP BY region
ORDER BY region

-- Whom does the domain supervise, by credit class? Columns: credit, total.
SELECT if(credit = '', 'unknown', credit) AS credit, sum(total) AS total
FROM subjects_by_domain
WHERE $__conditionalAll(domain IN splitByChar(',', trim(BOTH '{}' FROM decodeURLComponent('${domain:percentencode}'))), $domain)
    AND $__conditionalAll(region IN arrayMap(one -> substring(one, 1, 6), splitByChar(',', trim(BOTH '{}' FROM decodeURLComponent('${region:percentencode}')))), $region)
GROUP BY credit
HAVING total != 0
ORDER BY credit

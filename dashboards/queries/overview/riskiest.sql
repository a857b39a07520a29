-- Which subjects have the highest risk index, and from what does it come? Of what happened in the regions that are chosen, of subjects that the domains supervise. Columns: key, name, region, industry, credit, index, penalties, inspections, complaints, judgments, listings, opinions, warnings.
WITH exp2(-(toUnixTimestamp($__toTime) - 1577836800) / 31536000) / 1000 AS worth
SELECT
    r.key AS key,
    argMax(p.name, p.version) AS name,
    argMax(p.region, p.version) AS region,
    argMax(p.industry, p.version) AS industry,
    argMax(p.credit, p.version) AS credit,
    round(100 * (1 - exp(-toFloat64(any(r.stored)) * worth / 100)), 3) AS index,
    round(any(r.penalties) * worth, 1) AS penalties,
    round(any(r.inspections) * worth, 1) AS inspections,
    round(any(r.complaints) * worth, 1) AS complaints,
    round(any(r.judgments) * worth, 1) AS judgments,
    round(any(r.listings) * worth, 1) AS listings,
    round(any(r.opinions) * worth, 1) AS opinions,
    round(any(r.warnings) * worth, 1) AS warnings
FROM (SELECT key, version, name, region, industry, credit FROM profiles WHERE scope = 'subject') AS p
RIGHT JOIN
(
    SELECT
        key,
        sum(s.penalties) AS penalties,
        sum(s.inspections) AS inspections,
        sum(s.complaints) AS complaints,
        sum(s.judgments) AS judgments,
        sum(s.listings) AS listings,
        sum(s.opinions) AS opinions,
        sum(s.warnings) AS warnings,
        penalties + inspections + complaints + judgments + listings + opinions + warnings AS stored
    FROM risk_by_subject AS s
    WHERE $__conditionalAll(s.region IN arrayMap(one -> substring(one, 1, 6), splitByChar(',', trim(BOTH '{}' FROM decodeURLComponent('${region:percentencode}')))), $region)
        AND $__conditionalAll(key GLOBAL IN (SELECT key FROM profiles WHERE scope = 'subject' AND hasAny(domains, splitByChar(',', trim(BOTH '{}' FROM decodeURLComponent('${domain:percentencode}')))) GROUP BY key, version HAVING sum(sign) > 0), $domain)
    GROUP BY key
    HAVING stored > 0
    ORDER BY stored DESC, key
    LIMIT 50
) AS r ON p.key = r.key
GROUP BY key
ORDER BY index DESC, key
LIMIT 50

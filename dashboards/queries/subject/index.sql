-- How high is the risk index of the subject, of how many points, and how many of its warnings stand? Columns: index, points, open.
WITH
    (SELECT toFloat64(sum(penalties + inspections + complaints + judgments + listings + opinions + warnings)) FROM risk_by_subject WHERE key = trim(BOTH '{}' FROM decodeURLComponent('${subject:percentencode}'))) AS stored,
    (
        SELECT count()
        FROM (SELECT warning FROM cases WHERE key = trim(BOTH '{}' FROM decodeURLComponent('${subject:percentencode}')) AND scope = 'subject' AND status NOT IN ('closed', 'cleared', 'withdrawn', 'quiet') GROUP BY warning, version HAVING sum(sign) > 0)
    ) AS standing
SELECT
    round(100 * (1 - exp(-points / 100)), 1) AS index,
    round(stored * exp2(-(toUnixTimestamp($__toTime) - 1577836800) / 31536000) / 1000, 1) AS points,
    standing AS open

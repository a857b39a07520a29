-- From what does the risk of the industries with the highest come? Points a registered subject. Columns: industry, penalties, inspections, complaints, judgments, listings, opinions, warnings.
WITH exp2(-(toUnixTimestamp($__toTime) - 1577836800) / 31536000) / 1000 AS worth
SELECT
    industry,
    round(sum(stored[1]) * worth / greatest(sum(registered), 1), 3) AS penalties,
    round(sum(stored[2]) * worth / greatest(sum(registered), 1), 3) AS inspections,
    round(sum(stored[3]) * worth / greatest(sum(registered), 1), 3) AS complaints,
    round(sum(stored[4]) * worth / greatest(sum(registered), 1), 3) AS judgments,
    round(sum(stored[5]) * worth / greatest(sum(registered), 1), 3) AS listings,
    round(sum(stored[6]) * worth / greatest(sum(registered), 1), 3) AS opinions,
    round(sum(stored[7]) * worth / greatest(sum(registered), 1), 3) AS warnings
FROM
(
    SELECT
        industry,
        [sum(penalties), sum(inspections), sum(complaints), sum(judgments), sum(listings), sum(opinions), sum(warnings)] AS stored,
        toInt64(0) AS registered
    FROM risk_by_industry
    WHERE day <= toDate32(toTimeZone($__toTime, 'Asia/Shanghai'))
    GROUP BY industry
    UNION ALL
    SELECT industry, [], sum(total) FROM subjects_by_place WHERE scope = 'subject' GROUP BY industry
)
WHERE industry != ''
GROUP BY industry
HAVING sum(arraySum(stored)) > 0
ORDER BY sum(arraySum(stored)) / greatest(sum(registered), 1) DESC, industry
LIMIT 20

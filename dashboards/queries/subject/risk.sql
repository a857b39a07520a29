-- How high is the risk of the subject, and from what does it come? Columns: component, points.
SELECT component, round(points * exp2(-(toUnixTimestamp($__toTime) - 1577836800) / 31536000) / 1000, 3) AS points
FROM
(
    SELECT
        ['penalties', 'inspections', 'complaints', 'judgments', 'listings', 'opinions', 'warnings'] AS components,
        [sum(penalties), sum(inspections), sum(complaints), sum(judgments), sum(listings), sum(opinions), sum(warnings)] AS sums
    FROM risk_by_subject
    WHERE key = trim(BOTH '{}' FROM decodeURLComponent('${subject:percentencode}'))
)
ARRAY JOIN components AS component, sums AS points
ORDER BY points DESC, component

-- How has the credit class of the subject changed, and why? Columns: time, credit, kind, reason.
SELECT
    time,
    any(JSONExtractString(data, 'credit')) AS credit,
    any(if(stream = 'registration', 'registration', JSONExtractString(data, 'kind'))) AS kind,
    any(JSONExtractString(data, 'reason')) AS reason
FROM registry
WHERE scope = 'subject' AND key = trim(BOTH '{}' FROM decodeURLComponent('${subject:percentencode}'))
    AND (stream = 'credit-change' OR JSONExtractString(data, 'credit') != '')
GROUP BY time, id, offset
HAVING sum(sign) > 0
ORDER BY time, id

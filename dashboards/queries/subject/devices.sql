-- Which devices does the subject have, and do they speak? Columns: device, name, metrics, latest, readings, bad_share.
SELECT
    d.device AS device,
    d.name AS name,
    r.metrics AS metrics,
    if(r.readings = 0, NULL, r.latest) AS latest,
    r.readings AS readings,
    if(r.readings = 0, NULL, r.bad / r.readings) AS bad_share
FROM
(
    SELECT key AS device, argMax(name, version) AS name
    FROM profiles
    WHERE scope = 'device' AND owner = trim(BOTH '{}' FROM decodeURLComponent('${subject:percentencode}'))
    GROUP BY key
    HAVING sum(sign) > 0
) AS d
LEFT JOIN
(
    SELECT device, arrayStringConcat(arraySort(groupUniqArray(metric)), '、') AS metrics, max(latest) AS latest, sum(samples) AS readings, sum(bad) AS bad
    FROM readings_per_hour
    WHERE $__timeFilter(hour)
        AND device GLOBAL IN (SELECT key FROM profiles WHERE scope = 'device' AND owner = trim(BOTH '{}' FROM decodeURLComponent('${subject:percentencode}')))
    GROUP BY device
) AS r ON r.device = d.device
ORDER BY latest ASC NULLS FIRST, device
LIMIT 200

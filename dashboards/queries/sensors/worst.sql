-- Which devices send the largest share of bad readings? Columns: device, metric, bad, readings, bad_share.
SELECT device, metric, sum(bad) AS bad, sum(samples) AS readings, bad / readings AS bad_share
FROM readings_per_hour
WHERE $__timeFilter(hour)
    AND $__conditionalAll(region IN arrayMap(one -> substring(one, 1, 6), splitByChar(',', trim(BOTH '{}' FROM decodeURLComponent('${region:percentencode}')))), $region)
    AND $__conditionalAll(metric IN splitByChar(',', trim(BOTH '{}' FROM decodeURLComponent('${metric:percentencode}'))), $metric)
    AND $__conditionalAll(device IN splitByChar(',', trim(BOTH '{}' FROM decodeURLComponent('${device:percentencode}'))), $device)
GROUP BY device, metric
HAVING bad > 0
ORDER BY bad_share DESC, readings DESC, device, metric
LIMIT 50

-- How does each metric run, over all devices? Columns: time, metric, mean, lowest, highest.
SELECT
    $__timeInterval(hour) AS time,
    metric,
    toFloat64(sum(total)) / sum(valued) AS mean,
    min(lowest) AS lowest,
    max(highest) AS highest
FROM readings_per_hour
WHERE $__timeFilter(hour)
    AND $__conditionalAll(region IN arrayMap(one -> substring(one, 1, 6), splitByChar(',', trim(BOTH '{}' FROM decodeURLComponent('${region:percentencode}')))), $region)
    AND $__conditionalAll(metric IN splitByChar(',', trim(BOTH '{}' FROM decodeURLComponent('${metric:percentencode}'))), $metric)
    AND $__conditionalAll(device IN splitByChar(',', trim(BOTH '{}' FROM decodeURLComponent('${device:percentencode}'))), $device)
GROUP BY time, metric
HAVING sum(valued) > 0
ORDER BY time, metric

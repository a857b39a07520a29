-- Which devices have fallen silent: sent in the span, and nothing for the last six hours of it? Columns: device, latest, readings, hours.
SELECT
    device,
    max(latest) AS latest,
    sum(samples) AS readings,
    dateDiff('hour', latest, $__toTime) AS hours
FROM readings_per_hour
WHERE $__timeFilter(hour)
    AND $__conditionalAll(region IN arrayMap(one -> substring(one, 1, 6), splitByChar(',', trim(BOTH '{}' FROM decodeURLComponent('${region:percentencode}')))), $region)
    AND $__conditionalAll(metric IN splitByChar(',', trim(BOTH '{}' FROM decodeURLComponent('${metric:percentencode}'))), $metric)
    AND $__conditionalAll(device IN splitByChar(',', trim(BOTH '{}' FROM decodeURLComponent('${device:percentencode}'))), $device)
GROUP BY device
HAVING latest < $__toTime - INTERVAL 6 HOUR
ORDER BY latest, device
LIMIT 100

-- How many readings come an hour, and how many of them are bad or recognise something? Columns: time, readings, bad, findings.
SELECT $__timeInterval(hour) AS time, sum(samples) AS readings, sum(bad) AS bad, sum(findings) AS findings
FROM readings_per_hour
WHERE $__timeFilter(hour)
    AND $__conditionalAll(region IN arrayMap(one -> substring(one, 1, 6), splitByChar(',', trim(BOTH '{}' FROM decodeURLComponent('${region:percentencode}')))), $region)
    AND $__conditionalAll(metric IN splitByChar(',', trim(BOTH '{}' FROM decodeURLComponent('${metric:percentencode}'))), $metric)
    AND $__conditionalAll(device IN splitByChar(',', trim(BOTH '{}' FROM decodeURLComponent('${device:percentencode}'))), $device)
GROUP BY time
ORDER BY time

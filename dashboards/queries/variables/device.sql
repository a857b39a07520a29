-- Which devices have sent readings, those with the most bad ones first? Columns: device.
SELECT device
FROM readings_per_hour
WHERE $__timeFilter(hour)
    AND $__conditionalAll(region IN arrayMap(one -> substring(one, 1, 6), splitByChar(',', trim(BOTH '{}' FROM decodeURLComponent('${region:percentencode}')))), $region)
    AND $__conditionalAll(metric IN splitByChar(',', trim(BOTH '{}' FROM decodeURLComponent('${metric:percentencode}'))), $metric)
GROUP BY device
ORDER BY sum(bad) DESC, device
LIMIT 500

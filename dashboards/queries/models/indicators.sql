-- What figures do the indicators of a model have when its warnings change? Columns: time, model, indicator, mean, lowest, highest.
SELECT toDateTime(day, 'Asia/Shanghai') AS time, model, indicator, toFloat64(sum(total)) / sum(samples) AS mean, min(lowest) AS lowest, max(highest) AS highest
FROM indicators_per_day
WHERE day BETWEEN toDate32(toTimeZone($__fromTime, 'Asia/Shanghai')) AND toDate32(toTimeZone($__toTime, 'Asia/Shanghai'))
    AND $__conditionalAll(model IN splitByChar(',', trim(BOTH '{}' FROM decodeURLComponent('${model:percentencode}'))), $model)
    AND $__conditionalAll(region IN arrayMap(one -> substring(one, 1, 6), splitByChar(',', trim(BOTH '{}' FROM decodeURLComponent('${region:percentencode}')))), $region)
GROUP BY day, model, indicator
ORDER BY day, model, indicator

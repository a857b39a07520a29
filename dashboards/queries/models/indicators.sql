-- What figures do the indicators have when warnings change, of the ten that change most? Columns: time, model, indicator, mean, lowest, highest.
SELECT toDateTime(day, 'Asia/Shanghai') AS time, model, indicator, toFloat64(sum(total)) / sum(samples) AS mean, min(lowest) AS lowest, max(highest) AS highest
FROM indicators_per_day
WHERE day BETWEEN toDate32(toTimeZone($__fromTime, 'Asia/Shanghai')) AND toDate32(toTimeZone($__toTime, 'Asia/Shanghai'))
    AND $__conditionalAll(model IN splitByChar(',', trim(BOTH '{}' FROM decodeURLComponent('${model:percentencode}'))), $model)
    AND (model, indicator) GLOBAL IN
    (
        SELECT model, indicator
        FROM indicators_per_day
        WHERE day BETWEEN toDate32(toTimeZone($__fromTime, 'Asia/Shanghai')) AND toDate32(toTimeZone($__toTime, 'Asia/Shanghai'))
            AND $__conditionalAll(model IN splitByChar(',', trim(BOTH '{}' FROM decodeURLComponent('${model:percentencode}'))), $model)
        GROUP BY model, indicator
        ORDER BY sum(samples) DESC, model, indicator
        LIMIT 10
    )
GROUP BY day, model, indicator
ORDER BY day, model, indicator

-- How many warnings does each model raise a day? Columns: time, model, total.
SELECT toDateTime(day, 'Asia/Shanghai') AS time, model, sum(total) AS total
FROM warnings_by_model
WHERE day BETWEEN toDate32(toTimeZone($__fromTime, 'Asia/Shanghai')) AND toDate32(toTimeZone($__toTime, 'Asia/Shanghai')) AND status NOT IN ('withdrawn', 'quiet')
    AND $__conditionalAll(model IN splitByChar(',', trim(BOTH '{}' FROM decodeURLComponent('${model:percentencode}'))), $model)
GROUP BY day, model
HAVING total != 0
ORDER BY day, model

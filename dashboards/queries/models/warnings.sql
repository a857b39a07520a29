-- How many warnings do the models that raise the most raise a day, and all others together? Columns: time, model, total.
WITH busiest AS
(
    SELECT model
    FROM warnings_by_model
    WHERE day BETWEEN toDate32(toTimeZone($__fromTime, 'Asia/Shanghai')) AND toDate32(toTimeZone($__toTime, 'Asia/Shanghai')) AND status NOT IN ('withdrawn', 'quiet')
        AND $__conditionalAll(model IN splitByChar(',', trim(BOTH '{}' FROM decodeURLComponent('${model:percentencode}'))), $model)
    GROUP BY model
    ORDER BY sum(total) DESC, model
    LIMIT 12
)
SELECT toDateTime(day, 'Asia/Shanghai') AS time, if(w.model GLOBAL IN (SELECT model FROM busiest), toString(w.model), 'others') AS model, sum(w.total) AS total
FROM warnings_by_model AS w
WHERE day BETWEEN toDate32(toTimeZone($__fromTime, 'Asia/Shanghai')) AND toDate32(toTimeZone($__toTime, 'Asia/Shanghai')) AND status NOT IN ('withdrawn', 'quiet')
    AND $__conditionalAll(w.model IN splitByChar(',', trim(BOTH '{}' FROM decodeURLComponent('${model:percentencode}'))), $model)
GROUP BY day, model
HAVING total != 0
ORDER BY day, model

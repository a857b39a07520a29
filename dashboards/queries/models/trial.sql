-- What do models on trial say day by day at which level, and what do the live models of the same items say? Columns: time, item, kind, model, red, orange, yellow, blue.
WITH said AS
(
    SELECT
        toDate32(toTimeZone(c.raised, 'Asia/Shanghai')) AS day,
        c.item AS item,
        c.model AS model,
        c.gravest AS gravest,
        c.status AS status,
        c.sign AS sign,
        c.warning = substring(lower(hex(SHA256(concat('shadow\n', c.model, '\n', c.scope, ':', c.key, '\n', toString(toUnixTimestamp64Milli(c.raised)))))), 1, 32) AS on_trial
    FROM cases AS c
    WHERE NOT c.drawn AND toDate32(toTimeZone(c.raised, 'Asia/Shanghai')) BETWEEN toDate32(toTimeZone($__fromTime, 'Asia/Shanghai')) AND toDate32(toTimeZone($__toTime, 'Asia/Shanghai'))
)
SELECT
    toDateTime(day, 'Asia/Shanghai') AS time,
    item,
    if(on_trial, 'shadow', 'live') AS kind,
    model,
    sumIf(toInt64(sign), gravest = 'red') AS red,
    sumIf(toInt64(sign), gravest = 'orange') AS orange,
    sumIf(toInt64(sign), gravest = 'yellow') AS yellow,
    sumIf(toInt64(sign), gravest = 'blue') AS blue
FROM said
WHERE status != 'withdrawn' AND (on_trial OR status != 'quiet')
    AND item GLOBAL IN
    (
        SELECT item
        FROM said
        WHERE on_trial
            AND $__conditionalAll(model IN splitByChar(',', trim(BOTH '{}' FROM decodeURLComponent('${model:percentencode}'))), $model)
    )
    AND (NOT on_trial OR $__conditionalAll(model IN splitByChar(',', trim(BOTH '{}' FROM decodeURLComponent('${model:percentencode}'))), $model))
GROUP BY day, item, kind, model
HAVING red + orange + yellow + blue != 0
ORDER BY time DESC, item, kind DESC, model
LIMIT 500

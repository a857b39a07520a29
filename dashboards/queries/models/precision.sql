-- How often is each model right, with the 95 % interval of Wilson, how early, and what does it cost? Columns: model, issued, per_day, withdrawn, confirmed, refuted, judged, precision, low, high, hours_to_sign, harms, hours_of_lead.
SELECT
    model,
    sumIf(total, status NOT IN ('withdrawn', 'quiet')) AS issued,
    round(issued / (dateDiff('day', toTimeZone($__fromTime, 'Asia/Shanghai'), toTimeZone($__toTime, 'Asia/Shanghai')) + 1), 3) AS per_day,
    sumIf(total, status = 'withdrawn') AS withdrawn,
    sumIf(total, finding = 'confirmed' AND status NOT IN ('withdrawn', 'quiet')) AS confirmed,
    sumIf(total, finding = 'not-confirmed' AND status NOT IN ('withdrawn', 'quiet')) AS refuted,
    confirmed + refuted AS judged,
    if(judged = 0, NULL, round(confirmed / judged, 4)) AS precision,
    if(judged = 0, NULL, round((confirmed / judged + 1.920729 / judged - 1.959964 * sqrt((confirmed * refuted / judged + 0.960365) / judged / judged)) / (1 + 3.841459 / judged), 4)) AS low,
    if(judged = 0, NULL, round((confirmed / judged + 1.920729 / judged + 1.959964 * sqrt((confirmed * refuted / judged + 0.960365) / judged / judged)) / (1 + 3.841459 / judged), 4)) AS high,
    if(sum(signed) = 0, NULL, round(sum(sign_seconds) / sum(signed) / 3600, 1)) AS hours_to_sign,
    sum(harmed) AS harms,
    if(harms = 0, NULL, round(sum(lead_seconds) / harms / 3600, 1)) AS hours_of_lead
FROM warnings_by_model
WHERE day BETWEEN toDate32(toTimeZone($__fromTime, 'Asia/Shanghai')) AND toDate32(toTimeZone($__toTime, 'Asia/Shanghai'))
    AND $__conditionalAll(model IN splitByChar(',', trim(BOTH '{}' FROM decodeURLComponent('${model:percentencode}'))), $model)
GROUP BY model
HAVING sum(total) != 0
ORDER BY issued DESC, model

-- How many joint inspections are called for a day? Columns: time, tasks.
SELECT toDateTime(day, 'Asia/Shanghai') AS time, sum(total) AS tasks
FROM warnings_per_day
WHERE joint AND status NOT IN ('withdrawn', 'quiet') AND day BETWEEN toDate32(toTimeZone($__fromTime, 'Asia/Shanghai')) AND toDate32(toTimeZone($__toTime, 'Asia/Shanghai'))
    AND $__conditionalAll(region IN arrayMap(one -> substring(one, 1, 6), splitByChar(',', trim(BOTH '{}' FROM decodeURLComponent('${region:percentencode}')))), $region)
GROUP BY day
ORDER BY day

-- How many events come a day, by stream? Columns: time, stream, total.
SELECT toDateTime(day, 'Asia/Shanghai') AS time, stream, sum(total) AS total
FROM events_by_region
WHERE day BETWEEN toDate32(toTimeZone($__fromTime, 'Asia/Shanghai')) AND toDate32(toTimeZone($__toTime, 'Asia/Shanghai'))
    AND $__conditionalAll(region IN arrayMap(one -> substring(one, 1, 6), splitByChar(',', trim(BOTH '{}' FROM decodeURLComponent('${region:percentencode}')))), $region)
GROUP BY day, stream
HAVING total != 0
ORDER BY day, stream

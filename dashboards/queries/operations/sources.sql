-- Which sources have fallen silent, and what do they send in a day against the week before? Columns: source, latest, hours, day_total, usual.
SELECT
    source,
    max(hour) AS latest,
    dateDiff('hour', latest, $__toTime) AS hours,
    sumIf(total, hour > $__toTime - INTERVAL 1 DAY) AS day_total,
    round(sumIf(total, hour <= $__toTime - INTERVAL 1 DAY) / 7) AS usual
FROM events_per_hour
WHERE hour > $__toTime - INTERVAL 8 DAY AND hour <= $__toTime
GROUP BY source
HAVING sum(total) != 0
ORDER BY hours DESC, source
LIMIT 200

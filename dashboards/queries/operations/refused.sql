-- Whose events were refused, and why? Columns: source, code, total.
SELECT source, code, sum(total) AS total
FROM dead_letters_per_day
WHERE day BETWEEN toDate32(toTimeZone($__fromTime, 'Asia/Shanghai')) AND toDate32(toTimeZone($__toTime, 'Asia/Shanghai'))
GROUP BY source, code
ORDER BY total DESC, source, code
LIMIT 200

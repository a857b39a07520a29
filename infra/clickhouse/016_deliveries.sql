-- What was sent to departments, by day.

CREATE TABLE IF NOT EXISTS deliveries_per_day
(
    day Date32,
    department LowCardinality(String),
    channel LowCardinality(String),
    role LowCardinality(String),
    state LowCardinality(String) COMMENT 'delivered or undeliverable',
    total Int64
)
ENGINE = SummingMergeTree(total)
PARTITION BY toYear(day)
ORDER BY (day, department, channel, role, state)
TTL day + INTERVAL 6 YEAR
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1
COMMENT 'Messages to departments by day, channel and what became of them: load of departments, channels that fail.';

INSERT INTO fills (partition, fill, cuts) SETTINGS insert_deduplication_token = 'cut/016/deliveries'
SELECT 0 AS partition, '016/deliveries' AS fill, (
    SELECT mapFromArrays(groupArray(log), groupArray(next))
    FROM (SELECT partition AS log, max(offset) + 1 AS next FROM deliveries GROUP BY log)
) AS cuts;

CREATE MATERIALIZED VIEW IF NOT EXISTS deliveries_per_day_feed TO deliveries_per_day AS
SELECT
    toDate32(toTimeZone(at, 'Asia/Shanghai')) AS day,
    department,
    channel,
    role,
    state,
    toInt64(count()) AS total
FROM deliveries
WHERE offset >= (SELECT any(cuts) FROM fills WHERE fill = '016/deliveries')[partition]
GROUP BY day, department, channel, role, state;

INSERT INTO deliveries_per_day (day, department, channel, role, state, total) SETTINGS insert_deduplication_token = 'fill/016/deliveries_per_day'
SELECT
    toDate32(toTimeZone(at, 'Asia/Shanghai')) AS day,
    department,
    channel,
    role,
    state,
    toInt64(count()) AS total
FROM deliveries
WHERE offset < (SELECT any(cuts) FROM fills WHERE fill = '016/deliveries')[partition]
GROUP BY day, department, channel, role, state
ORDER BY day, department, channel, role, state;

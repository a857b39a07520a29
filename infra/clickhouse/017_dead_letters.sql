-- What was refused on arrival, by day.

CREATE TABLE IF NOT EXISTS dead_letters_per_day
(
    day Date32,
    source LowCardinality(String),
    code LowCardinality(String),
    total Int64
)
ENGINE = SummingMergeTree(total)
PARTITION BY toYear(day)
ORDER BY (day, source, code)
TTL day + INTERVAL 6 YEAR
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1
COMMENT 'Events that were refused, by day, source and reason: sources whose data went wrong. Kept longer than the letters themselves need be.';

INSERT INTO fills (partition, fill, cuts) SETTINGS insert_deduplication_token = 'cut/017/dead_letters'
SELECT 0 AS partition, '017/dead_letters' AS fill, (
    SELECT mapFromArrays(groupArray(log), groupArray(next))
    FROM (SELECT partition AS log, max(offset) + 1 AS next FROM dead_letters GROUP BY log)
) AS cuts;

CREATE MATERIALIZED VIEW IF NOT EXISTS dead_letters_per_day_feed TO dead_letters_per_day AS
SELECT
    toDate32(toTimeZone(at, 'Asia/Shanghai')) AS day,
    source,
    code,
    toInt64(count()) AS total
FROM dead_letters
WHERE offset >= (SELECT any(cuts) FROM fills WHERE fill = '017/dead_letters')[partition]
GROUP BY day, source, code;

INSERT INTO dead_letters_per_day (day, source, code, total) SETTINGS insert_deduplication_token = 'fill/017/dead_letters_per_day'
SELECT
    toDate32(toTimeZone(at, 'Asia/Shanghai')) AS day,
    source,
    code,
    toInt64(count()) AS total
FROM dead_letters
WHERE offset < (SELECT any(cuts) FROM fills WHERE fill = '017/dead_letters')[partition]
GROUP BY day, source, code
ORDER BY day, source, code;

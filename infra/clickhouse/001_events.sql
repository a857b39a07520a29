-- The archive of the events log, one row a record, and a further row for each one that was taken back.
-- A row counts `sign` times: 1; 0 for what does not count (duplicate, tombstoned, refused, the revocation itself);
-- -1 for the row that takes an earlier one back, which repeats its fields and position. So every aggregate is
-- a sum over sign, and a retried block or a revocation is right in it.
CREATE TABLE IF NOT EXISTS events
(
    partition UInt16,
    offset UInt64,
    id String,
    stream LowCardinality(String),
    source LowCardinality(String),
    scope LowCardinality(String) COMMENT 'subject, device or place',
    key String COMMENT 'without its scope',
    region LowCardinality(String) DEFAULT '' COMMENT 'GB/T 2260',
    industry LowCardinality(String) DEFAULT '' COMMENT 'GB/T 4754-2017',
    time DateTime64(3, 'UTC') COMMENT 'when it happened or was decided',
    at DateTime64(3, 'UTC') COMMENT 'when it arrived',
    sign Int8,
    verdict LowCardinality(String) DEFAULT '' COMMENT 'empty for what simply counts; revoked on a row with sign -1',
    code LowCardinality(String) DEFAULT '' COMMENT 'reason code of the verdict',
    cause_offset Nullable(UInt64) COMMENT 'offset of the record that took this one back; same partition',
    revokes String DEFAULT '',
    amends String DEFAULT '',
    backfill Bool DEFAULT false,
    data String COMMENT 'JSON' CODEC(ZSTD(1)),
    INDEX events_by_id id TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX events_by_key key TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX events_by_time time TYPE minmax GRANULARITY 1
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(at)
ORDER BY (partition, offset, sign)
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1;

-- How many events count, by the day on which they happened (China Standard Time).
CREATE TABLE IF NOT EXISTS events_per_day
(
    stream LowCardinality(String),
    scope LowCardinality(String),
    day Date32,
    region LowCardinality(String),
    total Int64
)
ENGINE = SummingMergeTree(total)
PARTITION BY toYear(day)
ORDER BY (stream, scope, day, region)
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1;

CREATE MATERIALIZED VIEW IF NOT EXISTS events_per_day_feed TO events_per_day AS
SELECT
    stream,
    scope,
    toDate32(toTimeZone(time, 'Asia/Shanghai')) AS day,
    region,
    sum(toInt64(sign)) AS total
FROM events
WHERE sign != 0
GROUP BY stream, scope, day, region;

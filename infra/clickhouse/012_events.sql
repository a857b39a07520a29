-- Events counted by what dashboards ask of them. An event counts on the day and in the hour in which it happened (China
-- Standard Time); what was taken back is taken off again, so each total is that of the rows of events by sign.

CREATE TABLE IF NOT EXISTS events_per_hour
(
    hour DateTime('UTC'),
    stream LowCardinality(String),
    source LowCardinality(String),
    total Int64
)
ENGINE = SummingMergeTree(total)
PARTITION BY toYYYYMM(hour)
ORDER BY (hour, stream, source)
TTL hour + INTERVAL 190 DAY
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1
COMMENT 'Events by hour, stream and source: the trend of the last months, and sources that fall silent. Asked for a span of hours, so by hour first; half a year, since longer spans are asked by day.';

CREATE TABLE IF NOT EXISTS events_by_region
(
    day Date32,
    region LowCardinality(String) COMMENT 'at most the first six digits',
    stream LowCardinality(String),
    total Int64
)
ENGINE = SummingMergeTree(total)
PARTITION BY toYear(day)
ORDER BY (day, region, stream)
TTL day + INTERVAL 6 YEAR
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1
COMMENT 'Events by day, county and stream: the map, and the trend of a region. Six years: the years of the plan and the one before.';

CREATE TABLE IF NOT EXISTS events_by_industry
(
    day Date32,
    industry LowCardinality(String) COMMENT 'letter and at most two digits',
    stream LowCardinality(String),
    region LowCardinality(String) COMMENT 'at most the first four digits',
    total Int64
)
ENGINE = SummingMergeTree(total)
PARTITION BY toYear(day)
ORDER BY (day, industry, stream, region)
TTL day + INTERVAL 6 YEAR
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1
COMMENT 'Events by day, division of industry, stream and city: the top industries, and the trend of one.';

CREATE TABLE IF NOT EXISTS events_by_domain
(
    day Date32,
    domain LowCardinality(String) COMMENT 'empty where none is known',
    stream LowCardinality(String),
    region LowCardinality(String) COMMENT 'at most the first six digits',
    total Int64
)
ENGINE = SummingMergeTree(total)
PARTITION BY toYear(day)
ORDER BY (domain, day, stream, region)
TTL day + INTERVAL 6 YEAR
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1
COMMENT 'Events by domain of supervision and day; one that touches several domains counts in each, so totals over all domains are to be asked of events_by_region. A dashboard asks for one domain, so by domain first.';

CREATE TABLE IF NOT EXISTS events_by_key
(
    key String,
    time DateTime64(3, 'UTC'),
    id String,
    scope LowCardinality(String),
    stream LowCardinality(String),
    detail String COMMENT 'kinds, numbers and results, no prose',
    sign Int8,
    partition UInt16,
    offset UInt64
)
ENGINE = MergeTree
PARTITION BY toYear(time)
ORDER BY (key, time, id, sign)
TTL toDateTime(time) + INTERVAL 10 YEAR
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1
COMMENT 'Events other than readings by key, for the portrait of a subject: events itself is in the order of the log.';

INSERT INTO fills (partition, fill, cuts) SETTINGS insert_deduplication_token = 'cut/012/events'
SELECT 0 AS partition, '012/events' AS fill, (
    SELECT mapFromArrays(groupArray(log), groupArray(next))
    FROM (SELECT partition AS log, max(offset) + 1 AS next FROM events GROUP BY log)
) AS cuts;

CREATE MATERIALIZED VIEW IF NOT EXISTS events_per_hour_feed TO events_per_hour AS
SELECT
    toStartOfHour(time) AS hour,
    stream,
    source,
    sum(toInt64(sign)) AS total
FROM events
WHERE sign != 0 AND time >= toDateTime64('1971-01-01 00:00:00', 3, 'UTC')
    AND ifNull(cause_offset, offset) >= (SELECT any(cuts) FROM fills WHERE fill = '012/events')[partition]
GROUP BY hour, stream, source;

CREATE MATERIALIZED VIEW IF NOT EXISTS events_by_region_feed TO events_by_region AS
SELECT
    toDate32(toTimeZone(time, 'Asia/Shanghai')) AS day,
    substring(region, 1, 6) AS region,
    stream,
    sum(toInt64(sign)) AS total
FROM events
WHERE sign != 0
    AND ifNull(cause_offset, offset) >= (SELECT any(cuts) FROM fills WHERE fill = '012/events')[partition]
GROUP BY day, region, stream;

CREATE MATERIALIZED VIEW IF NOT EXISTS events_by_industry_feed TO events_by_industry AS
SELECT
    toDate32(toTimeZone(time, 'Asia/Shanghai')) AS day,
    substring(industry, 1, 3) AS industry,
    stream,
    substring(region, 1, 4) AS region,
    sum(toInt64(sign)) AS total
FROM events
WHERE sign != 0
    AND ifNull(cause_offset, offset) >= (SELECT any(cuts) FROM fills WHERE fill = '012/events')[partition]
GROUP BY day, industry, stream, region;

CREATE MATERIALIZED VIEW IF NOT EXISTS events_by_domain_feed TO events_by_domain AS
SELECT
    arrayJoin(if(empty(domains), [''], domains)) AS domain,
    toDate32(toTimeZone(time, 'Asia/Shanghai')) AS day,
    stream,
    substring(region, 1, 6) AS region,
    sum(toInt64(sign)) AS total
FROM events
WHERE sign != 0
    AND ifNull(cause_offset, offset) >= (SELECT any(cuts) FROM fills WHERE fill = '012/events')[partition]
GROUP BY domain, day, stream, region;

CREATE MATERIALIZED VIEW IF NOT EXISTS events_by_key_feed TO events_by_key AS
SELECT
    key,
    time,
    id,
    scope,
    stream,
    arrayStringConcat(arrayFilter(text -> text != '', [
        JSONExtractString(data, 'category'),
        JSONExtractString(data, 'document'),
        JSONExtractString(data, 'case_no'),
        JSONExtractString(data, 'inspection'),
        JSONExtractString(data, 'title'),
        JSONExtractString(data, 'topic'),
        JSONExtractString(data, 'kind'),
        JSONExtractString(data, 'result'),
        JSONExtractString(data, 'credit')
    ]), ' ') AS detail,
    sign,
    partition,
    offset
FROM events
WHERE sign != 0 AND stream != 'sensor-reading'
    AND ifNull(cause_offset, offset) >= (SELECT any(cuts) FROM fills WHERE fill = '012/events')[partition];

INSERT INTO events_per_hour (hour, stream, source, total) SETTINGS insert_deduplication_token = 'fill/012/events_per_hour'
SELECT
    toStartOfHour(time) AS hour,
    stream,
    source,
    sum(toInt64(sign)) AS total
FROM events
WHERE sign != 0 AND time >= toDateTime64('1971-01-01 00:00:00', 3, 'UTC')
    AND ifNull(cause_offset, offset) < (SELECT any(cuts) FROM fills WHERE fill = '012/events')[partition]
GROUP BY hour, stream, source
ORDER BY hour, stream, source;

INSERT INTO events_by_region (day, region, stream, total) SETTINGS insert_deduplication_token = 'fill/012/events_by_region'
SELECT
    toDate32(toTimeZone(time, 'Asia/Shanghai')) AS day,
    substring(region, 1, 6) AS region,
    stream,
    sum(toInt64(sign)) AS total
FROM events
WHERE sign != 0
    AND ifNull(cause_offset, offset) < (SELECT any(cuts) FROM fills WHERE fill = '012/events')[partition]
GROUP BY day, region, stream
ORDER BY day, region, stream;

INSERT INTO events_by_industry (day, industry, stream, region, total) SETTINGS insert_deduplication_token = 'fill/012/events_by_industry'
SELECT
    toDate32(toTimeZone(time, 'Asia/Shanghai')) AS day,
    substring(industry, 1, 3) AS industry,
    stream,
    substring(region, 1, 4) AS region,
    sum(toInt64(sign)) AS total
FROM events
WHERE sign != 0
    AND ifNull(cause_offset, offset) < (SELECT any(cuts) FROM fills WHERE fill = '012/events')[partition]
GROUP BY day, industry, stream, region
ORDER BY day, industry, stream, region;

INSERT INTO events_by_domain (domain, day, stream, region, total) SETTINGS insert_deduplication_token = 'fill/012/events_by_domain'
SELECT
    arrayJoin(if(empty(domains), [''], domains)) AS domain,
    toDate32(toTimeZone(time, 'Asia/Shanghai')) AS day,
    stream,
    substring(region, 1, 6) AS region,
    sum(toInt64(sign)) AS total
FROM events
WHERE sign != 0
    AND ifNull(cause_offset, offset) < (SELECT any(cuts) FROM fills WHERE fill = '012/events')[partition]
GROUP BY domain, day, stream, region
ORDER BY domain, day, stream, region;

INSERT INTO events_by_key (key, time, id, scope, stream, detail, sign, partition, offset) SETTINGS insert_deduplication_token = 'fill/012/events_by_key'
SELECT
    key,
    time,
    id,
    scope,
    stream,
    arrayStringConcat(arrayFilter(text -> text != '', [
        JSONExtractString(data, 'category'),
        JSONExtractString(data, 'document'),
        JSONExtractString(data, 'case_no'),
        JSONExtractString(data, 'inspection'),
        JSONExtractString(data, 'title'),
        JSONExtractString(data, 'topic'),
        JSONExtractString(data, 'kind'),
        JSONExtractString(data, 'result'),
        JSONExtractString(data, 'credit')
    ]), ' ') AS detail,
    sign,
    partition,
    offset
FROM events
WHERE sign != 0 AND stream != 'sensor-reading'
    AND ifNull(cause_offset, offset) < (SELECT any(cuts) FROM fills WHERE fill = '012/events')[partition]
ORDER BY key, time, id, sign, partition, offset;

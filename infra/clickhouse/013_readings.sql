-- Readings of sensors by device and hour. Readings cannot be taken back, so least and greatest may be kept.

CREATE TABLE IF NOT EXISTS readings_per_hour
(
    metric LowCardinality(String),
    device String,
    region LowCardinality(String) COMMENT 'of the device, at most the first six digits',
    hour DateTime('UTC'),
    samples SimpleAggregateFunction(sum, UInt64) COMMENT 'that count, with a value or a finding',
    valued SimpleAggregateFunction(sum, UInt64) COMMENT 'those with a value',
    bad SimpleAggregateFunction(sum, UInt64) COMMENT 'of quality uncertain or bad',
    findings SimpleAggregateFunction(sum, UInt64),
    total SimpleAggregateFunction(sum, Decimal(38, 6)) COMMENT 'of the values, to six decimals, so that sums are exact',
    lowest SimpleAggregateFunction(min, Nullable(Float64)),
    highest SimpleAggregateFunction(max, Nullable(Float64)),
    latest SimpleAggregateFunction(max, DateTime64(3, 'UTC'))
)
ENGINE = AggregatingMergeTree
PARTITION BY toYYYYMM(hour)
ORDER BY (metric, device, hour, region)
TTL hour + INTERVAL 400 DAY
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1
COMMENT 'Readings by metric, device and hour: the course of a metric, devices that fell silent, the share of bad readings. Asked for a metric or a device of it over a span; a year and a month, to compare with the year before.';

INSERT INTO fills (partition, fill, cuts) SETTINGS insert_deduplication_token = 'cut/013/events'
SELECT 0 AS partition, '013/events' AS fill, (
    SELECT mapFromArrays(groupArray(log), groupArray(next))
    FROM (SELECT partition AS log, max(offset) + 1 AS next FROM events GROUP BY log)
) AS cuts;

CREATE MATERIALIZED VIEW IF NOT EXISTS readings_per_hour_feed TO readings_per_hour AS
SELECT
    JSONExtractString(data, 'metric') AS metric,
    key AS device,
    substring(region, 1, 6) AS region,
    toStartOfHour(time) AS hour,
    toUInt64(count()) AS samples,
    toUInt64(countIf(JSONType(data, 'value') IN ('Int64', 'UInt64', 'Double'))) AS valued,
    toUInt64(countIf(JSONExtractString(data, 'quality') IN ('uncertain', 'bad'))) AS bad,
    toUInt64(countIf(JSONType(data, 'finding') = 'String')) AS findings,
    sum(toDecimal128OrZero(JSONExtractRaw(data, 'value'), 6)) AS total,
    minIf(toNullable(JSONExtractFloat(data, 'value')), JSONType(data, 'value') IN ('Int64', 'UInt64', 'Double')) AS lowest,
    maxIf(toNullable(JSONExtractFloat(data, 'value')), JSONType(data, 'value') IN ('Int64', 'UInt64', 'Double')) AS highest,
    max(time) AS latest
FROM events
WHERE stream = 'sensor-reading' AND sign = 1 AND time >= toDateTime64('1971-01-01 00:00:00', 3, 'UTC')
    AND ifNull(cause_offset, offset) >= (SELECT any(cuts) FROM fills WHERE fill = '013/events')[partition]
GROUP BY metric, device, hour, region;

INSERT INTO readings_per_hour (metric, device, region, hour, samples, valued, bad, findings, total, lowest, highest, latest) SETTINGS insert_deduplication_token = 'fill/013/readings_per_hour'
SELECT
    JSONExtractString(data, 'metric') AS metric,
    key AS device,
    substring(region, 1, 6) AS region,
    toStartOfHour(time) AS hour,
    toUInt64(count()) AS samples,
    toUInt64(countIf(JSONType(data, 'value') IN ('Int64', 'UInt64', 'Double'))) AS valued,
    toUInt64(countIf(JSONExtractString(data, 'quality') IN ('uncertain', 'bad'))) AS bad,
    toUInt64(countIf(JSONType(data, 'finding') = 'String')) AS findings,
    sum(toDecimal128OrZero(JSONExtractRaw(data, 'value'), 6)) AS total,
    minIf(toNullable(JSONExtractFloat(data, 'value')), JSONType(data, 'value') IN ('Int64', 'UInt64', 'Double')) AS lowest,
    maxIf(toNullable(JSONExtractFloat(data, 'value')), JSONType(data, 'value') IN ('Int64', 'UInt64', 'Double')) AS highest,
    max(time) AS latest
FROM events
WHERE stream = 'sensor-reading' AND sign = 1 AND time >= toDateTime64('1971-01-01 00:00:00', 3, 'UTC')
    AND ifNull(cause_offset, offset) < (SELECT any(cuts) FROM fills WHERE fill = '013/events')[partition]
GROUP BY metric, device, hour, region
ORDER BY metric, device, hour, region;

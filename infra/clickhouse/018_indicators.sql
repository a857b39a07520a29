-- Figures of indicators at the transitions of warnings, by day.

CREATE TABLE IF NOT EXISTS indicators_per_day
(
    model LowCardinality(String),
    indicator LowCardinality(String),
    day Date32,
    region LowCardinality(String) COMMENT 'at most the first six digits',
    samples SimpleAggregateFunction(sum, UInt64),
    total SimpleAggregateFunction(sum, Decimal(38, 6)) COMMENT 'to six decimals, so that sums are exact',
    lowest SimpleAggregateFunction(min, Float64),
    highest SimpleAggregateFunction(max, Float64)
)
ENGINE = AggregatingMergeTree
PARTITION BY toYear(day)
ORDER BY (model, indicator, day, region)
TTL day + INTERVAL 6 YEAR
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1
COMMENT 'Figures that indicators and scores had when a warning changed its level, by model and day: the course of an indicator, for who sets thresholds. What a later correction changed shows in the next transition; these are the figures as said.';

INSERT INTO fills (partition, fill, cuts) SETTINGS insert_deduplication_token = 'cut/018/warnings'
SELECT 0 AS partition, '018/warnings' AS fill, (
    SELECT mapFromArrays(groupArray(log), groupArray(next))
    FROM (SELECT partition AS log, max(offset) + 1 AS next FROM warnings GROUP BY log)
) AS cuts;

CREATE MATERIALIZED VIEW IF NOT EXISTS indicators_per_day_feed TO indicators_per_day AS
SELECT
    model,
    tupleElement(figure, 1) AS indicator,
    toDate32(toTimeZone(clock, 'Asia/Shanghai')) AS day,
    substring(region, 1, 6) AS region,
    toUInt64(count()) AS samples,
    sum(toDecimal128OrZero(tupleElement(figure, 2), 6)) AS total,
    min(toFloat64OrZero(tupleElement(figure, 2))) AS lowest,
    max(toFloat64OrZero(tupleElement(figure, 2))) AS highest
FROM warnings
ARRAY JOIN JSONExtractKeysAndValuesRaw(indicators) AS figure
WHERE isNotNull(toFloat64OrNull(tupleElement(figure, 2)))
    AND offset >= (SELECT any(cuts) FROM fills WHERE fill = '018/warnings')[partition]
GROUP BY model, indicator, day, region;

INSERT INTO indicators_per_day (model, indicator, day, region, samples, total, lowest, highest) SETTINGS insert_deduplication_token = 'fill/018/indicators_per_day'
SELECT
    model,
    tupleElement(figure, 1) AS indicator,
    toDate32(toTimeZone(clock, 'Asia/Shanghai')) AS day,
    substring(region, 1, 6) AS region,
    toUInt64(count()) AS samples,
    sum(toDecimal128OrZero(tupleElement(figure, 2), 6)) AS total,
    min(toFloat64OrZero(tupleElement(figure, 2))) AS lowest,
    max(toFloat64OrZero(tupleElement(figure, 2))) AS highest
FROM warnings
ARRAY JOIN JSONExtractKeysAndValuesRaw(indicators) AS figure
WHERE isNotNull(toFloat64OrNull(tupleElement(figure, 2)))
    AND offset < (SELECT any(cuts) FROM fills WHERE fill = '018/warnings')[partition]
GROUP BY model, indicator, day, region
ORDER BY model, indicator, day, region;

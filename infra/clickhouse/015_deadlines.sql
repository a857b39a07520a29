-- Deadlines of departments: those that are owed, one by one, and those that were kept or missed, by day.

CREATE TABLE IF NOT EXISTS open_deadlines
(
    department LowCardinality(String),
    due DateTime64(3, 'UTC') COMMENT 'the end of 2199 where it lies beyond the calendar',
    warning String,
    kind LowCardinality(String),
    version Int64,
    began DateTime64(3, 'UTC'),
    frozen Nullable(DateTime64(3, 'UTC')) COMMENT 'it is overdue where due lies before this, or before now where it is null',
    domain LowCardinality(String),
    model LowCardinality(String),
    level Enum8('none' = 0, 'blue' = 1, 'yellow' = 2, 'orange' = 3, 'red' = 4),
    total Int64
)
ENGINE = SummingMergeTree(total)
ORDER BY (department, due, warning, kind, version, began)
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1
COMMENT 'Deadlines that are owed: what is overdue at an instant is what is due before it. Rows of those that were met or are owed no more cancel out. By department and instant, as it is asked.';

CREATE TABLE IF NOT EXISTS deadlines_per_day
(
    department LowCardinality(String),
    day Date32 COMMENT 'on which it was met',
    kind LowCardinality(String),
    domain LowCardinality(String),
    level Enum8('none' = 0, 'blue' = 1, 'yellow' = 2, 'orange' = 3, 'red' = 4),
    outcome LowCardinality(String) COMMENT 'kept or missed',
    total Int64,
    seconds Int64 COMMENT 'from its beginning until it was met'
)
ENGINE = SummingMergeTree((total, seconds))
PARTITION BY toYear(day)
ORDER BY (department, day, kind, domain, level, outcome)
TTL day + INTERVAL 10 YEAR
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1
COMMENT 'Deadlines that were met, in time (kept) or late (missed), by department and the day on which they were met. What is late and not met yet is in open_deadlines.';

INSERT INTO fills (partition, fill, cuts) SETTINGS insert_deduplication_token = 'cut/015/deadlines'
SELECT 0 AS partition, '015/deadlines' AS fill, (
    SELECT mapFromArrays(groupArray(log), groupArray(next))
    FROM (SELECT partition AS log, max(offset) + 1 AS next FROM deadlines GROUP BY log)
) AS cuts;

CREATE MATERIALIZED VIEW IF NOT EXISTS open_deadlines_feed TO open_deadlines AS
SELECT
    department,
    ifNull(due_at, toDateTime64('2199-12-31 00:00:00', 3, 'UTC')) AS due,
    warning,
    kind,
    version,
    began,
    frozen,
    domain,
    model,
    level,
    toInt64(sign) AS total
FROM deadlines
WHERE outcome = 'open'
    AND offset >= (SELECT any(cuts) FROM fills WHERE fill = '015/deadlines')[partition];

CREATE MATERIALIZED VIEW IF NOT EXISTS deadlines_per_day_feed TO deadlines_per_day AS
SELECT
    department,
    toDate32(toTimeZone(assumeNotNull(done_at), 'Asia/Shanghai')) AS day,
    kind,
    domain,
    level,
    outcome,
    sum(toInt64(sign)) AS total,
    sum(sign * dateDiff('second', began, assumeNotNull(done_at))) AS seconds
FROM deadlines
WHERE outcome IN ('kept', 'missed') AND done_at IS NOT NULL
    AND offset >= (SELECT any(cuts) FROM fills WHERE fill = '015/deadlines')[partition]
GROUP BY department, day, kind, domain, level, outcome;

INSERT INTO open_deadlines (department, due, warning, kind, version, began, frozen, domain, model, level, total) SETTINGS insert_deduplication_token = 'fill/015/open_deadlines'
SELECT
    department,
    ifNull(due_at, toDateTime64('2199-12-31 00:00:00', 3, 'UTC')) AS due,
    warning,
    kind,
    version,
    began,
    frozen,
    domain,
    model,
    level,
    toInt64(sign) AS total
FROM deadlines
WHERE outcome = 'open'
    AND offset < (SELECT any(cuts) FROM fills WHERE fill = '015/deadlines')[partition]
ORDER BY department, due, warning, kind, version, began, sign;

INSERT INTO deadlines_per_day (department, day, kind, domain, level, outcome, total, seconds) SETTINGS insert_deduplication_token = 'fill/015/deadlines_per_day'
SELECT
    department,
    toDate32(toTimeZone(assumeNotNull(done_at), 'Asia/Shanghai')) AS day,
    kind,
    domain,
    level,
    outcome,
    sum(toInt64(sign)) AS total,
    sum(sign * dateDiff('second', began, assumeNotNull(done_at))) AS seconds
FROM deadlines
WHERE outcome IN ('kept', 'missed') AND done_at IS NOT NULL
    AND offset < (SELECT any(cuts) FROM fills WHERE fill = '015/deadlines')[partition]
GROUP BY department, day, kind, domain, level, outcome
ORDER BY department, day, kind, domain, level, outcome;

-- Warnings counted as they stand: each row of cases counts by its sign, so a warning that moves on, ends or is withdrawn
-- leaves the figures in which it was.

CREATE TABLE IF NOT EXISTS warnings_per_day
(
    day Date32 COMMENT 'on which the warning was raised',
    domain LowCardinality(String),
    region LowCardinality(String) COMMENT 'at most the first six digits',
    industry LowCardinality(String) COMMENT 'letter and at most two digits',
    scope LowCardinality(String),
    gravest Enum8('none' = 0, 'blue' = 1, 'yellow' = 2, 'orange' = 3, 'red' = 4),
    level Enum8('none' = 0, 'blue' = 1, 'yellow' = 2, 'orange' = 3, 'red' = 4),
    status LowCardinality(String),
    drawn Bool,
    joint Bool,
    total Int64
)
ENGINE = SummingMergeTree(total)
PARTITION BY toYear(day)
ORDER BY (day, domain, region, industry, scope, gravest, level, status, drawn, joint)
TTL day + INTERVAL 10 YEAR
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1
COMMENT 'Warnings by the day on which they were raised, by domain, place, level and status as they stand now: trend, map and levels of the overview. Ten years, as long as files of supervision are asked back for.';

CREATE TABLE IF NOT EXISTS warnings_by_department
(
    department LowCardinality(String),
    day Date32,
    domain LowCardinality(String),
    gravest Enum8('none' = 0, 'blue' = 1, 'yellow' = 2, 'orange' = 3, 'red' = 4),
    status LowCardinality(String),
    finding LowCardinality(String),
    region LowCardinality(String) COMMENT 'at most the first six digits',
    joint Bool,
    total Int64
)
ENGINE = SummingMergeTree(total)
PARTITION BY toYear(day)
ORDER BY (department, day, domain, gravest, status, finding, region, joint)
TTL day + INTERVAL 10 YEAR
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1
COMMENT 'Warnings on which a department must act, by the day on which they were raised: what is open, its load and its precision. A dashboard asks for one department, so by department first.';

CREATE TABLE IF NOT EXISTS warnings_by_model
(
    model LowCardinality(String),
    day Date32,
    gravest Enum8('none' = 0, 'blue' = 1, 'yellow' = 2, 'orange' = 3, 'red' = 4),
    status LowCardinality(String),
    finding LowCardinality(String),
    total Int64,
    signed Int64 COMMENT 'that a department signed for',
    sign_seconds Int64 COMMENT 'from raised to the first signature, of those',
    harmed Int64 COMMENT 'that harm came of',
    lead_seconds Int64 COMMENT 'from raised to the harm, of those'
)
ENGINE = SummingMergeTree((total, signed, sign_seconds, harmed, lead_seconds))
PARTITION BY toYear(day)
ORDER BY (model, day, gravest, status, finding)
TTL day + INTERVAL 10 YEAR
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1
COMMENT 'Warnings by model and the day on which they were raised: its load, its precision (confirmed among confirmed and not-confirmed), how fast they are signed for and how long before the harm they came.';

CREATE TABLE IF NOT EXISTS open_cases
(
    version Int64,
    warning String,
    raised DateTime64(3, 'UTC'),
    model LowCardinality(String),
    item LowCardinality(String),
    domain LowCardinality(String),
    scope LowCardinality(String),
    key String,
    name String,
    region LowCardinality(String),
    industry LowCardinality(String),
    status LowCardinality(String),
    level Enum8('none' = 0, 'blue' = 1, 'yellow' = 2, 'orange' = 3, 'red' = 4),
    gravest Enum8('none' = 0, 'blue' = 1, 'yellow' = 2, 'orange' = 3, 'red' = 4),
    lead LowCardinality(String),
    departments Array(LowCardinality(String)),
    joint Bool,
    drawn Bool,
    items Array(LowCardinality(String)),
    title String,
    total Int64
)
ENGINE = SummingMergeTree(total)
ORDER BY (warning, version)
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1
COMMENT 'Warnings and joint tasks that are not over: rows of those that ended cancel out and go at the next merge, so it stays small. What is listed is what sums to one.';

INSERT INTO fills (partition, fill, cuts) SETTINGS insert_deduplication_token = 'cut/014/cases'
SELECT 0 AS partition, '014/cases' AS fill, (
    SELECT mapFromArrays(groupArray(log), groupArray(next))
    FROM (SELECT partition AS log, max(offset) + 1 AS next FROM cases GROUP BY log)
) AS cuts;

CREATE MATERIALIZED VIEW IF NOT EXISTS warnings_per_day_feed TO warnings_per_day AS
SELECT
    toDate32(toTimeZone(raised, 'Asia/Shanghai')) AS day,
    domain,
    substring(region, 1, 6) AS region,
    substring(industry, 1, 3) AS industry,
    scope,
    gravest,
    level,
    status,
    drawn,
    joint,
    sum(toInt64(sign)) AS total
FROM cases
WHERE offset >= (SELECT any(cuts) FROM fills WHERE fill = '014/cases')[partition]
GROUP BY day, domain, region, industry, scope, gravest, level, status, drawn, joint;

CREATE MATERIALIZED VIEW IF NOT EXISTS warnings_by_department_feed TO warnings_by_department AS
SELECT
    arrayJoin(departments) AS department,
    toDate32(toTimeZone(raised, 'Asia/Shanghai')) AS day,
    domain,
    gravest,
    status,
    finding,
    substring(region, 1, 6) AS region,
    joint,
    sum(toInt64(sign)) AS total
FROM cases
WHERE offset >= (SELECT any(cuts) FROM fills WHERE fill = '014/cases')[partition]
GROUP BY department, day, domain, gravest, status, finding, region, joint;

CREATE MATERIALIZED VIEW IF NOT EXISTS warnings_by_model_feed TO warnings_by_model AS
SELECT
    model,
    toDate32(toTimeZone(raised, 'Asia/Shanghai')) AS day,
    gravest,
    status,
    finding,
    sum(toInt64(sign)) AS total,
    sum(sign * isNotNull(signed_at)) AS signed,
    sum(sign * ifNull(dateDiff('second', raised, signed_at), 0)) AS sign_seconds,
    sum(sign * isNotNull(harm)) AS harmed,
    sum(sign * ifNull(dateDiff('second', raised, harm), 0)) AS lead_seconds
FROM cases
WHERE NOT drawn
    AND offset >= (SELECT any(cuts) FROM fills WHERE fill = '014/cases')[partition]
GROUP BY model, day, gravest, status, finding;

CREATE MATERIALIZED VIEW IF NOT EXISTS open_cases_feed TO open_cases AS
SELECT
    version,
    warning,
    raised,
    model,
    item,
    domain,
    scope,
    key,
    name,
    region,
    industry,
    status,
    level,
    gravest,
    lead,
    departments,
    joint,
    drawn,
    items,
    title,
    toInt64(sign) AS total
FROM cases
WHERE status NOT IN ('closed', 'cleared', 'withdrawn', 'quiet')
    AND offset >= (SELECT any(cuts) FROM fills WHERE fill = '014/cases')[partition];

INSERT INTO warnings_per_day (day, domain, region, industry, scope, gravest, level, status, drawn, joint, total) SETTINGS insert_deduplication_token = 'fill/014/warnings_per_day'
SELECT
    toDate32(toTimeZone(raised, 'Asia/Shanghai')) AS day,
    domain,
    substring(region, 1, 6) AS region,
    substring(industry, 1, 3) AS industry,
    scope,
    gravest,
    level,
    status,
    drawn,
    joint,
    sum(toInt64(sign)) AS total
FROM cases
WHERE offset < (SELECT any(cuts) FROM fills WHERE fill = '014/cases')[partition]
GROUP BY day, domain, region, industry, scope, gravest, level, status, drawn, joint
ORDER BY day, domain, region, industry, scope, gravest, level, status, drawn, joint;

INSERT INTO warnings_by_department (department, day, domain, gravest, status, finding, region, joint, total) SETTINGS insert_deduplication_token = 'fill/014/warnings_by_department'
SELECT
    arrayJoin(departments) AS department,
    toDate32(toTimeZone(raised, 'Asia/Shanghai')) AS day,
    domain,
    gravest,
    status,
    finding,
    substring(region, 1, 6) AS region,
    joint,
    sum(toInt64(sign)) AS total
FROM cases
WHERE offset < (SELECT any(cuts) FROM fills WHERE fill = '014/cases')[partition]
GROUP BY department, day, domain, gravest, status, finding, region, joint
ORDER BY department, day, domain, gravest, status, finding, region, joint;

INSERT INTO warnings_by_model (model, day, gravest, status, finding, total, signed, sign_seconds, harmed, lead_seconds) SETTINGS insert_deduplication_token = 'fill/014/warnings_by_model'
SELECT
    model,
    toDate32(toTimeZone(raised, 'Asia/Shanghai')) AS day,
    gravest,
    status,
    finding,
    sum(toInt64(sign)) AS total,
    sum(sign * isNotNull(signed_at)) AS signed,
    sum(sign * ifNull(dateDiff('second', raised, signed_at), 0)) AS sign_seconds,
    sum(sign * isNotNull(harm)) AS harmed,
    sum(sign * ifNull(dateDiff('second', raised, harm), 0)) AS lead_seconds
FROM cases
WHERE NOT drawn
    AND offset < (SELECT any(cuts) FROM fills WHERE fill = '014/cases')[partition]
GROUP BY model, day, gravest, status, finding
ORDER BY model, day, gravest, status, finding;

INSERT INTO open_cases (version, warning, raised, model, item, domain, scope, key, name, region, industry, status, level, gravest, lead, departments, joint, drawn, items, title, total) SETTINGS insert_deduplication_token = 'fill/014/open_cases'
SELECT
    version,
    warning,
    raised,
    model,
    item,
    domain,
    scope,
    key,
    name,
    region,
    industry,
    status,
    level,
    gravest,
    lead,
    departments,
    joint,
    drawn,
    items,
    title,
    toInt64(sign) AS total
FROM cases
WHERE status NOT IN ('closed', 'cleared', 'withdrawn', 'quiet')
    AND offset < (SELECT any(cuts) FROM fills WHERE fill = '014/cases')[partition]
ORDER BY warning, version, sign;

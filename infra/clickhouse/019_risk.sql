-- The risk index of subjects, regions and industries, with its components.
--
-- Points: each event that speaks against a subject, and each warning, has points, as the shares that the public credit
-- evaluation gives them (rules/credit/public-evaluation.yaml): a penalty 5, and 6, 10.5 or 15 more from 10,000, 50,000 and
-- 100,000 yuan; an inspection that failed or found nobody 6.667; a complaint 1.5; a judgment that lists a dishonest debtor
-- 15; a listing for dishonesty or as abnormal 15; an opinion against it 1. A warning has 20, 10, 5 or 2 points for red,
-- orange, yellow and blue, by its gravest level.
-- Decay: points halve every 365 days from when it happened, so after the three years in which a penalty is shown at most
-- (National Development and Reform Commission, order 58 of 2023) one eighth is left. Forward decay (G. Cormode,
-- V. Shkapenyuk, D. Srivastava, B. Xu, Forward decay: a practical time decay model for streaming systems, ICDE 2009):
-- what is stored is points times 2 to the power of the years since the landmark, the first instant of 2020 in UTC; what they are
-- worth at t is the sum times 2 to the power of minus the years from the landmark to t. So sums stay sums, and what is
-- taken back goes to the last thousandth, since every row is rounded alike before it is added.
-- Index: 100 * (1 - exp(-points / 100)). Of few points it is the points; it never passes 100, and each further point tells less. As
-- 1 - exp(-x) is the chance that at least one of independent rare harms comes that are expected x times, points add up in any
-- order and over components. Of a region and an industry: of the points a registered subject.
-- All of it can be made again from events and cases: the statements that fill it say how.

CREATE TABLE IF NOT EXISTS risk_by_subject
(
    region LowCardinality(String) COMMENT 'where it happened, at most the first six digits',
    key String,
    penalties Int64,
    inspections Int64,
    complaints Int64,
    judgments Int64,
    listings Int64,
    opinions Int64,
    warnings Int64
)
ENGINE = SummingMergeTree((penalties, inspections, complaints, judgments, listings, opinions, warnings))
ORDER BY (region, key)
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1
COMMENT 'Risk points of each subject by component, reckoned back to the first day of 2020, in thousandths; view risk_of_subjects says what they are worth now. By county first, since a list is asked of one.';

CREATE TABLE IF NOT EXISTS risk_by_region
(
    region LowCardinality(String) COMMENT 'at most the first six digits',
    day Date32,
    penalties Int64,
    inspections Int64,
    complaints Int64,
    judgments Int64,
    listings Int64,
    opinions Int64,
    warnings Int64
)
ENGINE = SummingMergeTree((penalties, inspections, complaints, judgments, listings, opinions, warnings))
ORDER BY (region, day)
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1
COMMENT 'Risk points of each county by day and component, reckoned back as in risk_by_subject: the risk of a region now is the sum over its days, that of a day before it the sum up to then.';

CREATE TABLE IF NOT EXISTS risk_by_industry
(
    industry LowCardinality(String) COMMENT 'letter and at most two digits',
    day Date32,
    penalties Int64,
    inspections Int64,
    complaints Int64,
    judgments Int64,
    listings Int64,
    opinions Int64,
    warnings Int64
)
ENGINE = SummingMergeTree((penalties, inspections, complaints, judgments, listings, opinions, warnings))
ORDER BY (industry, day)
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1
COMMENT 'Risk points of each division of industry by day and component, as risk_by_region.';

INSERT INTO fills (partition, fill, cuts) SETTINGS insert_deduplication_token = 'cut/019/events'
SELECT 0 AS partition, '019/events' AS fill, (
    SELECT mapFromArrays(groupArray(log), groupArray(next))
    FROM (SELECT partition AS log, max(offset) + 1 AS next FROM events GROUP BY log)
) AS cuts;

INSERT INTO fills (partition, fill, cuts) SETTINGS insert_deduplication_token = 'cut/019/cases'
SELECT 0 AS partition, '019/cases' AS fill, (
    SELECT mapFromArrays(groupArray(log), groupArray(next))
    FROM (SELECT partition AS log, max(offset) + 1 AS next FROM cases GROUP BY log)
) AS cuts;

CREATE MATERIALIZED VIEW IF NOT EXISTS risk_by_subject_events_feed TO risk_by_subject AS
SELECT
    substring(region, 1, 6) AS region,
    key,
    sum(sign * toInt64(round(1000 * (if(stream = 'penalty', 5 + multiIf(JSONExtractFloat(data, 'amount') >= 100000, 15, JSONExtractFloat(data, 'amount') >= 50000, 10.5, JSONExtractFloat(data, 'amount') >= 10000, 6, 0), 0)) * exp2((toUnixTimestamp64Milli(time) - 1577836800000) / 31536000000)))) AS penalties,
    sum(sign * toInt64(round(1000 * (if(stream = 'inspection' AND JSONExtractString(data, 'result') IN ('fail', 'absent'), 6.667, 0)) * exp2((toUnixTimestamp64Milli(time) - 1577836800000) / 31536000000)))) AS inspections,
    sum(sign * toInt64(round(1000 * (if(stream = 'complaint', 1.5, 0)) * exp2((toUnixTimestamp64Milli(time) - 1577836800000) / 31536000000)))) AS complaints,
    sum(sign * toInt64(round(1000 * (if(stream = 'judgment' AND JSONExtractBool(data, 'dishonest'), 15, 0)) * exp2((toUnixTimestamp64Milli(time) - 1577836800000) / 31536000000)))) AS judgments,
    sum(sign * toInt64(round(1000 * (if(stream = 'credit-change' AND JSONExtractString(data, 'kind') IN ('dishonesty-listed', 'abnormal-listed'), 15, 0)) * exp2((toUnixTimestamp64Milli(time) - 1577836800000) / 31536000000)))) AS listings,
    sum(sign * toInt64(round(1000 * (if(stream = 'opinion' AND JSONExtractFloat(data, 'sentiment') < 0, 1, 0)) * exp2((toUnixTimestamp64Milli(time) - 1577836800000) / 31536000000)))) AS opinions,
    toInt64(0) AS warnings
FROM events
WHERE sign != 0 AND stream IN ('penalty', 'inspection', 'complaint', 'judgment', 'credit-change', 'opinion') AND scope = 'subject'
    AND ifNull(cause_offset, offset) >= (SELECT any(cuts) FROM fills WHERE fill = '019/events')[partition]
GROUP BY region, key;

CREATE MATERIALIZED VIEW IF NOT EXISTS risk_by_subject_cases_feed TO risk_by_subject AS
SELECT
    substring(region, 1, 6) AS region,
    key,
    toInt64(0) AS penalties,
    toInt64(0) AS inspections,
    toInt64(0) AS complaints,
    toInt64(0) AS judgments,
    toInt64(0) AS listings,
    toInt64(0) AS opinions,
    sum(sign * toInt64(round(1000 * multiIf(gravest = 'red', 20, gravest = 'orange', 10, gravest = 'yellow', 5, gravest = 'blue', 2, 0) * exp2((toUnixTimestamp64Milli(raised) - 1577836800000) / 31536000000)))) AS warnings
FROM cases
WHERE status NOT IN ('withdrawn', 'quiet') AND NOT drawn AND scope = 'subject'
    AND offset >= (SELECT any(cuts) FROM fills WHERE fill = '019/cases')[partition]
GROUP BY region, key;

CREATE MATERIALIZED VIEW IF NOT EXISTS risk_by_region_events_feed TO risk_by_region AS
SELECT
    substring(region, 1, 6) AS region,
    toDate32(toTimeZone(time, 'Asia/Shanghai')) AS day,
    sum(sign * toInt64(round(1000 * (if(stream = 'penalty', 5 + multiIf(JSONExtractFloat(data, 'amount') >= 100000, 15, JSONExtractFloat(data, 'amount') >= 50000, 10.5, JSONExtractFloat(data, 'amount') >= 10000, 6, 0), 0)) * exp2((toUnixTimestamp64Milli(time) - 1577836800000) / 31536000000)))) AS penalties,
    sum(sign * toInt64(round(1000 * (if(stream = 'inspection' AND JSONExtractString(data, 'result') IN ('fail', 'absent'), 6.667, 0)) * exp2((toUnixTimestamp64Milli(time) - 1577836800000) / 31536000000)))) AS inspections,
    sum(sign * toInt64(round(1000 * (if(stream = 'complaint', 1.5, 0)) * exp2((toUnixTimestamp64Milli(time) - 1577836800000) / 31536000000)))) AS complaints,
    sum(sign * toInt64(round(1000 * (if(stream = 'judgment' AND JSONExtractBool(data, 'dishonest'), 15, 0)) * exp2((toUnixTimestamp64Milli(time) - 1577836800000) / 31536000000)))) AS judgments,
    sum(sign * toInt64(round(1000 * (if(stream = 'credit-change' AND JSONExtractString(data, 'kind') IN ('dishonesty-listed', 'abnormal-listed'), 15, 0)) * exp2((toUnixTimestamp64Milli(time) - 1577836800000) / 31536000000)))) AS listings,
    sum(sign * toInt64(round(1000 * (if(stream = 'opinion' AND JSONExtractFloat(data, 'sentiment') < 0, 1, 0)) * exp2((toUnixTimestamp64Milli(time) - 1577836800000) / 31536000000)))) AS opinions,
    toInt64(0) AS warnings
FROM events
WHERE sign != 0 AND stream IN ('penalty', 'inspection', 'complaint', 'judgment', 'credit-change', 'opinion')
    AND ifNull(cause_offset, offset) >= (SELECT any(cuts) FROM fills WHERE fill = '019/events')[partition]
GROUP BY region, day;

CREATE MATERIALIZED VIEW IF NOT EXISTS risk_by_region_cases_feed TO risk_by_region AS
SELECT
    substring(region, 1, 6) AS region,
    toDate32(toTimeZone(raised, 'Asia/Shanghai')) AS day,
    toInt64(0) AS penalties,
    toInt64(0) AS inspections,
    toInt64(0) AS complaints,
    toInt64(0) AS judgments,
    toInt64(0) AS listings,
    toInt64(0) AS opinions,
    sum(sign * toInt64(round(1000 * multiIf(gravest = 'red', 20, gravest = 'orange', 10, gravest = 'yellow', 5, gravest = 'blue', 2, 0) * exp2((toUnixTimestamp64Milli(raised) - 1577836800000) / 31536000000)))) AS warnings
FROM cases
WHERE status NOT IN ('withdrawn', 'quiet') AND NOT drawn
    AND offset >= (SELECT any(cuts) FROM fills WHERE fill = '019/cases')[partition]
GROUP BY region, day;

CREATE MATERIALIZED VIEW IF NOT EXISTS risk_by_industry_events_feed TO risk_by_industry AS
SELECT
    substring(industry, 1, 3) AS industry,
    toDate32(toTimeZone(time, 'Asia/Shanghai')) AS day,
    sum(sign * toInt64(round(1000 * (if(stream = 'penalty', 5 + multiIf(JSONExtractFloat(data, 'amount') >= 100000, 15, JSONExtractFloat(data, 'amount') >= 50000, 10.5, JSONExtractFloat(data, 'amount') >= 10000, 6, 0), 0)) * exp2((toUnixTimestamp64Milli(time) - 1577836800000) / 31536000000)))) AS penalties,
    sum(sign * toInt64(round(1000 * (if(stream = 'inspection' AND JSONExtractString(data, 'result') IN ('fail', 'absent'), 6.667, 0)) * exp2((toUnixTimestamp64Milli(time) - 1577836800000) / 31536000000)))) AS inspections,
    sum(sign * toInt64(round(1000 * (if(stream = 'complaint', 1.5, 0)) * exp2((toUnixTimestamp64Milli(time) - 1577836800000) / 31536000000)))) AS complaints,
    sum(sign * toInt64(round(1000 * (if(stream = 'judgment' AND JSONExtractBool(data, 'dishonest'), 15, 0)) * exp2((toUnixTimestamp64Milli(time) - 1577836800000) / 31536000000)))) AS judgments,
    sum(sign * toInt64(round(1000 * (if(stream = 'credit-change' AND JSONExtractString(data, 'kind') IN ('dishonesty-listed', 'abnormal-listed'), 15, 0)) * exp2((toUnixTimestamp64Milli(time) - 1577836800000) / 31536000000)))) AS listings,
    sum(sign * toInt64(round(1000 * (if(stream = 'opinion' AND JSONExtractFloat(data, 'sentiment') < 0, 1, 0)) * exp2((toUnixTimestamp64Milli(time) - 1577836800000) / 31536000000)))) AS opinions,
    toInt64(0) AS warnings
FROM events
WHERE sign != 0 AND stream IN ('penalty', 'inspection', 'complaint', 'judgment', 'credit-change', 'opinion')
    AND ifNull(cause_offset, offset) >= (SELECT any(cuts) FROM fills WHERE fill = '019/events')[partition]
GROUP BY industry, day;

CREATE MATERIALIZED VIEW IF NOT EXISTS risk_by_industry_cases_feed TO risk_by_industry AS
SELECT
    substring(industry, 1, 3) AS industry,
    toDate32(toTimeZone(raised, 'Asia/Shanghai')) AS day,
    toInt64(0) AS penalties,
    toInt64(0) AS inspections,
    toInt64(0) AS complaints,
    toInt64(0) AS judgments,
    toInt64(0) AS listings,
    toInt64(0) AS opinions,
    sum(sign * toInt64(round(1000 * multiIf(gravest = 'red', 20, gravest = 'orange', 10, gravest = 'yellow', 5, gravest = 'blue', 2, 0) * exp2((toUnixTimestamp64Milli(raised) - 1577836800000) / 31536000000)))) AS warnings
FROM cases
WHERE status NOT IN ('withdrawn', 'quiet') AND NOT drawn
    AND offset >= (SELECT any(cuts) FROM fills WHERE fill = '019/cases')[partition]
GROUP BY industry, day;

INSERT INTO risk_by_subject (region, key, penalties, inspections, complaints, judgments, listings, opinions, warnings) SETTINGS insert_deduplication_token = 'fill/019/risk_by_subject/events'
SELECT
    substring(region, 1, 6) AS region,
    key,
    sum(sign * toInt64(round(1000 * (if(stream = 'penalty', 5 + multiIf(JSONExtractFloat(data, 'amount') >= 100000, 15, JSONExtractFloat(data, 'amount') >= 50000, 10.5, JSONExtractFloat(data, 'amount') >= 10000, 6, 0), 0)) * exp2((toUnixTimestamp64Milli(time) - 1577836800000) / 31536000000)))) AS penalties,
    sum(sign * toInt64(round(1000 * (if(stream = 'inspection' AND JSONExtractString(data, 'result') IN ('fail', 'absent'), 6.667, 0)) * exp2((toUnixTimestamp64Milli(time) - 1577836800000) / 31536000000)))) AS inspections,
    sum(sign * toInt64(round(1000 * (if(stream = 'complaint', 1.5, 0)) * exp2((toUnixTimestamp64Milli(time) - 1577836800000) / 31536000000)))) AS complaints,
    sum(sign * toInt64(round(1000 * (if(stream = 'judgment' AND JSONExtractBool(data, 'dishonest'), 15, 0)) * exp2((toUnixTimestamp64Milli(time) - 1577836800000) / 31536000000)))) AS judgments,
    sum(sign * toInt64(round(1000 * (if(stream = 'credit-change' AND JSONExtractString(data, 'kind') IN ('dishonesty-listed', 'abnormal-listed'), 15, 0)) * exp2((toUnixTimestamp64Milli(time) - 1577836800000) / 31536000000)))) AS listings,
    sum(sign * toInt64(round(1000 * (if(stream = 'opinion' AND JSONExtractFloat(data, 'sentiment') < 0, 1, 0)) * exp2((toUnixTimestamp64Milli(time) - 1577836800000) / 31536000000)))) AS opinions,
    toInt64(0) AS warnings
FROM events
WHERE sign != 0 AND stream IN ('penalty', 'inspection', 'complaint', 'judgment', 'credit-change', 'opinion') AND scope = 'subject'
    AND ifNull(cause_offset, offset) < (SELECT any(cuts) FROM fills WHERE fill = '019/events')[partition]
GROUP BY region, key
ORDER BY region, key;

INSERT INTO risk_by_subject (region, key, penalties, inspections, complaints, judgments, listings, opinions, warnings) SETTINGS insert_deduplication_token = 'fill/019/risk_by_subject/cases'
SELECT
    substring(region, 1, 6) AS region,
    key,
    toInt64(0) AS penalties,
    toInt64(0) AS inspections,
    toInt64(0) AS complaints,
    toInt64(0) AS judgments,
    toInt64(0) AS listings,
    toInt64(0) AS opinions,
    sum(sign * toInt64(round(1000 * multiIf(gravest = 'red', 20, gravest = 'orange', 10, gravest = 'yellow', 5, gravest = 'blue', 2, 0) * exp2((toUnixTimestamp64Milli(raised) - 1577836800000) / 31536000000)))) AS warnings
FROM cases
WHERE status NOT IN ('withdrawn', 'quiet') AND NOT drawn AND scope = 'subject'
    AND offset < (SELECT any(cuts) FROM fills WHERE fill = '019/cases')[partition]
GROUP BY region, key
ORDER BY region, key;

INSERT INTO risk_by_region (region, day, penalties, inspections, complaints, judgments, listings, opinions, warnings) SETTINGS insert_deduplication_token = 'fill/019/risk_by_region/events'
SELECT
    substring(region, 1, 6) AS region,
    toDate32(toTimeZone(time, 'Asia/Shanghai')) AS day,
    sum(sign * toInt64(round(1000 * (if(stream = 'penalty', 5 + multiIf(JSONExtractFloat(data, 'amount') >= 100000, 15, JSONExtractFloat(data, 'amount') >= 50000, 10.5, JSONExtractFloat(data, 'amount') >= 10000, 6, 0), 0)) * exp2((toUnixTimestamp64Milli(time) - 1577836800000) / 31536000000)))) AS penalties,
    sum(sign * toInt64(round(1000 * (if(stream = 'inspection' AND JSONExtractString(data, 'result') IN ('fail', 'absent'), 6.667, 0)) * exp2((toUnixTimestamp64Milli(time) - 1577836800000) / 31536000000)))) AS inspections,
    sum(sign * toInt64(round(1000 * (if(stream = 'complaint', 1.5, 0)) * exp2((toUnixTimestamp64Milli(time) - 1577836800000) / 31536000000)))) AS complaints,
    sum(sign * toInt64(round(1000 * (if(stream = 'judgment' AND JSONExtractBool(data, 'dishonest'), 15, 0)) * exp2((toUnixTimestamp64Milli(time) - 1577836800000) / 31536000000)))) AS judgments,
    sum(sign * toInt64(round(1000 * (if(stream = 'credit-change' AND JSONExtractString(data, 'kind') IN ('dishonesty-listed', 'abnormal-listed'), 15, 0)) * exp2((toUnixTimestamp64Milli(time) - 1577836800000) / 31536000000)))) AS listings,
    sum(sign * toInt64(round(1000 * (if(stream = 'opinion' AND JSONExtractFloat(data, 'sentiment') < 0, 1, 0)) * exp2((toUnixTimestamp64Milli(time) - 1577836800000) / 31536000000)))) AS opinions,
    toInt64(0) AS warnings
FROM events
WHERE sign != 0 AND stream IN ('penalty', 'inspection', 'complaint', 'judgment', 'credit-change', 'opinion')
    AND ifNull(cause_offset, offset) < (SELECT any(cuts) FROM fills WHERE fill = '019/events')[partition]
GROUP BY region, day
ORDER BY region, day;

INSERT INTO risk_by_region (region, day, penalties, inspections, complaints, judgments, listings, opinions, warnings) SETTINGS insert_deduplication_token = 'fill/019/risk_by_region/cases'
SELECT
    substring(region, 1, 6) AS region,
    toDate32(toTimeZone(raised, 'Asia/Shanghai')) AS day,
    toInt64(0) AS penalties,
    toInt64(0) AS inspections,
    toInt64(0) AS complaints,
    toInt64(0) AS judgments,
    toInt64(0) AS listings,
    toInt64(0) AS opinions,
    sum(sign * toInt64(round(1000 * multiIf(gravest = 'red', 20, gravest = 'orange', 10, gravest = 'yellow', 5, gravest = 'blue', 2, 0) * exp2((toUnixTimestamp64Milli(raised) - 1577836800000) / 31536000000)))) AS warnings
FROM cases
WHERE status NOT IN ('withdrawn', 'quiet') AND NOT drawn
    AND offset < (SELECT any(cuts) FROM fills WHERE fill = '019/cases')[partition]
GROUP BY region, day
ORDER BY region, day;

INSERT INTO risk_by_industry (industry, day, penalties, inspections, complaints, judgments, listings, opinions, warnings) SETTINGS insert_deduplication_token = 'fill/019/risk_by_industry/events'
SELECT
    substring(industry, 1, 3) AS industry,
    toDate32(toTimeZone(time, 'Asia/Shanghai')) AS day,
    sum(sign * toInt64(round(1000 * (if(stream = 'penalty', 5 + multiIf(JSONExtractFloat(data, 'amount') >= 100000, 15, JSONExtractFloat(data, 'amount') >= 50000, 10.5, JSONExtractFloat(data, 'amount') >= 10000, 6, 0), 0)) * exp2((toUnixTimestamp64Milli(time) - 1577836800000) / 31536000000)))) AS penalties,
    sum(sign * toInt64(round(1000 * (if(stream = 'inspection' AND JSONExtractString(data, 'result') IN ('fail', 'absent'), 6.667, 0)) * exp2((toUnixTimestamp64Milli(time) - 1577836800000) / 31536000000)))) AS inspections,
    sum(sign * toInt64(round(1000 * (if(stream = 'complaint', 1.5, 0)) * exp2((toUnixTimestamp64Milli(time) - 1577836800000) / 31536000000)))) AS complaints,
    sum(sign * toInt64(round(1000 * (if(stream = 'judgment' AND JSONExtractBool(data, 'dishonest'), 15, 0)) * exp2((toUnixTimestamp64Milli(time) - 1577836800000) / 31536000000)))) AS judgments,
    sum(sign * toInt64(round(1000 * (if(stream = 'credit-change' AND JSONExtractString(data, 'kind') IN ('dishonesty-listed', 'abnormal-listed'), 15, 0)) * exp2((toUnixTimestamp64Milli(time) - 1577836800000) / 31536000000)))) AS listings,
    sum(sign * toInt64(round(1000 * (if(stream = 'opinion' AND JSONExtractFloat(data, 'sentiment') < 0, 1, 0)) * exp2((toUnixTimestamp64Milli(time) - 1577836800000) / 31536000000)))) AS opinions,
    toInt64(0) AS warnings
FROM events
WHERE sign != 0 AND stream IN ('penalty', 'inspection', 'complaint', 'judgment', 'credit-change', 'opinion')
    AND ifNull(cause_offset, offset) < (SELECT any(cuts) FROM fills WHERE fill = '019/events')[partition]
GROUP BY industry, day
ORDER BY industry, day;

INSERT INTO risk_by_industry (industry, day, penalties, inspections, complaints, judgments, listings, opinions, warnings) SETTINGS insert_deduplication_token = 'fill/019/risk_by_industry/cases'
SELECT
    substring(industry, 1, 3) AS industry,
    toDate32(toTimeZone(raised, 'Asia/Shanghai')) AS day,
    toInt64(0) AS penalties,
    toInt64(0) AS inspections,
    toInt64(0) AS complaints,
    toInt64(0) AS judgments,
    toInt64(0) AS listings,
    toInt64(0) AS opinions,
    sum(sign * toInt64(round(1000 * multiIf(gravest = 'red', 20, gravest = 'orange', 10, gravest = 'yellow', 5, gravest = 'blue', 2, 0) * exp2((toUnixTimestamp64Milli(raised) - 1577836800000) / 31536000000)))) AS warnings
FROM cases
WHERE status NOT IN ('withdrawn', 'quiet') AND NOT drawn
    AND offset < (SELECT any(cuts) FROM fills WHERE fill = '019/cases')[partition]
GROUP BY industry, day
ORDER BY industry, day;

-- What the points of each subject are worth now, and its index; of one county, of all where it is not asked for one.
CREATE OR REPLACE VIEW risk_of_subjects AS
SELECT
    r.region AS region,
    r.key AS key,
    sum(r.penalties) * exp2(-(toUnixTimestamp64Milli(now64(3)) - 1577836800000) / 31536000000) / 1000 AS penalties,
    sum(r.inspections) * exp2(-(toUnixTimestamp64Milli(now64(3)) - 1577836800000) / 31536000000) / 1000 AS inspections,
    sum(r.complaints) * exp2(-(toUnixTimestamp64Milli(now64(3)) - 1577836800000) / 31536000000) / 1000 AS complaints,
    sum(r.judgments) * exp2(-(toUnixTimestamp64Milli(now64(3)) - 1577836800000) / 31536000000) / 1000 AS judgments,
    sum(r.listings) * exp2(-(toUnixTimestamp64Milli(now64(3)) - 1577836800000) / 31536000000) / 1000 AS listings,
    sum(r.opinions) * exp2(-(toUnixTimestamp64Milli(now64(3)) - 1577836800000) / 31536000000) / 1000 AS opinions,
    sum(r.warnings) * exp2(-(toUnixTimestamp64Milli(now64(3)) - 1577836800000) / 31536000000) / 1000 AS warnings,
    penalties + inspections + complaints + judgments + listings + opinions + warnings AS points,
    100 * (1 - exp(-points / 100)) AS index
FROM risk_by_subject AS r
GROUP BY r.region, r.key;

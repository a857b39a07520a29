-- What the registry says of each key: a row when a profile comes to stand (sign 1), and the same again with sign -1 when
-- it does so no more. Written by the archive beside the events that change it.
CREATE TABLE IF NOT EXISTS profiles
(
    partition UInt16,
    offset UInt64 COMMENT 'of the record that brought the row',
    version UInt64 COMMENT 'offset of the record by which the profile came to stand; the same in both of its rows',
    sign Int8,
    since DateTime64(3, 'UTC') COMMENT 'arrival of that record',
    scope LowCardinality(String),
    key String,
    name String,
    kind LowCardinality(String),
    region LowCardinality(String) COMMENT 'GB/T 2260, as registered',
    industry LowCardinality(String) COMMENT 'GB/T 4754-2017, as registered',
    domains Array(LowCardinality(String)) COMMENT 'of the items that it is supervised under',
    tags Array(LowCardinality(String)),
    owner String,
    credit LowCardinality(String) COMMENT 'A to D, or empty',
    status LowCardinality(String),
    cadence Nullable(Float64) COMMENT 'seconds between readings of a device',
    INDEX profiles_by_owner owner TYPE bloom_filter(0.01) GRANULARITY 1
)
ENGINE = MergeTree
ORDER BY (scope, key, version, sign)
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1;

-- The profiles that stand.
CREATE OR REPLACE VIEW profiles_current AS
SELECT
    p.scope AS scope,
    p.key AS key,
    argMax(p.name, p.version) AS name,
    argMax(p.kind, p.version) AS kind,
    argMax(p.region, p.version) AS region,
    argMax(p.industry, p.version) AS industry,
    argMax(p.domains, p.version) AS domains,
    argMax(p.tags, p.version) AS tags,
    argMax(p.owner, p.version) AS owner,
    argMax(p.credit, p.version) AS credit,
    argMax(p.status, p.version) AS status,
    argMax(p.cadence, p.version) AS cadence,
    max(p.since) AS since
FROM profiles AS p
GROUP BY p.scope, p.key
HAVING sum(p.sign) > 0;

CREATE TABLE IF NOT EXISTS subjects_by_place
(
    scope LowCardinality(String),
    region LowCardinality(String) COMMENT 'at most the first six digits',
    industry LowCardinality(String) COMMENT 'letter and at most two digits',
    kind LowCardinality(String),
    credit LowCardinality(String),
    status LowCardinality(String),
    total Int64
)
ENGINE = SummingMergeTree(total)
ORDER BY (scope, region, industry, kind, credit, status)
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1
COMMENT 'How many subjects, devices and places are registered where, by credit class: the denominator of the risk of a region and an industry. As they stand now, so without a term.';

CREATE TABLE IF NOT EXISTS subjects_by_domain
(
    domain LowCardinality(String) COMMENT 'empty for who is supervised under no item',
    credit LowCardinality(String),
    region LowCardinality(String) COMMENT 'at most the first six digits',
    total Int64
)
ENGINE = SummingMergeTree(total)
ORDER BY (domain, credit, region)
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1
COMMENT 'How many registered subjects each domain supervises, by credit class; one that several domains supervise counts in each. As they stand now, so without a term.';

CREATE MATERIALIZED VIEW IF NOT EXISTS subjects_by_place_feed TO subjects_by_place AS
SELECT
    scope,
    substring(region, 1, 6) AS region,
    substring(industry, 1, 3) AS industry,
    kind,
    credit,
    status,
    sum(toInt64(sign)) AS total
FROM profiles
GROUP BY scope, region, industry, kind, credit, status;

CREATE MATERIALIZED VIEW IF NOT EXISTS subjects_by_domain_feed TO subjects_by_domain AS
SELECT
    arrayJoin(if(empty(domains), [''], domains)) AS domain,
    credit,
    substring(region, 1, 6) AS region,
    sum(toInt64(sign)) AS total
FROM profiles
WHERE scope = 'subject'
GROUP BY domain, credit, region;

-- Who was registered before this table was there. Domains are known from their next change on.
INSERT INTO profiles (partition, offset, version, sign, since, scope, key, name, kind, region, industry, domains, tags, owner, credit, status, cadence) SETTINGS insert_deduplication_token = 'fill/010/profiles'
SELECT
    partition,
    offset,
    offset AS version,
    1 AS sign,
    since,
    scope,
    key,
    name,
    kind,
    region,
    industry,
    CAST([] AS Array(LowCardinality(String))) AS domains,
    tags,
    owner,
    credit,
    status,
    cadence
FROM
(
    SELECT
        scope,
        key,
        any(partition) AS partition,
        max(offset) AS offset,
        max(at) AS since,
        argMaxIf(JSONExtractString(data, 'name'), (time, id), stream = 'registration' AND JSONType(data, 'name') = 'String') AS name,
        argMaxIf(JSONExtractString(data, 'kind'), (time, id), stream = 'registration' AND JSONType(data, 'kind') = 'String') AS kind,
        argMaxIf(JSONExtractString(data, 'region'), (time, id), stream = 'registration' AND JSONType(data, 'region') = 'String') AS region,
        argMaxIf(JSONExtractString(data, 'industry'), (time, id), stream = 'registration' AND JSONType(data, 'industry') = 'String') AS industry,
        argMaxIf(JSONExtract(data, 'tags', 'Array(String)'), (time, id), stream = 'registration' AND JSONType(data, 'tags') = 'Array') AS tags,
        argMaxIf(JSONExtractString(data, 'owner'), (time, id), stream = 'registration' AND JSONType(data, 'owner') = 'String') AS owner,
        argMaxIf(JSONExtractString(data, 'credit'), (time, id), JSONType(data, 'credit') = 'String') AS credit,
        argMaxIf(JSONExtractString(data, 'status'), (time, id), stream = 'registration' AND JSONType(data, 'status') = 'String') AS status,
        if(countIf(stream = 'registration' AND JSONType(data, 'cadence') IN ('Int64', 'UInt64', 'Double')) = 0, NULL,
            argMaxIf(JSONExtractFloat(data, 'cadence'), (time, id), stream = 'registration' AND JSONType(data, 'cadence') IN ('Int64', 'UInt64', 'Double'))) AS cadence
    FROM
    (
        SELECT scope, key, time, id, partition, offset, any(stream) AS stream, any(at) AS at, any(data) AS data
        FROM registry
        WHERE cause < (SELECT any(cuts) FROM fills WHERE fill = '009/events')[partition]
        GROUP BY scope, key, time, id, partition, offset
        HAVING sum(sign) > 0
    )
    GROUP BY scope, key
    HAVING countIf(stream = 'registration') > 0
)
ORDER BY scope, key;

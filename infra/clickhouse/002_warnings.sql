-- Every transition of every warning.
CREATE TABLE IF NOT EXISTS warnings
(
    warning String COMMENT '32 hex digits, the same for all transitions of an episode',
    ordinal UInt32 COMMENT '0 for the first transition',
    model LowCardinality(String),
    domain LowCardinality(String),
    item LowCardinality(String),
    scope LowCardinality(String),
    key String COMMENT 'without its scope',
    name String DEFAULT '' COMMENT 'of the key, as the registry had it',
    region LowCardinality(String) DEFAULT '',
    level Enum8('none' = 0, 'blue' = 1, 'yellow' = 2, 'orange' = 3, 'red' = 4),
    previous Enum8('none' = 0, 'blue' = 1, 'yellow' = 2, 'orange' = 3, 'red' = 4),
    clock DateTime64(3, 'UTC') COMMENT 'when the level changed',
    raised DateTime64(3, 'UTC') COMMENT 'when the episode opened',
    reason LowCardinality(String),
    quiet Bool COMMENT 'opened by backfilled history; delivered to nobody',
    departments Array(LowCardinality(String)),
    revision LowCardinality(String),
    indicators String COMMENT 'JSON' CODEC(ZSTD(1)),
    params String COMMENT 'JSON' CODEC(ZSTD(1)),
    title String,
    evidence_hash String COMMENT 'SHA-256 of the link in the evidence chain, hex',
    partition UInt16,
    offset UInt64,
    INDEX warnings_by_key key TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX warnings_by_clock clock TYPE minmax GRANULARITY 1
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(raised)
ORDER BY (warning, ordinal)
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1;

-- Each warning as it stands now: its latest transition.
CREATE OR REPLACE VIEW warnings_current AS
SELECT
    t.warning AS warning,
    max(t.ordinal) AS ordinal,
    argMax(t.model, t.ordinal) AS model,
    argMax(t.domain, t.ordinal) AS domain,
    argMax(t.item, t.ordinal) AS item,
    argMax(t.scope, t.ordinal) AS scope,
    argMax(t.key, t.ordinal) AS key,
    argMax(t.name, t.ordinal) AS name,
    argMax(t.region, t.ordinal) AS region,
    argMax(t.level, t.ordinal) AS level,
    argMax(t.previous, t.ordinal) AS previous,
    argMax(t.clock, t.ordinal) AS clock,
    argMax(t.raised, t.ordinal) AS raised,
    argMax(t.reason, t.ordinal) AS reason,
    argMax(t.quiet, t.ordinal) AS quiet,
    argMax(t.departments, t.ordinal) AS departments,
    argMax(t.revision, t.ordinal) AS revision,
    argMax(t.indicators, t.ordinal) AS indicators,
    argMax(t.params, t.ordinal) AS params,
    argMax(t.title, t.ordinal) AS title,
    argMax(t.evidence_hash, t.ordinal) AS evidence_hash
FROM warnings AS t
GROUP BY t.warning;

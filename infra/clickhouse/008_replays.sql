-- Spans in which nobody listened: with the events, what the history of the events log says.
CREATE TABLE IF NOT EXISTS gaps
(
    partition UInt16,
    offset UInt64,
    began DateTime64(3, 'UTC') COMMENT 'absences do not count from here',
    at DateTime64(3, 'UTC') COMMENT 'to here'
)
ENGINE = MergeTree
ORDER BY (partition, offset)
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1;

-- Replays of the history that came to their end, by their names; the newest of a name counts. Their partition is 0.
CREATE TABLE IF NOT EXISTS shadow_replays
(
    partition UInt16,
    replay LowCardinality(String) COMMENT 'the name that somebody gave it',
    run String COMMENT 'one execution of it',
    revision LowCardinality(String) COMMENT 'of the rules that it was given',
    span_from DateTime64(3, 'UTC'),
    span_to DateTime64(3, 'UTC'),
    finished DateTime64(3, 'UTC'),
    transitions UInt64,
    summary String COMMENT 'JSON' CODEC(ZSTD(1))
)
ENGINE = MergeTree
ORDER BY (replay, finished)
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1;

-- What replays would have said: warnings that nobody raised, and nobody was told.
CREATE TABLE IF NOT EXISTS shadow_warnings
(
    partition UInt16,
    replay LowCardinality(String),
    run String,
    warning String COMMENT '32 hex digits; the same as in warnings where the same model says the same of a key at that instant',
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
    clock DateTime64(3, 'UTC') COMMENT 'when the level would have changed',
    raised DateTime64(3, 'UTC') COMMENT 'when the episode would have opened',
    reason LowCardinality(String),
    quiet Bool COMMENT 'opened by backfilled history',
    rests_on Array(LowCardinality(String)) COMMENT 'sources on whose silence the level rests',
    departments Array(LowCardinality(String)) COMMENT 'who would have been told',
    revision LowCardinality(String),
    indicators String COMMENT 'JSON' CODEC(ZSTD(1)),
    params String COMMENT 'JSON' CODEC(ZSTD(1)),
    title String
)
ENGINE = MergeTree
ORDER BY (replay, run, warning, ordinal)
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1;

-- The transitions of the newest run of each replay.
CREATE OR REPLACE VIEW shadow_warnings_current AS
SELECT t.*
FROM shadow_warnings AS t
WHERE (t.replay, t.run) GLOBAL IN (SELECT replay, argMax(run, finished) FROM shadow_replays GROUP BY replay);

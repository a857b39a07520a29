-- What departments did to warnings, one row an action that was taken; those that were refused are in the audit log.
CREATE TABLE IF NOT EXISTS actions
(
    id String COMMENT 'of the action; the same one sent again is no other',
    at DateTime64(3, 'UTC') COMMENT 'when it was taken',
    warning String,
    raised DateTime64(3, 'UTC') COMMENT 'when the episode of the warning opened',
    model LowCardinality(String),
    item LowCardinality(String),
    domain LowCardinality(String),
    level Enum8('none' = 0, 'blue' = 1, 'yellow' = 2, 'orange' = 3, 'red' = 4)
        COMMENT 'of the warning, or the gravest that departments were asked at where it has ended',
    department LowCardinality(String) COMMENT 'for which somebody acted',
    type LowCardinality(String),
    result LowCardinality(String) COMMENT 'of a feedback: confirmed, not-confirmed, transferred or merged; else empty',
    missed Nullable(Bool) COMMENT 'whether a deadline that it met had passed; null where it met none',
    partition UInt16,
    offset UInt64
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(at)
ORDER BY (model, at, offset)
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1;

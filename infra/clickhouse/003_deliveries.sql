-- What was sent to which department, one row a change of state.
CREATE TABLE IF NOT EXISTS deliveries
(
    id String COMMENT 'idempotency key',
    warning String,
    ordinal UInt32,
    department LowCardinality(String),
    role Enum8('lead' = 0, 'cooperating' = 1),
    channel LowCardinality(String),
    at DateTime64(3, 'UTC'),
    state LowCardinality(String),
    partition UInt16,
    offset UInt64,
    INDEX deliveries_by_id id TYPE bloom_filter(0.01) GRANULARITY 1
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(at)
ORDER BY (warning, ordinal, department, offset)
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1;

-- What was refused on arrival, with its original bytes.
CREATE TABLE IF NOT EXISTS dead_letters
(
    at DateTime64(3, 'UTC'),
    code LowCardinality(String),
    message String,
    source LowCardinality(String),
    field String DEFAULT '' COMMENT 'the field at fault',
    original String COMMENT 'name of the original bytes in the vault; they may hold personal values',
    length UInt32 COMMENT 'of the original, UTF-16 units',
    partition UInt16,
    offset UInt64
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(at)
ORDER BY (at, partition, offset)
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1;

-- What an operator must know.
CREATE TABLE IF NOT EXISTS operator_alerts
(
    code LowCardinality(String),
    clock DateTime64(3, 'UTC'),
    model LowCardinality(String) DEFAULT '',
    key String DEFAULT '' COMMENT 'with its scope',
    message String,
    count UInt64,
    partition UInt16,
    offset UInt64
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(clock)
ORDER BY (clock, partition, offset)
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1;

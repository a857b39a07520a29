-- Where the events stand in the registry: the domains that they touch, and what was registered when.

-- How rollups are filled from rows that were there before their views. A cut is taken once, right before the view: what lies
-- below it is filled, once, by a statement with a token of its own, and the view brings only what comes from there on. So a
-- block from before that is sent again adds nothing, though the view has never seen it.
CREATE TABLE IF NOT EXISTS fills
(
    partition UInt16 COMMENT 'always 0, so that one shard has them all',
    fill LowCardinality(String) COMMENT 'migration and source',
    cuts Map(UInt16, UInt64) COMMENT 'by partition of the log: the first offset that the views bring'
)
ENGINE = MergeTree
ORDER BY fill
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1;

ALTER TABLE events ADD COLUMN IF NOT EXISTS domains Array(LowCardinality(String))
    COMMENT 'of the item that it names, else of the items that its subject is supervised under; empty where none is known'
    AFTER industry;
ALTER TABLE events MODIFY COLUMN IF EXISTS region LowCardinality(String) DEFAULT ''
    COMMENT 'GB/T 2260: of the event, else of its key as registered when it came';
ALTER TABLE events MODIFY COLUMN IF EXISTS industry LowCardinality(String) DEFAULT ''
    COMMENT 'GB/T 4754-2017: of the event, else of its key as registered when it came';
ALTER TABLE warnings ADD COLUMN IF NOT EXISTS industry LowCardinality(String) DEFAULT ''
    COMMENT 'of the key, GB/T 4754-2017' AFTER region;

ALTER TABLE shadow_warnings ADD COLUMN IF NOT EXISTS industry LowCardinality(String) DEFAULT ''
    COMMENT 'of the key, GB/T 4754-2017' AFTER region;

CREATE TABLE IF NOT EXISTS registry
(
    scope LowCardinality(String),
    key String,
    time DateTime64(3, 'UTC'),
    id String,
    sign Int8 COMMENT '1, and -1 for what was taken back',
    stream LowCardinality(String),
    at DateTime64(3, 'UTC'),
    partition UInt16,
    offset UInt64,
    cause UInt64 COMMENT 'offset of the record that brought the row: its own, or that of what took it back',
    data String CODEC(ZSTD(1))
)
ENGINE = MergeTree
ORDER BY (scope, key, time, id, sign)
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1
COMMENT 'Registrations and credit changes by key, for its portrait and for the profile that the archive gives its events. A copy of rows of events, which can be made again.';

INSERT INTO fills (partition, fill, cuts) SETTINGS insert_deduplication_token = 'cut/009/events'
SELECT 0 AS partition, '009/events' AS fill, (
    SELECT mapFromArrays(groupArray(log), groupArray(next))
    FROM (SELECT partition AS log, max(offset) + 1 AS next FROM events GROUP BY log)
) AS cuts;

CREATE MATERIALIZED VIEW IF NOT EXISTS registry_feed TO registry AS
SELECT scope, key, time, id, sign, stream, at, partition, offset, ifNull(cause_offset, offset) AS cause, data
FROM events
WHERE sign != 0 AND stream IN ('registration', 'credit-change')
    AND ifNull(cause_offset, offset) >= (SELECT any(cuts) FROM fills WHERE fill = '009/events')[partition];

INSERT INTO registry (scope, key, time, id, sign, stream, at, partition, offset, cause, data) SETTINGS insert_deduplication_token = 'fill/009/registry'
SELECT scope, key, time, id, sign, stream, at, partition, offset, ifNull(cause_offset, offset) AS cause, data
FROM events
WHERE sign != 0 AND stream IN ('registration', 'credit-change')
    AND ifNull(cause_offset, offset) < (SELECT any(cuts) FROM fills WHERE fill = '009/events')[partition]
ORDER BY scope, key, time, id, sign, partition, offset;

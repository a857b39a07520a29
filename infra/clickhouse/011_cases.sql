-- What becomes of each warning among the departments: a row for how it stands from then on (sign 1), and the same again
-- with sign -1 when it does so no more. So a sum over sign counts each warning once, as it stands now.
CREATE TABLE IF NOT EXISTS cases
(
    partition UInt16,
    offset UInt64 COMMENT 'in the log of actions, of the record that brought the row',
    version UInt64 COMMENT 'offset of the record that says how it stands; the same in both of its rows',
    sign Int8,
    at DateTime64(3, 'UTC') COMMENT 'since when it stands so',
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
    credit LowCardinality(String),
    status LowCardinality(String) COMMENT 'raised, withheld, quiet, pushed, signed, in-disposal, fed-back, closed, suspended, cleared, withdrawn',
    level Enum8('none' = 0, 'blue' = 1, 'yellow' = 2, 'orange' = 3, 'red' = 4) COMMENT 'now',
    gravest Enum8('none' = 0, 'blue' = 1, 'yellow' = 2, 'orange' = 3, 'red' = 4) COMMENT 'the gravest so far',
    lead LowCardinality(String) COMMENT 'the department that leads; empty for none',
    departments Array(LowCardinality(String)) COMMENT 'that must act on it or owe an answer',
    finding LowCardinality(String) COMMENT 'confirmed or not-confirmed by departments; else empty',
    harm Nullable(DateTime64(3, 'UTC')),
    signed_at Nullable(DateTime64(3, 'UTC')) COMMENT 'first signature',
    closed_at Nullable(DateTime64(3, 'UTC')),
    joint Bool COMMENT 'a joint inspection of several departments',
    drawn Bool COMMENT 'called for by a random draw, and no warning',
    items Array(LowCardinality(String)) COMMENT 'of a joint task',
    title String
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(raised)
ORDER BY (warning, version, sign)
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1;

-- The deadlines of departments, in the same way; one that is owed no more has no row left that counts.
CREATE TABLE IF NOT EXISTS deadlines
(
    partition UInt16,
    offset UInt64,
    version UInt64,
    sign Int8,
    warning String,
    raised DateTime64(3, 'UTC'),
    model LowCardinality(String),
    domain LowCardinality(String),
    level Enum8('none' = 0, 'blue' = 1, 'yellow' = 2, 'orange' = 3, 'red' = 4) COMMENT 'the gravest of the warning when the row was written',
    kind LowCardinality(String) COMMENT 'sign, feedback, close, judgement or transfer',
    department LowCardinality(String),
    began DateTime64(3, 'UTC'),
    due_at Nullable(DateTime64(3, 'UTC')) COMMENT 'null beyond the calendar',
    done_at Nullable(DateTime64(3, 'UTC')),
    frozen Nullable(DateTime64(3, 'UTC')) COMMENT 'since when its clock stands still',
    outcome LowCardinality(String) COMMENT 'open, kept or missed; an open one whose time is over is overdue'
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(raised)
ORDER BY (warning, kind, department, began, version, sign)
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1;

-- Each warning as it stands among the departments.
CREATE OR REPLACE VIEW cases_current AS
SELECT
    c.warning AS warning,
    max(c.version) AS current_version,
    argMax(c.at, c.version) AS at,
    argMax(c.raised, c.version) AS raised,
    argMax(c.model, c.version) AS model,
    argMax(c.item, c.version) AS item,
    argMax(c.domain, c.version) AS domain,
    argMax(c.scope, c.version) AS scope,
    argMax(c.key, c.version) AS key,
    argMax(c.name, c.version) AS name,
    argMax(c.region, c.version) AS region,
    argMax(c.industry, c.version) AS industry,
    argMax(c.credit, c.version) AS credit,
    argMax(c.status, c.version) AS status,
    argMax(c.level, c.version) AS level,
    argMax(c.gravest, c.version) AS gravest,
    argMax(c.lead, c.version) AS lead,
    argMax(c.departments, c.version) AS departments,
    argMax(c.finding, c.version) AS finding,
    argMax(c.joint, c.version) AS joint,
    argMax(c.drawn, c.version) AS drawn,
    argMax(c.items, c.version) AS items,
    argMax(c.title, c.version) AS title
FROM cases AS c
GROUP BY c.warning
HAVING sum(c.sign) > 0;

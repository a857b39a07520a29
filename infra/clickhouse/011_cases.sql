-- What becomes of each warning among the departments: a row for how it stands from then on (sign 1), and the same again
-- with sign -1 when it does so no more. So a sum over sign counts each warning once, as it stands now.
CREATE TABLE IF NOT EXISTS cases
(
    partition UInt16,
    offset Int64 COMMENT 'in the log of cases, of the record that brought the row; -1 for what was there before the log',
    version Int64 COMMENT 'offset of the record that says how it stands; the same in both of its rows',
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
    offset Int64,
    version Int64,
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

-- Warnings that were there before, as far as their transitions and actions tell; how they stand exactly is known from
-- their next change on, and so are their deadlines.
INSERT INTO fills (partition, fill, cuts) SETTINGS insert_deduplication_token = 'cut/011/warnings'
SELECT 0 AS partition, '011/warnings' AS fill, (
    SELECT mapFromArrays(groupArray(log), groupArray(next))
    FROM (SELECT partition AS log, max(offset) + 1 AS next FROM warnings GROUP BY log)
) AS cuts;

INSERT INTO fills (partition, fill, cuts) SETTINGS insert_deduplication_token = 'cut/011/actions'
SELECT 0 AS partition, '011/actions' AS fill, (
    SELECT mapFromArrays(groupArray(log), groupArray(next))
    FROM (SELECT partition AS log, max(offset) + 1 AS next FROM actions GROUP BY log)
) AS cuts;

INSERT INTO cases (partition, offset, version, sign, at, warning, raised, model, item, domain, scope, key, name, region, industry, credit, status, level, gravest, lead, departments, finding, harm, signed_at, closed_at, joint, drawn, items, title) SETTINGS insert_deduplication_token = 'fill/011/cases'
SELECT
    0 AS partition,
    -1 AS offset,
    -1 AS version,
    1 AS sign,
    greatest(w.clock, a.latest) AS at,
    w.warning AS warning,
    w.raised AS raised,
    w.model AS model,
    w.item AS item,
    w.domain AS domain,
    w.scope AS scope,
    w.key AS key,
    w.name AS name,
    w.region AS region,
    w.industry AS industry,
    '' AS credit,
    multiIf(
        w.reason = 'withdrawn', 'withdrawn',
        a.is_closed OR (w.reason = 'drawn' AND a.last = 'close'), 'closed',
        w.quiet, 'quiet',
        a.last = 'suspend', 'suspended',
        a.fed_back, 'fed-back',
        a.started, 'in-disposal',
        a.is_signed, 'signed',
        w.level = 'none' AND w.reason != 'drawn', 'cleared',
        'pushed') AS status,
    w.level AS level,
    w.gravest AS gravest,
    '' AS lead,
    w.departments AS departments,
    a.finding AS finding,
    a.harm AS harm,
    a.signed_at AS signed_at,
    a.closed_at AS closed_at,
    w.reason = 'drawn' AS joint,
    w.reason = 'drawn' AS drawn,
    CAST([] AS Array(LowCardinality(String))) AS items,
    w.title AS title
FROM
(
    SELECT
        t.warning AS warning,
        argMax(t.clock, t.ordinal) AS clock,
        argMax(t.raised, t.ordinal) AS raised,
        argMax(t.model, t.ordinal) AS model,
        argMax(t.item, t.ordinal) AS item,
        argMax(t.domain, t.ordinal) AS domain,
        argMax(t.scope, t.ordinal) AS scope,
        argMax(t.key, t.ordinal) AS key,
        argMax(t.name, t.ordinal) AS name,
        argMax(t.region, t.ordinal) AS region,
        argMax(t.industry, t.ordinal) AS industry,
        argMax(t.reason, t.ordinal) AS reason,
        argMax(t.quiet, t.ordinal) AS quiet,
        argMax(t.level, t.ordinal) AS level,
        max(t.level) AS gravest,
        argMax(t.departments, t.ordinal) AS departments,
        argMax(t.title, t.ordinal) AS title
    FROM warnings AS t
    WHERE t.offset < (SELECT any(cuts) FROM fills WHERE fill = '011/warnings')[t.partition]
    GROUP BY t.warning
) AS w
LEFT JOIN
(
    SELECT
        n.warning AS warning,
        max(n.at) AS latest,
        argMax(n.type, (n.at, n.offset)) AS last,
        countIf(n.type = 'close') > 0 AS is_closed,
        countIf(n.type = 'feedback') > 0 AS fed_back,
        countIf(n.type = 'start') > 0 AS started,
        countIf(n.type = 'sign') > 0 AS is_signed,
        multiIf(countIf(n.result = 'confirmed') > 0, 'confirmed', countIf(n.result = 'not-confirmed') > 0, 'not-confirmed', '') AS finding,
        min(n.harm) AS harm,
        minIf(toNullable(n.at), n.type = 'sign') AS signed_at,
        minIf(toNullable(n.at), n.type = 'close') AS closed_at
    FROM actions AS n
    WHERE n.offset < (SELECT any(cuts) FROM fills WHERE fill = '011/actions')[n.partition]
    GROUP BY n.warning
) AS a ON a.warning = w.warning
ORDER BY warning;

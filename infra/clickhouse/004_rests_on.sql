-- On whose silence a warning rests: while one of these sources is silent it is recorded, and sent to nobody.
ALTER TABLE warnings ADD COLUMN IF NOT EXISTS rests_on Array(LowCardinality(String))
    COMMENT 'sources on whose silence the level rests; withheld while one of them is silent' AFTER quiet;

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
    argMax(t.rests_on, t.ordinal) AS rests_on,
    argMax(t.departments, t.ordinal) AS departments,
    argMax(t.revision, t.ordinal) AS revision,
    argMax(t.indicators, t.ordinal) AS indicators,
    argMax(t.params, t.ordinal) AS params,
    argMax(t.title, t.ordinal) AS title,
    argMax(t.evidence_hash, t.ordinal) AS evidence_hash
FROM warnings AS t
GROUP BY t.warning;

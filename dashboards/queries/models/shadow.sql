-- What would the models of a replay have said, against what was said live in its span? Columns: replay, model, shadow, live, both.
WITH span AS
(
    SELECT replay, argMax(run, finished) AS run, argMax(span_from, finished) AS span_from, argMax(span_to, finished) AS span_to
    FROM shadow_replays
    GROUP BY replay
)
SELECT replay, model, sum(shadowed) AS shadow, sum(lived) AS live, sum(shared) AS both
FROM
(
    SELECT
        replay,
        model,
        count() AS shadowed,
        toUInt64(0) AS lived,
        countIf(warning GLOBAL IN (SELECT warning FROM warnings AS l WHERE l.ordinal = 0 AND NOT (l.quiet AND l.warning = substring(lower(hex(SHA256(concat('shadow\n', l.model, '\n', l.scope, ':', l.key, '\n', toString(toUnixTimestamp64Milli(l.raised)))))), 1, 32)))) AS shared
    FROM shadow_warnings
    WHERE (replay, run) GLOBAL IN (SELECT replay, run FROM span) AND ordinal = 0
        AND $__conditionalAll(model IN splitByChar(',', trim(BOTH '{}' FROM decodeURLComponent('${model:percentencode}'))), $model)
    GROUP BY replay, model
    UNION ALL
    SELECT span.replay AS replay, w.model AS model, toUInt64(0) AS shadowed, count() AS lived, toUInt64(0) AS shared
    FROM (SELECT model, raised FROM warnings WHERE ordinal = 0 AND NOT (quiet AND warning = substring(lower(hex(SHA256(concat('shadow\n', model, '\n', scope, ':', key, '\n', toString(toUnixTimestamp64Milli(raised)))))), 1, 32)) AND $__conditionalAll(model IN splitByChar(',', trim(BOTH '{}' FROM decodeURLComponent('${model:percentencode}'))), $model)) AS w
    CROSS JOIN span
    WHERE w.raised >= span.span_from AND w.raised < span.span_to
    GROUP BY replay, model
)
GROUP BY replay, model
ORDER BY replay, model

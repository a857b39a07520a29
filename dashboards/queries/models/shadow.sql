-- What would the models of a replay have said, against what was said live in its span? Columns: replay, model, shadow, live, both.
WITH
    span AS (SELECT replay, argMax(run, finished) AS run, argMax(span_from, finished) AS span_from, argMax(span_to, finished) AS span_to FROM shadow_replays GROUP BY replay),
    s AS
    (
        SELECT replay, model, warning
        FROM shadow_warnings
        WHERE (replay, run) IN (SELECT replay, run FROM span) AND ordinal = 0
            AND $__conditionalAll(model IN splitByChar(',', trim(BOTH '{}' FROM decodeURLComponent('${model:percentencode}'))), $model)
    ),
    l AS
    (
        SELECT span.replay AS replay, w.model AS model, w.warning AS warning
        FROM
        (
            SELECT warning, model, raised
            FROM warnings
            WHERE ordinal = 0 AND raised >= (SELECT min(span_from) FROM span) AND raised < (SELECT max(span_to) FROM span)
                AND $__conditionalAll(model IN splitByChar(',', trim(BOTH '{}' FROM decodeURLComponent('${model:percentencode}'))), $model)
        ) AS w
        CROSS JOIN span
        WHERE w.raised >= span.span_from AND w.raised < span.span_to
    )
SELECT replay, model, countIf(shadowed) AS shadow, countIf(lived) AS live, countIf(shadowed AND lived) AS both
FROM
(
    SELECT replay, model, warning, max(kind = 's') AS shadowed, max(kind = 'l') AS lived
    FROM (SELECT *, 's' AS kind FROM s UNION ALL SELECT *, 'l' AS kind FROM l)
    GROUP BY replay, model, warning
)
GROUP BY replay, model
ORDER BY replay, model

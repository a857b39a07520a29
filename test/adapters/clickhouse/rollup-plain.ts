// Each rollup with a plain query over the raw rows that must give the same: over events that stand, not over signs.

/** Events that count and were not taken back. */
const LIVE = `(SELECT * FROM events WHERE sign = 1 AND (partition, offset) NOT IN
  (SELECT partition, offset FROM events WHERE sign = -1))`;
/** Cases as they stand: the newest of each warning. */
const STANDING = `(SELECT * FROM cases WHERE sign = 1 ORDER BY version DESC LIMIT 1 BY warning)`;
/** Deadlines that stand. */
const OWED = `(SELECT * FROM deadlines WHERE sign = 1 AND (warning, version) NOT IN
  (SELECT warning, version FROM deadlines WHERE sign = -1))`;
/** Profiles that stand: those whose row was not taken off again. */
const REGISTERED = `(SELECT * FROM profiles WHERE sign = 1 AND (scope, key, version) NOT IN
  (SELECT scope, key, version FROM profiles WHERE sign = -1))`;
const LOCAL = (column: string) => `toDate32(toTimeZone(${column}, 'Asia/Shanghai'))`;
const STREAMS = "stream IN ('penalty', 'inspection', 'complaint', 'judgment', 'credit-change', 'opinion')";
const WORTH = (time: string) => `pow(2, (toUnixTimestamp64Milli(${time}) / 1000 - 1577836800) / 31536000)`;
const POINTS: Readonly<Record<string, string>> = {
  penalties: `if(stream = 'penalty', transform(JSONExtractFloat(data, 'amount'), [12000, 60000, 250000], [11, 15.5, 20], 5), 0)`,
  inspections: `if(stream = 'inspection' AND JSONExtractString(data, 'result') != 'pass', 6.667, 0)`,
  complaints: `if(stream = 'complaint', 1.5, 0)`,
  judgments: `if(stream = 'judgment' AND data LIKE '%"dishonest":true%', 15, 0)`,
  listings: `if(stream = 'credit-change' AND data LIKE '%dishonesty-listed%', 15, 0)`,
  opinions: `if(stream = 'opinion' AND data LIKE '%"sentiment":-%', 1, 0)`,
};
const EVENT_POINTS = Object.entries(POINTS).map(
  ([name, points]) => `sum(toInt64(round(1000 * ${points} * ${WORTH('time')}))) AS ${name}`,
);
const CASE_POINTS = `sum(toInt64(round(1000 * transform(toString(gravest), ['red', 'orange', 'yellow', 'blue'], [20, 10, 5, 2], 0)
  * ${WORTH('raised')}))) AS warnings`;
const NAMES = [...Object.keys(POINTS), 'warnings'];

/** Of one rollup: what it says, and what the raw rows say. */
export interface Pair {
  readonly rollup: string;
  readonly plain: string;
}

function counted(table: string, columns: readonly string[], from: string, sums = ['total']): Pair {
  const keys = columns.map((column) => column.replace(/^.* AS /, '')).join(', ');
  const said = sums.map((sum) => `sum(${sum}) AS ${sum}_sum`).join(', ');
  const some = sums.map((sum) => `${sum}_sum != 0`).join(' OR ');
  return {
    rollup: `SELECT ${keys}, ${said} FROM ${table} GROUP BY ${keys} HAVING ${some} ORDER BY ALL`,
    plain: from,
  };
}

function events(table: string, columns: readonly string[], where = '1 = 1', from = LIVE): Pair {
  const keys = columns.map((column) => column.replace(/^.* AS /, '')).join(', ');
  const plain = `SELECT ${columns.join(', ')}, toInt64(count()) AS total_sum FROM ${from} AS raw WHERE ${where}
    GROUP BY ${keys} ORDER BY ALL`;
  return counted(table, columns, plain);
}

function profiles(table: string, columns: readonly string[], where = '1 = 1'): Pair {
  return events(table, columns, where, REGISTERED);
}

function cases(
  table: string,
  columns: readonly string[],
  more = '',
  sums = ['total'],
  where = '1 = 1',
): Pair {
  const keys = columns.map((column) => column.replace(/^.* AS /, '')).join(', ');
  const plain = `SELECT ${columns.join(', ')}, toInt64(count()) AS total_sum${more} FROM ${STANDING} AS raw WHERE ${where}
    GROUP BY ${keys} ORDER BY ALL`;
  return counted(table, columns, plain, sums);
}

function risk(table: string, place: string, eventKey: string, caseKey: string, where = '1 = 1'): Pair {
  const zero = (names: readonly string[]) => names.map((name) => `toInt64(0) AS ${name}`).join(', ');
  const all = NAMES.map((name) => `sum(${name}) AS ${name}_sum`).join(', ');
  const some = NAMES.map((name) => `${name}_sum != 0`).join(' OR ');
  return {
    rollup: `SELECT ${place}, ${all} FROM ${table} GROUP BY ${place} HAVING ${some} ORDER BY ALL`,
    plain: `SELECT ${place}, ${all} FROM (
        SELECT ${eventKey}, ${EVENT_POINTS.join(', ')}, ${zero(['warnings'])} FROM ${LIVE} AS raw
        WHERE ${STREAMS} AND ${where} GROUP BY ${place}
        UNION ALL SELECT ${caseKey}, ${zero(Object.keys(POINTS))}, ${CASE_POINTS} FROM ${STANDING} AS raw
        WHERE status != 'withdrawn' AND NOT drawn AND ${where} GROUP BY ${place}
      ) GROUP BY ${place} HAVING ${some} ORDER BY ALL`,
  };
}

const COUNTY = 'left(raw.region, 6) AS region';
const DIVISION = 'left(raw.industry, 3) AS industry';
const BRANCH =
  "arrayJoin(if(empty(raw.domains), [''], arrayMap(one -> toString(one), raw.domains))) AS domain";

export const PAIRS: Readonly<Record<string, Pair>> = {
  registry: {
    rollup: 'SELECT key, id, sum(sign) AS n FROM registry GROUP BY key, id HAVING n != 0 ORDER BY ALL',
    plain: `SELECT key, id, toInt64(1) AS n FROM ${LIVE} WHERE stream IN ('registration', 'credit-change') ORDER BY ALL`,
  },
  subjects_by_place: profiles('subjects_by_place', ['scope', COUNTY, DIVISION, 'kind', 'credit', 'status']),
  subjects_by_domain: profiles('subjects_by_domain', [BRANCH, 'credit', COUNTY], "scope = 'subject'"),
  events_per_hour: events('events_per_hour', ['toStartOfHour(raw.time) AS hour', 'stream', 'source']),
  events_by_region: events('events_by_region', [`${LOCAL('time')} AS day`, COUNTY, 'stream']),
  events_by_industry: events('events_by_industry', [
    `${LOCAL('time')} AS day`,
    DIVISION,
    'stream',
    'left(raw.region, 4) AS region',
  ]),
  events_by_domain: events('events_by_domain', [BRANCH, `${LOCAL('time')} AS day`, 'stream', COUNTY]),
  events_by_key: {
    rollup:
      'SELECT key, stream, id, sum(sign) AS n FROM events_by_key GROUP BY ALL HAVING n != 0 ORDER BY ALL',
    plain: `SELECT key, stream, id, toInt64(1) AS n FROM ${LIVE} WHERE stream != 'sensor-reading' ORDER BY ALL`,
  },
  readings_per_hour: {
    rollup: `SELECT metric, device, hour, sum(samples) AS a, sum(valued) AS b, sum(bad) AS c, sum(findings) AS d,
      toFloat64(sum(total)) AS e, min(lowest) AS f, max(highest) AS g FROM readings_per_hour GROUP BY ALL ORDER BY ALL`,
    plain: `SELECT JSONExtractString(data, 'metric') AS metric, key AS device, toStartOfHour(time) AS hour, count() AS a,
      countIf(JSONHas(data, 'value')) AS b, countIf(data NOT LIKE '%"good"%') AS c, countIf(JSONHas(data, 'finding')) AS d,
      toFloat64(sum(toDecimal128(JSONExtract(data, 'value', 'Decimal(18, 4)'), 6))) AS e,
      min(JSONExtract(data, 'value', 'Nullable(Float64)')) AS f, max(JSONExtract(data, 'value', 'Nullable(Float64)')) AS g
      FROM ${LIVE} WHERE stream = 'sensor-reading' GROUP BY metric, device, hour ORDER BY ALL`,
  },
  warnings_per_day: cases('warnings_per_day', [
    ...[`${LOCAL('raised')} AS day`, 'domain', COUNTY, DIVISION, 'scope', 'gravest', 'level', 'status'],
    ...['drawn', 'joint'],
  ]),
  warnings_by_department: cases('warnings_by_department', [
    ...['arrayJoin(departments) AS department', `${LOCAL('raised')} AS day`, 'domain', 'gravest', 'status'],
    ...['finding', COUNTY, 'joint'],
  ]),
  warnings_by_model: cases(
    'warnings_by_model',
    ['model', `${LOCAL('raised')} AS day`, 'gravest', 'status', 'finding'],
    `, countIf(signed_at IS NOT NULL) AS signed_sum, sum(ifNull(dateDiff('second', raised, signed_at), 0)) AS sign_seconds_sum,
      countIf(harm IS NOT NULL) AS harmed_sum, sum(ifNull(dateDiff('second', raised, harm), 0)) AS lead_seconds_sum`,
    ['total', 'signed', 'sign_seconds', 'harmed', 'lead_seconds'],
    'NOT drawn',
  ),
  open_cases: {
    rollup: `SELECT warning, any(status) AS state, sum(total) AS n FROM open_cases GROUP BY warning, version HAVING n != 0
      ORDER BY ALL`,
    plain: `SELECT warning, status AS state, 1 AS n FROM ${STANDING}
      WHERE status NOT IN ('closed', 'cleared', 'withdrawn', 'quiet') ORDER BY ALL`,
  },
  open_deadlines: {
    rollup: `SELECT department, due, warning, kind, sum(total) AS n FROM open_deadlines
      GROUP BY department, due, warning, kind, version, began HAVING n != 0 ORDER BY ALL`,
    plain: `SELECT department, due_at AS due, warning, kind, 1 AS n FROM ${OWED} WHERE outcome = 'open' ORDER BY ALL`,
  },
  deadlines_per_day: {
    rollup: `SELECT department, day, kind, domain, level, outcome, sum(total) AS n, sum(seconds) AS s FROM deadlines_per_day
      GROUP BY ALL HAVING n != 0 OR s != 0 ORDER BY ALL`,
    plain: `SELECT department, ${LOCAL('assumeNotNull(done_at)')} AS day, kind, domain, level, outcome, count() AS n,
      sum(dateDiff('second', began, done_at)) AS s FROM ${OWED} WHERE outcome != 'open' GROUP BY ALL ORDER BY ALL`,
  },
  deliveries_per_day: {
    rollup: `SELECT day, department, channel, role, state, sum(total) AS n FROM deliveries_per_day GROUP BY ALL ORDER BY ALL`,
    plain: `SELECT ${LOCAL('at')} AS day, department, channel, role, state, count() AS n FROM deliveries GROUP BY ALL ORDER BY ALL`,
  },
  dead_letters_per_day: {
    rollup: 'SELECT day, source, code, sum(total) AS n FROM dead_letters_per_day GROUP BY ALL ORDER BY ALL',
    plain: `SELECT ${LOCAL('at')} AS day, source, code, count() AS n FROM dead_letters GROUP BY ALL ORDER BY ALL`,
  },
  indicators_per_day: {
    rollup: `SELECT model, indicator, day, region, sum(samples) AS n, min(lowest) AS low, max(highest) AS high,
      round(toFloat64(sum(total)), 3) AS t FROM indicators_per_day GROUP BY model, indicator, day, region ORDER BY ALL`,
    plain: `SELECT model, indicator, ${LOCAL('clock')} AS day, left(raw.region, 6) AS region, count() AS n,
      min(JSONExtractFloat(indicators, indicator)) AS low, max(JSONExtractFloat(indicators, indicator)) AS high,
      round(sum(JSONExtractFloat(indicators, indicator)), 3) AS t
      FROM warnings AS raw ARRAY JOIN ['n', 'share'] AS indicator GROUP BY model, indicator, day, region ORDER BY ALL`,
  },
  risk_by_subject: risk(
    'risk_by_subject',
    'region, key',
    `${COUNTY}, key`,
    `${COUNTY}, key`,
    "scope = 'subject'",
  ),
  risk_by_region: risk(
    'risk_by_region',
    'region, day',
    `${COUNTY}, ${LOCAL('time')} AS day`,
    `${COUNTY}, ${LOCAL('raised')} AS day`,
  ),
  risk_by_industry: risk(
    'risk_by_industry',
    'industry, day',
    `${DIVISION}, ${LOCAL('time')} AS day`,
    `${DIVISION}, ${LOCAL('raised')} AS day`,
  ),
};

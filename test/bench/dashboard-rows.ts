// What the bench of dashboards fills a warehouse with: statements that draw rows by the hash of their numbers, so that
// the same number of events always gives the same ones, but for the day of today at which they end.

/** One statement. */
export interface Filling {
  readonly name: string;
  readonly sql: string;
}

const SUBJECTS = 500_000;
/** So many that each speaks every eighteen minutes. */
const DEVICES = 200;
const SPAN_MS = 365 * 86_400_000;
/** Rows of one statement: a month of arrivals and all views of it fit into memory. */
const STEP = 1_000_000;
const RECENT = `toUnixTimestamp64Milli(now64(3)) - 60000`;

/** A whole number from 0 to below `below`, by the number of the row and what it is drawn for. */
const draw = (seed: string, below: number | string) => `(cityHash64(number, '${seed}') % ${below})`;
const region = (of: string) =>
  `concat('11', leftPad(toString(1 + intDiv(${of} % 100, 10)), 2, '0'), leftPad(toString(1 + ${of} % 10), 2, '0'))`;
/** One of 97 divisions of GB/T 4754, with a class in it. */
const industry = (of: string) =>
  `concat(char(65 + intDiv(${of} % 97, 5)), leftPad(toString(1 + ${of} % 97), 2, '0'), '1', '1')`;
const domain = (of: string) => `concat('domain-', toString(${of} % 20))`;

/** Three of five events are readings; each hundredth of the others is taken back, each hundredth came twice. */
function eventsFrom(from: number, rows: number, all: number): Filling {
  const kind = draw('kind', 1_000);
  const subject = draw('subject', SUBJECTS);
  const device = draw('device', DEVICES);
  const sql = `
INSERT INTO events (partition, offset, id, stream, source, scope, key, region, industry, domains, time, at, sign, verdict,
  cause_offset, data)
SELECT 0, number, concat('urn:bench ', toString(number)) AS id, stream,
  concat('urn:source-', toString(${draw('source', 12)})),
  if(stream = 'sensor-reading', 'device', 'subject'),
  if(stream = 'sensor-reading', concat('D', leftPad(toString(${device}), 5, '0')), concat('S', leftPad(toString(${subject}), 7, '0'))),
  ${region(`if(stream = 'sensor-reading', ${device}, ${subject})`)},
  if(stream = 'sensor-reading', '', ${industry(subject)}),
  if(stream = 'sensor-reading', [], if(${subject} % 3 = 0, [${domain(subject)}, 'gas'], [${domain(subject)}])),
  fromUnixTimestamp64Milli(toInt64(arrival - ${draw('delay', 3_600_000)}), 'UTC'),
  fromUnixTimestamp64Milli(toInt64(arrival), 'UTC'), sign, if(sign = 0, 'duplicate', if(sign = -1, 'revoked', '')),
  if(sign = -1, toNullable(toUInt64(number)), NULL),
  multiIf(
    stream = 'sensor-reading', concat('{"metric":"', ['voc', 'noise', 'dust', 'gas'][1 + ${device} % 4], '","value":', toString(${draw('value', 10_000)} / 100), ',"quality":"', if(${draw('quality', 50)} = 0, 'bad', 'good'), '"}'),
    stream = 'penalty', concat('{"document":"罚', toString(number), '","amount":', toString(${draw('amount', 150_000)}), '}'),
    stream = 'inspection', concat('{"inspection":"I', toString(number), '","result":"', ['pass', 'fail'][1 + ${draw('result', 2)}], '"}'),
    stream = 'credit-change', concat('{"kind":"evaluation","credit":"', ['A', 'B', 'C', 'D'][1 + ${draw('credit', 4)}], '"}'),
    stream = 'judgment', '{"case_no":"1","dishonest":true}',
    stream = 'opinion', '{"platform":"p","sentiment":-0.5}',
    '{"category":"食品变质","content":"反映某店食品变质"}')
FROM (
  SELECT number,
    multiIf(${kind} < 600, 'sensor-reading', ${kind} < 850, 'complaint', ${kind} < 930, 'inspection', ${kind} < 960, 'opinion',
      ${kind} < 980, 'penalty', ${kind} < 990, 'credit-change', 'judgment') AS stream,
    arrayJoin(multiIf(${kind} >= 600 AND ${draw('back', 100)} = 0, [1, -1], ${draw('twice', 100)} = 0, [0], [1])) AS sign,
    ${RECENT} - toInt64((${all} - number) / ${all} * ${SPAN_MS}) AS arrival
  FROM numbers(${from}, ${rows})
)
SETTINGS max_partitions_per_insert_block = 1000, max_block_size = 100000, max_insert_block_size = 200000`;
  return { name: `events from ${from.toLocaleString('en')}`, sql };
}

const REGISTRATIONS: Filling = {
  name: 'registrations',
  sql: `
INSERT INTO events (partition, offset, id, stream, source, scope, key, region, industry, domains, time, at, sign, data)
SELECT 1, number, concat('urn:registry ', toString(number)), 'registration', 'urn:registry', 'subject',
  concat('S', leftPad(toString(number), 7, '0')), ${region('number')}, ${industry('number')}, [${domain('number')}],
  now64(3) - INTERVAL 400 DAY, now64(3) - INTERVAL 400 DAY, 1,
  concat('{"kind":"enterprise","name":"单位', toString(number), '","region":"', ${region('number')}, '","industry":"', ${industry('number')}, '","credit":"', ['A', 'B', 'C', 'D'][1 + number % 4], '"}')
FROM numbers(${SUBJECTS})`,
};

const PROFILES: Filling = {
  name: 'profiles',
  sql: `
INSERT INTO profiles (partition, offset, version, sign, since, scope, key, name, kind, region, industry, domains, tags, owner,
  credit, status)
SELECT 1, number, number, 1, now64(3) - INTERVAL 400 DAY, 'subject', concat('S', leftPad(toString(number), 7, '0')),
  concat('单位', toString(number)), 'enterprise', ${region('number')}, ${industry('number')}, [${domain('number')}], ['食品经营'], '',
  ['A', 'B', 'C', 'D'][1 + number % 4], 'active'
FROM numbers(${SUBJECTS})`,
};

const LEVEL = `['blue', 'yellow', 'orange', 'red'][1 + toUInt8(floor(sqrt(${draw('level', 16)})))]`;
const RAISED = (all: number) =>
  `fromUnixTimestamp64Milli(toInt64(${RECENT} - toInt64((${all} - number) / ${all} * ${SPAN_MS})), 'UTC')`;

/** One warning in a hundred events, each with three standings, nine of ten closed in the end. */
function casesOf(count: number): Filling {
  return {
    name: 'cases',
    sql: `
INSERT INTO cases (partition, offset, version, sign, at, warning, raised, model, item, domain, scope, key, name, region, industry,
  credit, status, level, gravest, lead, departments, finding, harm, signed_at, closed_at, joint, drawn, items, title)
SELECT 0, offset, version, sign, raised, lower(hex(MD5(toString(number)))), raised, concat(domain, '/m', toString(${draw('model', 5)})),
  'item', domain, if(${draw('scope', 10)} = 0, 'device', 'subject'), concat('S', leftPad(toString(subject), 7, '0')), concat('单位', toString(subject)),
  ${region('subject')}, ${industry('subject')}, 'B', status, if(status = 'closed', 'none', level), level, concat('d', toString(number % 30)),
  [concat('d', toString(number % 30)), concat('d', toString((number + 7) % 30))],
  if(status = 'closed', ['confirmed', 'not-confirmed', ''][1 + ${draw('finding', 3)}], ''), NULL,
  if(status = 'pushed', NULL, raised + INTERVAL 3 HOUR), if(status = 'closed', raised + INTERVAL 9 DAY, NULL),
  ${draw('joint', 20)} = 0, false, ['item'], '某类预警'
FROM (
  SELECT number, ${draw('subject', SUBJECTS)} AS subject, ${domain('subject')} AS domain, ${RAISED(count)} AS raised, ${LEVEL} AS level,
    if(${draw('open', 10)} = 0, ['signed', 'fed-back'][1 + ${draw('stage', 2)}], if(${draw('back', 50)} = 0, 'withdrawn', 'closed')) AS last,
    arrayJoin([(0, 0, 1, 'pushed'), (1, 0, -1, 'pushed'), (1, 1, 1, last)]) AS step,
    number * 2 + step.1 AS offset, number * 2 + step.2 AS version, step.3 AS sign, step.4 AS status
  FROM numbers(${count})
)`,
  };
}

function deadlinesOf(count: number): Filling {
  return {
    name: 'deadlines',
    sql: `
INSERT INTO deadlines (partition, offset, version, sign, warning, raised, model, domain, level, kind, department, began, due_at,
  done_at, frozen, outcome)
SELECT 0, offset, version, sign, lower(hex(MD5(toString(number)))), raised, concat(domain, '/m', toString(${draw('model', 5)})), domain, level,
  kind, concat('d', toString(number % 30)), raised, due, if(done, due + INTERVAL late SECOND, NULL), NULL,
  if(done, if(late > 0, 'missed', 'kept'), 'open')
FROM (
  SELECT number, ${draw('subject', SUBJECTS)} AS subject, ${domain('subject')} AS domain, ${RAISED(count)} AS raised, ${LEVEL} AS level,
    arrayJoin(['sign', 'feedback', 'close']) AS kind,
    raised + INTERVAL multiIf(kind = 'sign', 4, kind = 'feedback', 72, 240) HOUR AS due,
    toInt32(${draw('late', 20_000)}) - 15000 AS late,
    ${draw('open', 10)} = 0 AND kind != 'sign' AS open,
    arrayJoin(if(open, [(0, 0, 1, false)], [(0, 0, 1, false), (1, 0, -1, false), (1, 1, 1, true)])) AS step,
    number * 2 + step.1 AS offset, number * 2 + step.2 AS version, step.3 AS sign, step.4 AS done
  FROM numbers(${count})
)`,
  };
}

function warningsOf(count: number, table: 'warnings' | 'shadow_warnings'): Filling {
  const isShadow = table === 'shadow_warnings';
  return {
    name: table,
    sql: `
INSERT INTO ${table} (${isShadow ? 'replay, run' : 'evidence_hash, offset'}, partition, warning, ordinal, model, domain, item, scope, key, name, region, industry,
  level, previous, clock, raised, reason, quiet, departments, revision, indicators, params, title)
SELECT ${isShadow ? "'trial', 'run'" : "'', number * 2 + ordinal"}, 0, lower(hex(MD5(toString(number)))), arrayJoin([0, 1]) AS ordinal,
  concat(domain, '/m', toString(${draw('model', 5)})), ${domain('subject')} AS domain, 'item', 'subject', concat('S', leftPad(toString(subject), 7, '0')), '单位',
  ${region('subject')}, ${industry('subject')}, if(ordinal = 0, ${LEVEL}, 'none'), 'none', raised + INTERVAL ordinal * 9 DAY, ${RAISED(count)} AS raised,
  if(ordinal = 0, 'raised', 'cleared'), false, ['d1'], 'r', concat('{"complaints":', toString(${draw('n', 50)}), ',"share":', toString(${draw('s', 100)} / 100), '}'), '{}', '某类预警'
FROM (SELECT number, ${draw('subject', SUBJECTS)} AS subject FROM numbers(${count}))`,
  };
}

/** Everything, in the order in which it is to be filled. @param events how many */
export function fillings(events: number): Filling[] {
  const warnings = Math.max(1, Math.floor(events / 100));
  const all: Filling[] = [REGISTRATIONS, PROFILES];
  for (let from = 0; from < events; from += STEP)
    all.push(eventsFrom(from, Math.min(STEP, events - from), events));
  return [
    ...all,
    casesOf(warnings),
    deadlinesOf(warnings),
    warningsOf(warnings, 'warnings'),
    warningsOf(Math.floor(warnings / 10), 'shadow_warnings'),
    {
      name: 'replays',
      sql: `INSERT INTO shadow_replays SELECT 0, 'trial', 'run', 'r', now64(3) - INTERVAL 365 DAY, now64(3), now64(3), 1, '{}'`,
    },
    {
      name: 'deliveries',
      sql: `
INSERT INTO deliveries (id, warning, ordinal, department, role, channel, at, state, partition, offset)
SELECT toString(number), lower(hex(MD5(toString(intDiv(number, 5))))), 0, concat('d', toString(${draw('to', 30)})), 'lead',
  ['inbox', 'mail', 'wecom'][1 + ${draw('channel', 3)}], ${RAISED(warnings * 5)}, if(${draw('state', 100)} = 0, 'undeliverable', 'delivered'), 0, number
FROM numbers(${warnings * 5})`,
    },
    {
      name: 'dead letters',
      sql: `
INSERT INTO dead_letters (at, code, message, source, field, original, length, partition, offset)
SELECT ${RAISED(warnings)}, ['EVENT_DATA', 'EVENT_TIME'][1 + ${draw('code', 2)}], 'm', concat('urn:source-', toString(${draw('source', 12)})), '', 'o', 9, 0, number
FROM numbers(${warnings})`,
    },
  ];
}

// Rows of raw tables by chance of a seed, with all that happens to them: revocations, duplicates, warnings that move on.
import type { Row } from '../../src/ports/warehouse.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const LEVELS = ['blue', 'yellow', 'orange', 'red'] as const;
const STATUSES = ['pushed', 'signed', 'fed-back', 'closed', 'cleared', 'withdrawn', 'suspended'];

/** A block as the archive inserts it. */
export interface Block {
  readonly table: string;
  readonly token: string;
  readonly rows: readonly Row[];
}

/** Numbers from 0 to 1, always the same ones (mulberry32). */
export function chances(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export interface Draw {
  readonly chance: () => number;
  readonly pick: <T>(from: readonly T[]) => T;
}

export function drawOf(seed: number): Draw {
  const chance = chances(seed);
  return { chance, pick: (from) => from[Math.floor(chance() * from.length)] as never };
}

const DATA: Readonly<Record<string, (draw: Draw) => Row>> = {
  penalty: ({ pick }) => ({ document: '罚〔2026〕1号', amount: pick([0, 12_000, 60_000, 250_000, 999.5]) }),
  inspection: ({ pick }) => ({ inspection: 'I1', result: pick(['pass', 'fail', 'absent']) }),
  complaint: ({ pick }) => ({ category: pick(['油烟扰民', '食品变质']), content: '不提供' }),
  judgment: ({ chance }) => ({ case_no: '（2026）1号', dishonest: chance() < 0.5 }),
  'credit-change': ({ pick }) => ({
    credit: pick(['A', 'D']),
    kind: pick(['evaluation', 'dishonesty-listed']),
  }),
  opinion: ({ chance }) => ({ platform: '论坛', sentiment: chance() * 2 - 1 }),
  registration: ({ pick }) => ({ kind: 'enterprise', name: '某店', region: pick(['110105', '3205']) }),
  'sensor-reading': ({ chance, pick }) => ({
    metric: pick(['voc', 'noise']),
    ...(chance() < 0.8 ? { value: Math.round(chance() * 1e9) / 1e4 - 500 } : { finding: 'smoke' }),
    quality: pick(['good', 'bad', 'uncertain']),
  }),
};

/** Blocks of `events`: some take back events of this block or of earlier ones, some rows do not count. */
export function eventBlocks(seed: number, now: number, blocks: number, size = 60): Block[] {
  const draw = drawOf(seed);
  const { chance, pick } = draw;
  const live: Row[] = [];
  let offset = 0;
  return Array.from({ length: blocks }, (_, index) => {
    const rows: Row[] = [];
    for (let count = 0; count < size; count++) {
      const stream = pick(Object.keys(DATA));
      const time = now - Math.floor(chance() * 120 * DAY_MS);
      const counts = chance() > 0.1;
      const row: Row = {
        partition: 0,
        offset: offset++,
        id: `test ${offset}`,
        stream,
        source: pick(['urn:a', 'urn:b']),
        scope: stream === 'sensor-reading' ? 'device' : 'subject',
        key: `${stream === 'sensor-reading' ? 'd' : 's'}${Math.floor(chance() * 9)}`,
        region: pick(['110105', '110105001002', '3205', '']),
        industry: pick(['F5211', 'H62', '']),
        domains: pick([['food'], ['food', 'gas'], []]),
        time,
        at: now - (blocks - index) * HOUR_MS,
        sign: counts ? 1 : 0,
        verdict: counts ? '' : 'duplicate',
        data: JSON.stringify(DATA[stream]?.(draw) ?? {}),
      };
      rows.push(row);
      if (counts && stream !== 'sensor-reading') live.push(row);
      if (chance() > 0.15 || live.length === 0) continue;
      const [original = {}] = live.splice(Math.floor(chance() * live.length), 1);
      const cause = { ...row, offset: offset++, id: `test ${offset}`, stream: original['stream'], sign: 0 };
      rows.push({ ...cause, verdict: 'revokes', revokes: original['id'] });
      rows.push({ ...original, sign: -1, verdict: 'revoked', cause_offset: offset - 1 });
    }
    return { table: 'events', token: `events/0/${index}/events`, rows };
  });
}

/** Blocks of `cases` and `deadlines`: each warning moves on some times, each time taking off what stood before. */
export function caseBlocks(seed: number, now: number, warnings: number): Block[] {
  const { chance, pick } = drawOf(seed);
  const cases: Row[] = [];
  const deadlines: Row[] = [];
  let offset = 0;
  for (let number = 0; number < warnings; number++) {
    const warning = number.toString(16).padStart(32, '0');
    const raised = now - Math.floor(chance() * 90 * DAY_MS) - DAY_MS;
    const fixed = {
      ...{ partition: 0, warning, raised, item: 'food-operation', scope: pick(['subject', 'device']) },
      ...{
        model: pick(['food/a', 'gas/b']),
        domain: pick(['food', 'gas']),
        key: `s${number % 9}`,
        name: '某店',
      },
      ...{ region: pick(['110105', '110105001', '']), industry: pick(['F5211', 'H62']), credit: 'B' },
      ...{ lead: 'market', departments: pick([['market'], ['market', 'fire']]), title: '某类预警' },
      ...{ joint: chance() < 0.2, drawn: chance() < 0.1, items: [] },
    };
    let row: Row | null = null;
    let duty: Row | null = null;
    for (let turn = 0; turn <= Math.floor(chance() * 4); turn++) {
      const at = raised + turn * 5 * HOUR_MS;
      const place = { offset, version: offset, sign: 1 };
      if (row !== null) cases.push({ ...row, offset, sign: -1 });
      const signed = turn > 1 ? raised + 7_200_000 : null;
      const finding = turn > 2 ? pick(['confirmed', 'not-confirmed']) : '';
      const level = turn === 0 ? 'yellow' : pick(LEVELS);
      row = {
        ...{ ...fixed, ...place, at, level, gravest: level, status: turn === 0 ? 'pushed' : pick(STATUSES) },
        ...{
          finding,
          harm: finding === 'confirmed' ? raised + 9e6 : null,
          signed_at: signed,
          closed_at: null,
        },
      };
      cases.push(row);
      if (duty !== null) deadlines.push({ ...duty, offset, sign: -1 });
      const { model, domain } = fixed;
      const done = turn > 1 ? at : null;
      duty = {
        ...{
          partition: 0,
          ...place,
          warning,
          raised,
          model,
          domain,
          level,
          kind: 'sign',
          department: 'market',
        },
        ...{ began: raised, due_at: raised + 6 * HOUR_MS, done_at: done, frozen: null },
        outcome: done === null ? 'open' : done > raised + 6 * HOUR_MS ? 'missed' : 'kept',
      };
      // A deadline may be owed no more.
      if (chance() < 0.1) duty = null;
      else deadlines.push(duty);
      offset++;
    }
  }
  return [...parts('cases', cases), ...parts('deadlines', deadlines)];
}

/** Blocks of `profiles`: keys that are registered, change, are struck off and come back, each time taking off what stood. */
export function profileBlocks(seed: number, now: number, keys: number): Block[] {
  const { chance, pick } = drawOf(seed);
  const standing = new Map<string, Row>();
  const rows: Row[] = [];
  for (let offset = 0; offset < keys * 4; offset++) {
    const scope = pick(['subject', 'subject', 'device', 'place']);
    const key = `p${Math.floor(chance() * keys)}`;
    const name = `${scope}:${key}`;
    const former = standing.get(name);
    if (former !== undefined) rows.push({ ...former, offset, sign: -1 });
    standing.delete(name);
    // The registration on which it rested is taken back, and there is no other.
    if (former !== undefined && chance() < 0.2) continue;
    const row = {
      ...{ partition: 0, offset, version: offset, sign: 1, since: now - Math.floor(chance() * DAY_MS) },
      ...{ scope, key, name: '某店', kind: pick(['enterprise', 'sole-trader']), owner: '', cadence: null },
      ...{ region: pick(['110105', '110105001002', '3205', '']), industry: pick(['F5211', 'H62', '']) },
      ...{ domains: pick([['food'], ['food', 'gas'], []]), tags: [], credit: pick(['A', 'D', '']) },
      // Struck off the register by a change of its state.
      status: pick(['active', 'cancelled']),
    };
    rows.push(row);
    standing.set(name, row);
  }
  return parts('profiles', rows);
}

/** Two blocks of rows. */
function parts(table: string, rows: readonly Row[]): Block[] {
  const middle = Math.floor(rows.length / 2);
  return [rows.slice(0, middle), rows.slice(middle)].map((part, index) => ({
    table,
    token: `${table}/0/${index}`,
    rows: part,
  }));
}

/** Blocks of the other raw tables. */
export function otherBlocks(seed: number, now: number, size = 40): Block[] {
  const { chance, pick } = drawOf(seed);
  const each = (make: (offset: number, at: number) => Row) =>
    Array.from({ length: size }, (_, offset) => ({
      partition: 0,
      offset,
      ...make(offset, now - Math.floor(chance() * 60 * DAY_MS)),
    }));
  const delivery = (offset: number, at: number): Row => ({
    ...{ id: `d${offset}`, warning: 'w', ordinal: 0, department: pick(['market', 'fire']), at },
    ...{ role: pick(['lead', 'remind']), channel: pick(['inbox', 'mail']) },
    state: pick(['delivered', 'undeliverable']),
  });
  const letter = (_: number, at: number): Row => ({
    ...{ at, code: pick(['EVENT_DATA', 'EVENT_TIME']), message: 'm', source: pick(['urn:a', 'urn:b']) },
    ...{ original: 'o', length: 3 },
  });
  const warning = (offset: number, at: number): Row => ({
    ...{ warning: (offset % 10).toString(16).padStart(32, 'f'), ordinal: Math.floor(offset / 10) },
    ...{ model: pick(['food/a', 'gas/b']), domain: 'food', item: 'i', scope: 'subject', key: 's1' },
    ...{
      region: pick(['110105', '110105002']),
      level: pick(LEVELS),
      previous: 'none',
      clock: at,
      raised: at,
    },
    ...{ reason: 'raised', quiet: false, departments: ['market'], revision: 'r', params: '{}', title: 't' },
    indicators: JSON.stringify({
      n: Math.round(chance() * 1e8) / 1e4,
      share: chance(),
      说明: '文字',
      none: null,
    }),
    evidence_hash: '',
  });
  return [
    { table: 'deliveries', token: 'deliveries/0/0', rows: each(delivery) },
    { table: 'dead_letters', token: 'dead-letters/0/0', rows: each(letter) },
    { table: 'warnings', token: 'inbox/0/0', rows: each(warning) },
  ];
}

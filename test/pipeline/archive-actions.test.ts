// Actions on their way into the warehouse: each that was taken once, whatever was lost in between, and no other.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { migrate } from '../../src/adapters/clickhouse/migrate.js';
import { openWarehouse } from '../../src/adapters/clickhouse/warehouse.js';
import { openMemory } from '../../src/adapters/memory/memory.js';
import type { Act } from '../../src/events/act.js';
import { Archive } from '../../src/pipeline/archive.js';
import { alertSources } from '../../src/pipeline/archive-alerts.js';
import { DeadDeliveries } from '../../src/pipeline/deliver/dead.js';
import type { Row } from '../../src/ports/warehouse.js';
import { acts, clockOf, idOf, local, play, rulesOf, turns, type Played } from '../alerts/timeline.js';
import { chdbRuns, MIGRATIONS, openTestWarehouse, type TestWarehouse } from '../support/warehouse.js';

const feedback: Act = { type: 'feedback', result: 'confirmed', findings: '属实', measures: '整改' };

/** Red warnings, each an hour after the one before: some are handled in time, some late, some actions are refused. */
const LIFE = Array.from({ length: 12 }, (_, index) => {
  const name = `w${index}`;
  const hour = (more: number) => clockOf(local('2026-09-16 08:00') + (index + more) * 3_600_000);
  const late = index % 3 === 0 ? 3 : 1;
  return [
    turns(hour(0), 'red', { name }),
    acts(hour(0.5), 'market', feedback, { name }),
    acts(hour(late), 'market', { type: 'sign' }, { name, id: `sign ${name}` }),
    acts(hour(late + 0.2), 'market', { type: 'sign' }, { name, id: `sign ${name}` }),
    acts(hour(late + 0.5), 'market', feedback, { name }),
    acts(hour(late + 0.6), 'health', { type: 'close', conclusion: '办结' }, { name }),
    acts(hour(late + 0.7), 'market', { type: 'close', conclusion: '办结' }, { name }),
  ];
})
  .flat()
  .sort((a, b) => a.at - b.at);
const END = '2026-09-20 00:00';
const rules = rulesOf();

function sourceOf({ logs }: Played) {
  const dead = new DeadDeliveries(openMemory().state);
  const source = alertSources(
    logs,
    { current: () => rules, of: () => Promise.resolve(rules) },
    () => 0,
    dead,
  ).find(({ name }) => name === 'actions/0');
  if (source === undefined) throw new Error('nothing archives the actions');
  return source;
}

/** The rows that the archive makes of a log, in blocks of a size. */
async function rowsOf(life: Played, size: number): Promise<Row[]> {
  const source = sourceOf(life);
  const end = await source.limit();
  const rows: Row[] = [];
  let memory = source.start;
  for (let from = 0; from < end; from += size) {
    const block = await source.block(from, Math.min(end, from + size), memory);
    rows.push(...(block.rows.get('actions') ?? []));
    memory = block.memory;
  }
  return rows;
}

/** The same counted plainly: what each warning says was done to it. */
function counted({ states }: Played): string[] {
  return [...states.values()]
    .flatMap((state) => (state?.acts ?? []).map(({ id, act }) => `${state?.warning} ${act.type} ${id}`))
    .sort();
}

const named = (rows: readonly Row[]) =>
  rows.map(({ warning, type, id }) => `${String(warning)} ${String(type)} ${String(id)}`).sort();

let whole: Played;
let disturbed: Played;
beforeAll(async () => {
  whole = await play(LIFE, END);
  disturbed = await play(LIFE, END, { disturbed: true });
});

describe('the archive of actions', () => {
  it('has each action that a warning says was done to it, and none that was refused', async () => {
    expect(counted(whole)).toHaveLength(36);
    for (const size of [1, 5, 1_000]) expect(named(await rowsOf(whole, size))).toEqual(counted(whole));
  });

  it('has them once where checkpoints were lost after the log was written', async () => {
    const lines = await disturbed.logs.actions.end(0);
    expect(lines).toBeGreaterThan(36);
    for (const size of [1, 5, 1_000])
      expect(named(await rowsOf(disturbed, size))).toEqual(counted(disturbed));
  });

  it('says what was found, on which warning, and whether it came in time', async () => {
    const rows = await rowsOf(whole, 100);
    const raised = local('2026-09-16 08:00');
    const of = { warning: idOf('w0'), model: 'food/bad', item: 'food', domain: 'food', level: 'red' };
    expect(rows.filter(({ warning }) => warning === idOf('w0'))).toMatchObject([
      { ...of, type: 'sign', result: '', department: 'market', raised, at: raised + 10_800_000 },
      { ...of, type: 'feedback', result: 'confirmed', missed: false },
      { ...of, type: 'close', result: '', missed: false },
    ]);
    const dueOf = new Map(
      [...whole.states.values()].flatMap((state) =>
        (state?.duties ?? []).filter(({ kind }) => kind === 'sign').map(({ due }) => [state?.warning, due]),
      ),
    );
    const signs = rows.filter(({ type }) => type === 'sign');
    for (const { warning, at, missed } of signs)
      expect(missed).toBe(Number(at) > Number(dueOf.get(String(warning))));
    expect(new Set(signs.map(({ missed }) => missed))).toEqual(new Set([true, false]));
  });
});

describe.skipIf(!(await chdbRuns()))('the table of actions', () => {
  let under: TestWarehouse;
  beforeAll(async () => {
    under = await openTestWarehouse();
  });
  afterAll(() => under?.close());

  it('answers as the plain count does', async () => {
    const options = { ...under.options, database: 'actions' };
    await migrate(options, MIGRATIONS);
    const warehouse = openWarehouse(options);
    const { logs, taken, states } = disturbed;
    const done = [...states.values()].flatMap((one) => one?.acts ?? []);
    const { state } = openMemory();
    const archived = { logs, state, warehouse, nonce: () => 'n', probe: () => undefined, batch: 7 };
    const archive = new Archive(sourceOf(disturbed), archived);
    await archive.open(false);
    while ((await archive.run()) > 0);
    const read = await warehouse.query(
      `SELECT model, type, result, count() AS n, countIf(missed) AS late
       FROM actions GROUP BY model, type, result ORDER BY type`,
    );
    const plain = (['close', 'feedback', 'sign'] as const).map((type) => {
      const late = taken.filter((one) => one.type === type && one.missed === true).length;
      return {
        model: 'food/bad',
        type,
        result: type === 'feedback' ? 'confirmed' : '',
        n: done.filter(({ act }) => act.type === type).length,
        late,
      };
    });
    expect(read.map((row) => ({ ...row, n: Number(row['n']), late: Number(row['late']) }))).toEqual(plain);
    await warehouse.close();
  });
});

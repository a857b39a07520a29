// How warnings stand, on its way into the warehouse: each as it stands, once, whatever was lost in between.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { migrate } from '../../src/adapters/clickhouse/migrate.js';
import { openWarehouse, type OpenWarehouse } from '../../src/adapters/clickhouse/warehouse.js';
import { OutcomeTally } from '../../src/alerts/outcome.js';
import { standingOf } from '../../src/alerts/standing.js';
import type { Act } from '../../src/events/act.js';
import { Archive } from '../../src/pipeline/archive.js';
import { CasesSource } from '../../src/pipeline/archive-cases.js';
import { acts, clockOf, local, play, rulesOf, turns, type Played } from '../alerts/timeline.js';
import { ForgetfulStores } from '../simulation/forgetful-stores.js';
import { chdbRuns, MIGRATIONS, openTestWarehouse, type TestWarehouse } from '../support/warehouse.js';

const HOUR_MS = 3_600_000;
const END = '2026-09-20 00:00';
const feedback = (result: 'confirmed' | 'not-confirmed'): Act => ({
  ...{ type: 'feedback', result, findings: '属实', measures: '整改' },
});

/** Warnings an hour apart: kept and missed deadlines, clocks that stand still, ends of every kind, some left open. */
const LIFE = Array.from({ length: 15 }, (_, index) => {
  const name = `w${index}`;
  const hour = (more: number) => clockOf(local('2026-09-16 08:00') + (index + more) * HOUR_MS);
  const late = index % 3 === 0 ? 3 : 1;
  const lives = [
    [
      acts(hour(late), 'market', { type: 'sign' }, { name }),
      acts(hour(late + 0.5), 'market', feedback(index % 2 === 0 ? 'confirmed' : 'not-confirmed'), { name }),
      acts(hour(late + 0.6), 'market', { type: 'close', conclusion: '办结' }, { name }),
    ],
    [turns(hour(2), 'none', { name, reason: 'withdrawn', ordinal: 1 })],
    [turns(hour(2), 'none', { name, reason: 'cleared', ordinal: 1 })],
    [
      acts(hour(0.5), 'market', { type: 'sign' }, { name }),
      acts(
        hour(0.6),
        'county',
        { type: 'suspend', reason: '检测', until: local(END) + HOUR_MS },
        { name, role: 'lead' },
      ),
    ],
    [],
  ];
  return [turns(hour(0), 'red', { name }), ...(lives[index % lives.length] ?? [])];
})
  .flat()
  .sort((a, b) => a.at - b.at);

describe.skipIf(!(await chdbRuns()))('the tables of cases and deadlines', () => {
  let under: TestWarehouse;
  let ways = 0;
  beforeAll(async () => {
    under = await openTestWarehouse();
  });
  afterAll(() => under?.close());

  /** @param forgets whether every third crash takes the checkpoints of the last blocks with it */
  async function archived(
    life: Played,
    database: string,
    { batch, forgets }: { readonly batch: number; readonly forgets: boolean },
  ): Promise<OpenWarehouse> {
    const options = { ...under.options, database };
    await migrate(options, MIGRATIONS);
    const warehouse = openWarehouse(options);
    const stores = new ForgetfulStores(() => 0);
    const rules = rulesOf();
    const source = new CasesSource(life.logs.cases, warehouse, {
      current: () => rules,
      of: () => Promise.resolve(rules),
    });
    let [inserts, cuts] = [0, 0];
    const open = async () => {
      const archive = new Archive(source, {
        ...{ logs: life.logs, state: stores.state, warehouse, nonce: () => 'n', batch: batch + (cuts % 2) },
        // Every other block is cut off after its first table, and sent again.
        probe: (name) => {
          if (name === 'after-insert' && (inserts += 1) % 3 === 0) throw new Error('cut off');
        },
      });
      await archive.open(false);
      return archive;
    };
    let archive = await open();
    for (;;) {
      const count = await archive.run().catch(async (error: Error) => {
        if (error.message !== 'cut off') throw error;
        cuts += 1;
        if (forgets && cuts % 3 === 0) await stores.putBack(0);
        if (cuts % 3 === 1) stores.settle();
        archive = await open();
        return 1;
      });
      if (count === 0) return warehouse;
    }
  }

  it.each([
    ['whole', { batch: 1_000, disturbed: false, forgets: false }],
    ['in small blocks', { batch: 4, disturbed: false, forgets: false }],
    ['disturbed', { batch: 7, disturbed: true, forgets: false }],
    ['with checkpoints that are lost', { batch: 7, disturbed: true, forgets: true }],
  ])('say of each warning how it stands, as its own record does: %s', async (_, manner) => {
    const { disturbed } = manner;
    const life = await play(LIFE, END, disturbed ? { disturbed } : {});
    const warehouse = await archived(life, `way${(ways += 1)}`, manner);
    const standings = [...life.states.values()].flatMap((state) =>
      state === undefined ? [] : [standingOf(state)],
    );
    const read = await warehouse.query(
      `SELECT warning, any(status) AS status, toString(any(level)) AS level, toString(any(gravest)) AS gravest,
         any(departments) AS departments, any(finding) AS finding, any(domain) AS domain, sum(sign) AS n
       FROM cases GROUP BY warning, version HAVING n != 0 ORDER BY warning`,
    );
    expect(read).toEqual(
      standings
        .map(({ warning, status, level, gravest, departments, finding }) => ({
          ...{ warning, status, level, gravest, departments, finding: finding ?? '', domain: 'food', n: 1 },
        }))
        .sort((a, b) => (a.warning < b.warning ? -1 : 1)),
    );
    expect(new Set(standings.map(({ status }) => status))).toEqual(
      new Set(['closed', 'withdrawn', 'cleared', 'suspended', 'raised']),
    );
    await compareWithTally(life, warehouse);
    await warehouse.close();
  });

  /** Deadlines and departments, as the report of outcomes counts them. */
  async function compareWithTally({ states }: Played, warehouse: OpenWarehouse): Promise<void> {
    const now = local(END);
    const tally = new OutcomeTally(now);
    for (const state of states.values()) if (state !== undefined) tally.add(state);
    const [deadlines] = await warehouse.query(
      `SELECT toInt64(sumIf(sign, outcome = 'kept')) AS kept,
         toInt64(sumIf(sign, outcome = 'missed' OR (outcome = 'open' AND due_at < ifNull(frozen, {now:DateTime64(3)})))) AS missed
       FROM deadlines`,
      { now: new Date(now) },
    );
    const [model] = tally.models;
    expect(deadlines).toEqual({ kept: model?.deadlinesKept, missed: model?.deadlinesMissed });
    expect(model?.deadlinesMissed).toBeGreaterThan(3);
    const overdue = await warehouse.query(
      `SELECT department, uniqExactIf(warning, due < ifNull(frozen, {now:DateTime64(3)})) AS overdue FROM
         (SELECT department, warning, due, any(frozen) AS frozen FROM open_deadlines
          GROUP BY department, due, warning, kind, version, began HAVING sum(total) > 0)
       GROUP BY department HAVING overdue > 0 ORDER BY department`,
      { now: new Date(now) },
    );
    expect(overdue).toEqual(
      tally.departments.flatMap(({ department, overdue: late }) =>
        late > 0 ? [{ department, overdue: late }] : [],
      ),
    );
  }
});

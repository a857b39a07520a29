// A warning of which nobody was told, from the alert stage through the archive into the statements: never issued.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { migrate } from '../../src/adapters/clickhouse/migrate.js';
import { openWarehouse, type OpenWarehouse } from '../../src/adapters/clickhouse/warehouse.js';
import { Archive } from '../../src/pipeline/archive.js';
import { CasesSource } from '../../src/pipeline/archive-cases.js';
import type { Row } from '../../src/ports/warehouse.js';
import { local, play, rulesOf, turns, type Happening } from '../alerts/timeline.js';
import { openLosingStores } from '../pipeline/losing-stores.js';
import { queryNames, queryText, render } from '../support/dashboard-query.js';
import { chdbRuns, MIGRATIONS, openTestWarehouse, type TestWarehouse } from '../support/warehouse.js';

const END = '2026-09-20 00:00';
const SPAN = { from: local('2026-09-15 00:00'), to: local(END), interval: 86_400 };
const PROFILE = { name: '某店', region: '330199', industry: 'H6210' };
/** Statements over warnings; of the two that are left out one says how each stands, the other which ever were. */
const COUNTING = queryNames().filter(
  (name) =>
    /\b(cases|warnings_per_day|warnings_by_\w+|open_cases|risk_\w+)\b/.test(queryText(name)) &&
    !['domain/status', 'subject/warnings', 'subject/timeline'].includes(name) &&
    !name.startsWith('variables/'),
);

const told: readonly Happening[] = [
  turns('2026-09-16 08:00', 'red', { name: 'told', profile: PROFILE }),
  turns('2026-09-16 10:00', 'none', { name: 'told', previous: 'red', profile: PROFILE }),
];
const untold: readonly Happening[] = ['ended', 'standing'].flatMap((name) => {
  const more = { name, quiet: true, profile: PROFILE, key: 's:told' };
  const opened = turns('2026-09-17 08:00', 'red', more);
  return name === 'standing'
    ? [opened]
    : [opened, turns('2026-09-17 10:00', 'none', { ...more, previous: 'red' })];
});

describe.skipIf(!(await chdbRuns()))('the statements of dashboards', () => {
  let under: TestWarehouse;
  beforeAll(async () => {
    under = await openTestWarehouse();
  });
  afterAll(() => under?.close());

  async function archived(happenings: readonly Happening[], database: string): Promise<OpenWarehouse> {
    const life = await play(happenings, END);
    const options = { ...under.options, database };
    await migrate(options, MIGRATIONS);
    const warehouse = openWarehouse(options);
    const rules = rulesOf();
    const source = new CasesSource(life.logs.cases, warehouse, {
      current: () => rules,
      of: () => Promise.resolve(rules),
    });
    const { state } = openLosingStores();
    const archive = new Archive(source, {
      ...{ logs: life.logs, state, warehouse, nonce: () => 'n', batch: 100 },
      probe: () => undefined,
    });
    await archive.open(false);
    while ((await archive.run()) > 0);
    return warehouse;
  }

  it('count what was told, and nothing of what nobody was told, be it over or not', async () => {
    const [one, both] = [await archived(told, 'told'), await archived([...told, ...untold], 'both')];
    const [stored] = await both.query('SELECT toUInt8(uniqExact(warning)) AS n FROM cases');
    expect(stored).toEqual({ n: 3 });
    const answers = async (warehouse: OpenWarehouse): Promise<Record<string, Row[]>> => {
      const said: Record<string, Row[]> = {};
      for (const name of COUNTING) {
        const sql = render(queryText(name), { ...SPAN, chosen: { subject: 's:told' } });
        said[name] = [...(await warehouse.query(sql))];
      }
      return said;
    };
    const said = await answers(both);
    expect(said).toEqual(await answers(one));
    expect(said['models/precision']).toMatchObject([{ model: 'food/bad', issued: 1 }]);
    expect(said['overview/trend']).toMatchObject([{ red: 1 }]);
    await one.close();
    await both.close();
  });
});

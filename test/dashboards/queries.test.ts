// Each query of a dashboard over given rows: what comes is what can be counted by hand.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { migrate } from '../../src/adapters/clickhouse/migrate.js';
import { openWarehouse, type OpenWarehouse } from '../../src/adapters/clickhouse/warehouse.js';
import type { Row } from '../../src/ports/warehouse.js';
import { columnsOf, queryNames, queryText, render, type Asked } from '../support/dashboard-query.js';
import { chdbRuns, MIGRATIONS, openTestWarehouse, type TestWarehouse } from '../support/warehouse.js';
import { EXPECTED } from './expected-rows.js';
import * as given from './given-rows.js';

const SPAN = { from: given.noon(60), to: given.NOW + 60_000, interval: 86_400 };

describe.skipIf(!(await chdbRuns()))('queries of dashboards', () => {
  let under: TestWarehouse;
  let warehouse: OpenWarehouse;
  beforeAll(async () => {
    under = await openTestWarehouse();
    await migrate({ ...under.options, database: 'boards' }, MIGRATIONS);
    warehouse = openWarehouse({ ...under.options, database: 'boards' });
    const tables = {
      ...{ events: given.EVENTS, profiles: given.PROFILES, cases: given.CASES, deadlines: given.DEADLINES },
      ...{ warnings: given.WARNINGS, shadow_warnings: given.SHADOW, shadow_replays: given.REPLAYS },
      ...{ deliveries: given.DELIVERIES, dead_letters: given.LETTERS },
    };
    for (const [table, rows] of Object.entries(tables)) await warehouse.insert(table, `${table}/0`, rows);
  });
  afterAll(async () => {
    await warehouse?.close();
    await under?.close();
  });

  const answer = (name: string, chosen: Asked['chosen'] = {}) =>
    warehouse.query(render(queryText(name), { ...SPAN, chosen }));

  it('are each in the table of what is expected', () => {
    expect(Object.keys(EXPECTED).sort()).toEqual(queryNames());
  });

  it.each(queryNames())('%s', async (name) => {
    for (const { chosen = {}, rows } of EXPECTED[name] ?? []) {
      expect(await answer(name, { subject: 's1', ...chosen }), JSON.stringify(chosen)).toEqual(rows);
    }
    const shape = await warehouse.query(
      `DESCRIBE (${render(queryText(name), { ...SPAN, chosen: { subject: 's1' } })})`,
    );
    expect(shape.map((column: Row) => column['name'])).toEqual(columnsOf(queryText(name)));
  });

  it('take what is chosen as a value, whatever it holds', async () => {
    const hostile = [
      "') OR 1=1 --",
      "\\') OR 1=1 --",
      '\\',
      "'",
      '{a,b}',
      '%27',
      "x' UNION ALL SELECT 1 --",
      '中文',
    ];
    for (const name of queryNames()) {
      const names = [...queryText(name).matchAll(/\$\{(\w+):/g)].flatMap(([, variable]) => variable ?? []);
      const ones = hostile.map((value) => Object.fromEntries(names.map((variable) => [variable, value])));
      const all = Object.fromEntries(names.map((variable) => [variable, hostile]));
      const nothing = await answer(name, {
        subject: 'nobody',
        ...Object.fromEntries(names.map((one) => [one, 'nobody'])),
      });
      for (const chosen of names.length === 0 ? [] : [...ones, all])
        expect(await answer(name, chosen), `${name} ${JSON.stringify(chosen)}`).toEqual(nothing);
    }
  }, 180_000);

  it('count a warning of a model on trial as such once it is over, and not at all once it is taken back', async () => {
    const row = (key: string, offset: number, status: string) => ({
      ...given.onTrial(key, 3, { status, level: 'none', gravest: 'red' }),
      ...{ offset, version: offset, sign: 1 },
    });
    await warehouse.insert('cases', 'cases/1', [row('s4', 20, 'cleared'), row('s5', 21, 'withdrawn')]);
    const rows = await answer('models/trial');
    expect(rows.filter(({ time }) => time === given.dayOf(given.noon(3)))).toEqual([
      {
        ...{ time: given.dayOf(given.noon(3)), item: 'food-operation', kind: 'shadow', model: 'food/t' },
        ...{ red: 1, orange: 0, yellow: 0, blue: 0 },
      },
    ]);
  });
});

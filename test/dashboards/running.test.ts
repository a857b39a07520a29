// Every statement that the dashboards hold, panels' and choices', run as Grafana sends it on the tables as they are migrated.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { join } from 'node:path';
import { VariableType, type Panel } from '@grafana/grafana-foundation-sdk/dashboard';
import { dashboards } from '../../dashboards/dashboards.js';
import { namesAt } from '../../dashboards/names.js';
import { projectFolder } from '../../src/app/version.js';
import { render } from '../support/dashboard-query.js';
import { openReading, readersUrl } from '../adapters/chdb/readers/reading.js';
import { chdbRuns, type TestWarehouse } from '../support/warehouse.js';

const hasChdb = await chdbRuns();
const DAY_MS = 86_400_000;
const TO = Date.parse('2026-06-30T16:00:00Z');
const SPAN = { from: TO - 30 * DAY_MS, to: TO };
/** Values that would break out of a statement that took them as they are. */
const CHOSEN = {
  department: ["o'brien", 'a,b'],
  domain: ["food' OR 1=1 --"],
  region: ['330199', "33'"],
  level: ['red'],
  model: ["food/x'); DROP TABLE events"],
  subject: "91330100MA2XYZ0000' OR ''='",
};
const boards = [...dashboards(await namesAt(join(projectFolder(), 'rules')))];

interface Statement {
  readonly board: string;
  readonly title: string;
  readonly sql: string;
}
const statements: Statement[] = boards.flatMap(([board, { panels = [], templating }]) => [
  ...panels.flatMap((panel) =>
    ((panel as Panel).targets ?? []).flatMap((target) => {
      const { rawSql: sql } = target as unknown as { readonly rawSql?: string };
      return sql === undefined ? [] : [{ board, title: panel.title ?? '', sql }];
    }),
  ),
  ...(templating?.list ?? []).flatMap(({ type, name, query }) =>
    type === VariableType.Query && typeof query === 'string'
      ? [{ board, title: `choice of ${name}`, sql: query }]
      : [],
  ),
]);

describe.runIf(hasChdb)('the statements of the dashboards', () => {
  let warehouse: TestWarehouse;
  /** As Grafana asks: by the front for readers, which lets through what is known to be harmless. */
  const ask = async (sql: string): Promise<unknown[]> => {
    const answer = await fetch(readersUrl(warehouse), {
      method: 'POST',
      headers: { 'x-clickhouse-user': 'grafana', 'x-clickhouse-key': 'fh_reader' },
      body: `${sql} FORMAT JSONEachRow`,
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${answer.status}: ${text}`);
    const lines = text.split('\n').filter((line) => line !== '');
    return lines.map((line) => JSON.parse(line) as unknown);
  };
  beforeAll(async () => {
    warehouse = await openReading();
  });
  afterAll(() => warehouse.close());

  it.each(statements)('$board: $title', async ({ sql, title }) => {
    const rows = await ask(render(sql, { ...SPAN, chosen: { subject: CHOSEN.subject } }));
    await expect(ask(render(sql, { ...SPAN, chosen: CHOSEN }))).resolves.toBeInstanceOf(Array);
    if (title === 'choice of level') expect(rows[0]).toEqual({ __text: '红色预警', __value: 'red' });
  });

  it('leave the tables as they were, whatever was chosen', async () => {
    expect(await ask('SELECT toUInt8(count()) AS n FROM events')).toEqual([{ n: 0 }]);
  });
});

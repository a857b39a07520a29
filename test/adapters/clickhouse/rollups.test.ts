// Rollups are exactly what a plain query over the raw rows says: with blocks sent again, events taken back, warnings that
// move on; and in a warehouse that had rows before them, however often their migrations are broken off.
import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { migrate, statementsOf } from '../../../src/adapters/clickhouse/migrate.js';
import { openWarehouse, type OpenWarehouse } from '../../../src/adapters/clickhouse/warehouse.js';
import type { Row } from '../../../src/ports/warehouse.js';
import {
  caseBlocks,
  eventBlocks,
  otherBlocks,
  profileBlocks,
  type Block,
} from '../../support/rollup-rows.js';
import {
  chdbRuns,
  MIGRATIONS,
  openTestWarehouse,
  temporaryFolder,
  type TestWarehouse,
} from '../../support/warehouse.js';
import { PAIRS } from './rollup-plain.js';

const NOW = Math.floor(Date.now() / 3_600_000) * 3_600_000;
/** The last migration before there were rollups. */
const BEFORE = 8;
const EVENTS = eventBlocks(1, NOW, 6);
const CASES = caseBlocks(2, NOW, 80);
const OTHERS = otherBlocks(3, NOW);
const PROFILES = profileBlocks(4, NOW, 12);

async function send(warehouse: OpenWarehouse, blocks: readonly Block[]): Promise<void> {
  for (const { table, token, rows } of blocks) await warehouse.insert(table, token, rows);
}

/** Says of each rollup whether it is what the raw rows say. */
async function compare(warehouse: OpenWarehouse, names = Object.keys(PAIRS)): Promise<void> {
  for (const name of names) {
    const { rollup = '', plain = '' } = PAIRS[name] ?? {};
    const said = await warehouse.query(rollup);
    expect(said.length, name).toBeGreaterThan(0);
    expect(said, name).toEqual(await warehouse.query(plain));
  }
}

describe.skipIf(!(await chdbRuns()))('rollups', () => {
  let under: TestWarehouse;
  const opened: OpenWarehouse[] = [];
  const open = (database: string) => {
    const warehouse = openWarehouse({ ...under.options, database });
    opened.push(warehouse);
    return warehouse;
  };
  beforeAll(async () => {
    under = await openTestWarehouse();
  });
  afterAll(async () => {
    for (const warehouse of opened) await warehouse.close();
    await under?.close();
  });

  it('has each table of a view among those that are compared', async () => {
    const files = (await readdir(MIGRATIONS)).filter((name) => /^0(09|[12]\d)_.*\.sql$/.test(name));
    const texts = await Promise.all(files.map((name) => readFile(join(MIGRATIONS, name), 'utf8')));
    const fed = texts.flatMap((text) => [...text.matchAll(/MATERIALIZED VIEW IF NOT EXISTS \w+ TO (\w+) /g)]);
    expect([...new Set(fed.map(([, table]) => table))].sort()).toEqual(Object.keys(PAIRS).sort());
  });

  it('are what the raw rows say, whatever is sent again or taken back, before and after merges', async () => {
    await migrate({ ...under.options, database: 'plain' }, MIGRATIONS);
    const warehouse = open('plain');
    const blocks = [...EVENTS, ...CASES, ...OTHERS, ...PROFILES];
    await send(warehouse, blocks);
    await send(warehouse, [...blocks].reverse());
    const [taken] = await warehouse.query('SELECT countIf(sign = -1) AS n FROM events');
    expect(Number(taken?.['n'])).toBeGreaterThan(20);
    await compare(warehouse);
    for (const table of Object.keys(PAIRS)) await warehouse.command(`OPTIMIZE TABLE ${table} FINAL`);
    await compare(warehouse);
  });

  it('lose a penalty that is revoked, and get it back with nothing', async () => {
    await migrate({ ...under.options, database: 'revoked' }, MIGRATIONS);
    const warehouse = open('revoked');
    const [first] = EVENTS;
    const row = {
      ...first?.rows[0],
      ...{
        stream: 'penalty',
        scope: 'subject',
        key: 's',
        region: '110105',
        industry: 'F52',
        offset: 0,
        sign: 1,
      },
      ...{ domains: ['food'], data: '{"amount":60000}' },
    };
    const total = async () => {
      const [said] = await warehouse.query(
        `SELECT (SELECT sum(total) FROM events_by_region) AS events, (SELECT sum(total) FROM events_by_domain) AS domain,
           (SELECT sum(penalties) FROM risk_by_subject) != 0 AS risky, (SELECT sum(sign) FROM events_by_key) AS listed,
           (SELECT sum(penalties) FROM risk_by_region) != 0 AS region`,
      );
      return said;
    };
    for (const _ of [1, 2]) await warehouse.insert('events', 'one', [row]);
    expect(await total()).toEqual({ events: 1, domain: 1, risky: 1, listed: 1, region: 1 });
    const revocation = [
      { ...row, offset: 1, sign: 0, verdict: 'revokes' },
      { ...row, sign: -1, verdict: 'revoked', cause_offset: 1 },
    ];
    for (const _ of [1, 2]) await warehouse.insert('events', 'two', revocation);
    expect(await total()).toEqual({ events: 0, domain: 0, risky: 0, listed: 0, region: 0 });
  });

  it('are filled from rows that were there, once, wherever their migrations are broken off', async () => {
    const options = { ...under.options, database: 'former' };
    const folder = await temporaryFolder();
    const files = (await readdir(MIGRATIONS)).filter((name) => name.endsWith('.sql')).sort();
    for (const name of files.slice(0, BEFORE)) await cp(join(MIGRATIONS, name), join(folder, name));
    await migrate(options, folder);
    const warehouse = open('former');
    // Columns that came later are not there yet.
    const former = (block: Block) => ({
      ...block,
      rows: block.rows.map(({ domains: _domains, ...row }) => row),
    });
    const early = [...EVENTS.slice(0, 3).map(former), ...OTHERS];
    await send(warehouse, early);
    for (const [index, name] of files.slice(BEFORE).entries()) {
      const text = await readFile(join(MIGRATIONS, name), 'utf8');
      const statements = statementsOf(text);
      // Broken off in each file, at another place, and twice in the same.
      const kept = statements.slice(0, (index * 5 + 2) % (statements.length + 1));
      const broken = await temporaryFolder();
      await mkdir(broken, { recursive: true });
      await cp(folder, broken, { recursive: true });
      await writeFile(join(broken, name), [...kept, 'NONSENSE'].map((one) => `${one};\n`).join('\n'));
      for (const _ of [1, 2]) await expect(migrate(options, broken)).rejects.toThrow('NONSENSE');
      await rm(broken, { recursive: true, force: true });
      await cp(join(MIGRATIONS, name), join(folder, name));
      await Promise.all([migrate(options, folder), migrate(options, folder)]);
    }
    // What is taken off an event of before stands where its row says, and that knows of no domains.
    const first = Number(EVENTS[3]?.rows[0]?.['offset']);
    const later = EVENTS.slice(3).map((block) => ({
      ...block,
      rows: block.rows.map((row) => (Number(row['offset']) < first ? { ...row, domains: [] } : row)),
    }));
    // A profile that was filled changes, another is struck off.
    const filled = await warehouse.query(
      "SELECT * FROM profiles WHERE scope = 'subject' ORDER BY key LIMIT 2",
    );
    const [changed, struck] = filled.map((row) => ({ ...row, offset: 9_000, sign: -1 }));
    const anew = { ...changed, version: 9_000, sign: 1, region: '110108', domains: ['food'] };
    const change: Block = {
      table: 'profiles',
      token: 'profiles/0/filled',
      rows: [changed, anew, struck] as Row[],
    };
    await send(warehouse, [...later, ...CASES, ...PROFILES, change, change]);
    // The last block before the change was not marked done: it comes again.
    await send(warehouse, early);
    const [one] = await warehouse.query('SELECT count() AS n FROM cases WHERE offset = -1');
    expect(Number(one?.['n'])).toBe(10);
    await compare(warehouse);
    await rm(folder, { recursive: true, force: true });
  });
});

import { describe, expect, it } from 'vitest';
import { RowImport } from '../../src/pipeline/importing.js';
import { parseMapping } from '../../src/pipeline/mapping/parse.js';

function rowImport(): RowImport {
  const result = parseMapping(
    `mapping: complaints
format: csv
source: urn:example:hotline
stream: complaint
id: { column: NO }
subject: { column: USCC }
time: { column: AT, type: timestamp }
skip: 'row.NO == "skip"'
data:
  category: { column: CATEGORY }
  amount: { column: AMOUNT, type: number }
`,
    'complaints.yaml',
  );
  if (!result.ok) throw new Error(JSON.stringify(result.diagnostics));
  return new RowImport(result.mapping.map);
}

const ROW = { NO: '1', USCC: '91110000802100433B', AT: '2026-01-02', CATEGORY: '食品', AMOUNT: '3' };

describe('an import', () => {
  it('turns rows into events that the envelope accepts', () => {
    const [imported] = rowImport().take({ ok: true, line: 2, row: ROW }, 'a.csv');
    expect(imported).toMatchObject({ kind: 'event', event: { id: '1', data: { amount: 3 } } });
  });

  it.each([
    [{ USCC: '91110000802100433C' }, 'EVENT_USCC', 'subject'],
    [{ USCC: '' }, 'EVENT_NO_KEY', 'subject'],
    [{ CATEGORY: '' }, 'EVENT_DATA', 'data.category'],
    [{ AMOUNT: '-3' }, 'EVENT_DATA', 'data.amount'],
    [{ AMOUNT: '3 yuan' }, 'ROW_NUMBER', 'data.amount'],
  ])('rejects %j with the field and the row', (change, code, field) => {
    const row = { ...ROW, ...change };
    const [imported] = rowImport().take({ ok: true, line: 5, row }, 'a.csv');
    expect(imported).toMatchObject({ kind: 'reject', reject: { file: 'a.csv', line: 5, code, field, row } });
  });

  it('counts what became of the rows, by reason', () => {
    const rows = rowImport();
    rows.take({ ok: true, line: 2, row: ROW }, 'a.csv');
    rows.take({ ok: true, line: 3, row: { ...ROW, NO: 'skip' } }, 'a.csv');
    rows.take({ ok: true, line: 4, row: { ...ROW, CATEGORY: '' } }, 'a.csv');
    rows.take({ ok: true, line: 5, row: { ...ROW, CATEGORY: '' } }, 'a.csv');
    rows.take({ ok: false, line: 6, code: 'ROW_COLUMNS', message: '2 cells', raw: 'a,b' }, 'a.csv');
    expect(rows).toMatchObject({ rows: 5, events: 1, skipped: 1, rejected: 3 });
    expect(rows.reasons()).toMatchObject([
      { code: 'EVENT_DATA', field: 'data.category', line: 4, count: 2 },
      { code: 'ROW_COLUMNS', field: undefined, line: 6, count: 1 },
    ]);
  });
});

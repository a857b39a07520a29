import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openTable } from '../../../src/adapters/tabular/tabular.js';
import type { RowRead, TableFormat } from '../../../src/ports/rows.js';

async function* pieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let from = 0; from < bytes.length; from += size) yield bytes.subarray(from, from + size);
}

async function rowsOf(
  content: string | Uint8Array,
  format: Partial<TableFormat> = {},
  size = 7,
): Promise<RowRead[]> {
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
  const whole: TableFormat = { format: 'csv', encoding: 'utf-8', delimiter: ',', ...format };
  const table = await openTable(pieces(bytes, size), whole, 'table');
  const rows: RowRead[] = [];
  for await (const batch of table.batches()) rows.push(...batch);
  return rows;
}

const shown = (rows: readonly RowRead[]) =>
  rows.map((read) => (read.ok ? [read.line, { ...read.row }] : [read.line, read.code]));

describe('a CSV', () => {
  it('gives rows by column, with their lines', async () => {
    expect(shown(await rowsOf('\ufeffa,b\n1,甲\n3,4\n'))).toEqual([
      [2, { a: '1', b: '甲' }],
      [3, { a: '3', b: '4' }],
    ]);
  });

  it('rejects rows with too few or too many cells', async () => {
    expect(shown(await rowsOf('a,b\n1\n1,2,3\n1,2\n'))).toEqual([
      [2, 'ROW_COLUMNS'],
      [3, 'ROW_COLUMNS'],
      [4, { a: '1', b: '2' }],
    ]);
  });

  it('without a header takes the columns of the mapping', async () => {
    expect(shown(await rowsOf('1,2\n', { columns: ['a', 'b'] }))).toEqual([[1, { a: '1', b: '2' }]]);
  });

  it('keeps a column called __proto__ as a column', async () => {
    const [read] = await rowsOf('__proto__,b\n1,2\n');
    expect(read?.ok === true && Object.keys(read.row)).toEqual(['__proto__', 'b']);
  });

  it('that is gzip is recognised by its content', async () => {
    expect(shown(await rowsOf(gzipSync('a\n1\n'), {}, 1))).toEqual([[2, { a: '1' }]]);
  });

  it('that is damaged gzip fails with a reason', async () => {
    const cut = gzipSync('a\n1\n'.repeat(1000)).subarray(0, 30);
    await expect(rowsOf(cut)).rejects.toMatchObject({ code: 'FILE_READ' });
  });

  it('in another encoding is decoded, and rows with foreign bytes are rejected', async () => {
    const gb = Uint8Array.from([0x61, 0x0a, 0xbc, 0xd7, 0x0a]);
    expect(shown(await rowsOf(gb, { encoding: 'gb18030' }, 1))).toEqual([[2, { a: '甲' }]]);
    expect(shown(await rowsOf(gb))).toEqual([[2, 'ROW_ENCODING']]);
  });

  it.each([
    ['', 'is empty'],
    ['a,a\n', 'two columns'],
    ['"a\n', 'header'],
  ])('whose header is %j is no table', async (content, message) => {
    await expect(rowsOf(content)).rejects.toThrow(message);
  });
});

describe('NDJSON', () => {
  it('gives a row a line and rejects lines that are none', async () => {
    const text = '{"a":1}\n\nnonsense\n[1]\n{"a":"x\\ny"}';
    expect(shown(await rowsOf(text, { format: 'ndjson' }))).toEqual([
      [1, { a: 1 }],
      [3, 'ROW_MALFORMED'],
      [4, 'ROW_MALFORMED'],
      [5, { a: 'x\ny' }],
    ]);
  });

  it('refuses a line over the limit once and goes on after it', async () => {
    const text = `{"a":"${'x'.repeat(2_500_000)}"}\n{"a":2}\n`;
    const rows = await rowsOf(text, { format: 'ndjson' }, 65_536);
    expect(shown(rows)).toEqual([
      [1, 'ROW_TOO_LARGE'],
      [2, { a: 2 }],
    ]);
  });
});

describe('a JSON array', () => {
  const json = { format: 'json' } as const;

  it('gives the rows that JSON.parse gives, however it is cut and spaced', async () => {
    const rows = fc.array(fc.dictionary(fc.string(), fc.jsonValue()), { maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(
        rows,
        fc.constantFrom(undefined, 1, 2),
        fc.integer({ min: 1, max: 30 }),
        async (list, indent, size) => {
          const text = JSON.stringify(list, undefined, indent);
          const read = await rowsOf(text, json, size);
          const expected = JSON.parse(text) as object[];
          expect(read.map((row) => (row.ok ? Object.entries(row.row) : row))).toEqual(
            expected.map((row) => Object.entries(row)),
          );
        },
      ),
    );
  });

  it('names the line on which a row begins', async () => {
    expect(shown(await rowsOf('[\n  {"a":1},\n\n  {"a":2}\n]\n', json))).toEqual([
      [2, { a: 1 }],
      [4, { a: 2 }],
    ]);
  });

  it('rejects what is no row and goes on', async () => {
    expect(shown(await rowsOf('[{"a":1}, 5, {"a" 2}, {"a":3}]', json))).toEqual([
      [1, { a: 1 }],
      [1, 'ROW_MALFORMED'],
      [1, 'ROW_MALFORMED'],
      [1, { a: 3 }],
    ]);
  });

  it('that is cut short or followed by more says so in a reject', async () => {
    expect(shown(await rowsOf('[{"a":1},{"a"', json))).toEqual([
      [1, { a: 1 }],
      [1, 'ROW_MALFORMED'],
    ]);
    expect(shown(await rowsOf('[{"a":1}]\n{"a":2} more', json))).toEqual([
      [1, { a: 1 }],
      [2, 'ROW_MALFORMED'],
    ]);
  });

  it('refuses a row over the limit once and goes on after it', async () => {
    const text = `[{"a":"${'x'.repeat(2_500_000)}"},{"a":2}]`;
    expect(shown(await rowsOf(text, json, 65_536))).toEqual([
      [1, 'ROW_TOO_LARGE'],
      [1, { a: 2 }],
    ]);
  });

  it('that is no array is refused whole', async () => {
    await expect(rowsOf('{"a":1}', json)).rejects.toMatchObject({ code: 'IMPORT_FORMAT' });
  });
});

import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CsvSplitter, type CsvRecord } from '../../../src/adapters/tabular/csv.js';

/** Splits a text that arrives in pieces, cut at the given places. */
function read(text: string, cuts: readonly number[] = [], delimiter = ','): CsvRecord[] {
  const splitter = new CsvSplitter(delimiter);
  const places = [...cuts, text.length].map((cut) => Math.min(cut, text.length)).sort((a, b) => a - b);
  let from = 0;
  const records = places.flatMap((to) => {
    const piece = text.slice(from, to);
    from = to;
    return splitter.push(piece);
  });
  return [...records, ...splitter.end()];
}

const cellsOf = (records: readonly CsvRecord[]) =>
  records.map((record) => (record.ok ? record.cells : record.code));

const cell = fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', '\r\n', ' ', '甲') });
const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;
const written = (text: string) => (/[",\r\n]/.test(text) || text === '' ? quoted(text) : text);

describe('CSV in pieces', () => {
  it('reads what csv-parse reads, wherever the pieces are cut', () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(cell, { minLength: 1, maxLength: 4 }), { maxLength: 8 }),
        fc.array(fc.nat(200)),
        fc.constantFrom('\n', '\r\n'),
        (rows, cuts, lineEnd) => {
          const text = rows.map((cells) => cells.map(written).join(',') + lineEnd).join('');
          const expected = parse(text, { relax_column_count: true });
          expect(cellsOf(read(text, cuts))).toEqual(expected);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('never throws and says the same of any text, wherever the pieces are cut', () => {
    const any = fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', '\r') });
    fc.assert(
      fc.property(any, fc.array(fc.nat(60)), (text, cuts) => {
        expect(read(text, cuts)).toEqual(read(text));
      }),
      { numRuns: 1000 },
    );
  });

  it.each([
    ['a quote inside a cell', '1,x"y'],
    ['text after a closing quote', '1,"x"y'],
    ['a quote that is never closed', '1,"xy'],
  ])('%s costs its own line and no other', (_, bad) => {
    const records = read(`a,b\n${bad}\n3,4\n5,6\n`);
    expect(cellsOf(records)).toEqual([['a', 'b'], 'ROW_MALFORMED', ['3', '4'], ['5', '6']]);
    expect(records.map((record) => record.line)).toEqual([1, 2, 3, 4]);
    expect(records[1]).toMatchObject({ raw: bad });
  });

  it('counts lines through cells that span them and past empty ones', () => {
    const records = read('a,b\n\n"x\ny",2\n7,8');
    expect(records.map((record) => record.line)).toEqual([1, 3, 5]);
  });

  it('refuses a line over the limit once and goes on after it', () => {
    const long = 'u'.repeat(3_000_000);
    const records = read(`a,b\n1,${long}\n3,4\n`, [500_000, 1_500_000, 2_500_000]);
    expect(cellsOf(records)).toEqual([['a', 'b'], 'ROW_TOO_LARGE', ['3', '4']]);
    expect(records.map((record) => record.line)).toEqual([1, 2, 3]);
    expect(records[1]?.ok === false && records[1].raw.length).toBe(10_000);
  });

  it('separates by another character where the mapping says so', () => {
    expect(cellsOf(read('a;b\n1,5;2\n', [], ';'))).toEqual([
      ['a', 'b'],
      ['1,5', '2'],
    ]);
  });
});

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

const cell = fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', '\r\n', ' ', '甲', '😀') });
const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;
const written = (text: string) => (/[",\r\n]/.test(text) || text === '' ? quoted(text) : text);

describe('CSV in pieces', () => {
  it('gives back the cells that were written, wherever the pieces are cut', () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(cell, { minLength: 1, maxLength: 4 }), { maxLength: 8 }),
        fc.array(fc.nat(200)),
        fc.constantFrom('\n', '\r\n'),
        (rows, cuts, lineEnd) => {
          const text = rows.map((cells) => cells.map(written).join(',') + lineEnd).join('');
          expect(cellsOf(read(text, cuts))).toEqual(rows);
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

  it('loses no row beside a broken one, wherever it stands', () => {
    const bad = fc.constantFrom('x"y', '"x"y', '"x', '1,"', '1,"x""', '"x"y"', '1,x"""');
    fc.assert(
      fc.property(fc.nat(20), bad, fc.nat(20), fc.array(fc.nat(200)), (before, broken, after, cuts) => {
        const lines = Array.from({ length: before + 1 + after }, (_, index) => `${index + 1},甲`);
        lines[before] = broken;
        const expected = lines.map((line, index) => (index === before ? 'ROW_MALFORMED' : line.split(',')));
        const records = read(lines.map((line) => `${line}\n`).join(''), cuts);
        expect(cellsOf(records)).toEqual(expected);
        expect(records.map((record) => record.line)).toEqual(lines.map((_, index) => index + 1));
      }),
    );
  });

  it('gives up a quote that is never closed before the file ends, and reads the lines after it', () => {
    const splitter = new CsvSplitter(',');
    const records = splitter.push('a,b\n1,"x\n');
    const piece = `3,${'y'.repeat(98)}\n`.repeat(160);
    for (let pieces = 0; pieces < 100; pieces++) records.push(...splitter.push(piece));
    expect(records.length).toBeGreaterThan(10_000);
    records.push(...splitter.end());
    expect(records.length).toBe(16_002);
    expect(records[1]).toMatchObject({ line: 2, code: 'ROW_MALFORMED', raw: '1,"x' });
    expect(records.at(-1)).toMatchObject({ ok: true, line: 16_002 });
  });

  it.each([[[]], [[500_000, 1_000_000, 1_040_000]]])(
    'reads a record over the limit line by line, cut at %j',
    (cuts) => {
      const row = `3,${'y'.repeat(98)}`;
      const records = read(`1,"x\n${`${row}\n`.repeat(12_000)}z"\n3,4\n`, cuts);
      expect(records.map((record) => record.line)).toEqual(records.map((_, index) => index + 1));
      const cells = cellsOf(records);
      expect(cells.length).toBe(12_003);
      expect(cells.slice(0, 2)).toEqual(['ROW_MALFORMED', row.split(',')]);
      expect(cells.slice(-2)).toEqual(['ROW_MALFORMED', ['3', '4']]);
    },
  );

  it.each(['\n', '\r\n'])('counts lines through cells that span them and past empty ones: %j', (lineEnd) => {
    const records = read(['a,b', '', '"x', 'y",2', '7,8'].join(lineEnd));
    expect(records.map((record) => record.line)).toEqual([1, 3, 5]);
  });

  it('refuses a line over the limit once and goes on after it', () => {
    const long = 'u'.repeat(3_000_000);
    const records = read(`a,b\n1,${long}\n3,4\n`, [500_000, 1_500_000, 2_500_000]);
    expect(cellsOf(records)).toEqual([['a', 'b'], 'ROW_TOO_LARGE', ['3', '4']]);
    expect(records.map((record) => record.line)).toEqual([1, 2, 3]);
    expect(records[1]?.ok === false && records[1].raw.length).toBe(10_000);
  });

  it('reads a line at the limit and refuses the next longer one', () => {
    const [atLimit, over] = [1_048_575, 1_048_576].map((length) => `${'u'.repeat(length)}\n`);
    for (const cuts of [[], [700_000]]) {
      const records = read(`${atLimit}${over}3\n`, cuts);
      expect(records.map((record) => (record.ok ? 'read' : record.code))).toEqual([
        'read',
        'ROW_TOO_LARGE',
        'read',
      ]);
    }
  });

  it.each([';', '\t', '；'])('separates by %j where the mapping says so', (delimiter) => {
    const text = `a${delimiter}b\n1,5${delimiter}"2${delimiter}"\n`;
    expect(cellsOf(read(text, [], delimiter))).toEqual([
      ['a', 'b'],
      ['1,5', `2${delimiter}`],
    ]);
  });
});

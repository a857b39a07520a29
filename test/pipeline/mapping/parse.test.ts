import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseMapping } from '../../../src/pipeline/mapping/parse.js';

const GOOD = `mapping: fines
format: csv
source: urn:example:fines
stream: penalty
id: row-hash
subject: { column: NUMBER, prefix: 'shop:' }
time: { column: DAY, format: yyyy/MM/dd }
data:
  amount: { column: MONEY, type: number }
`;

function faults(text: string) {
  const result = parseMapping(text, 'fines.yaml');
  return result.ok ? [] : result.diagnostics;
}

describe('a mapping file', () => {
  it('that is right is taken', () => {
    expect(faults(GOOD)).toEqual([]);
  });

  it('that the README shows is taken', () => {
    const readme = readFileSync(new URL('../../../infra/mappings/README.md', import.meta.url), 'utf8');
    const example = /```yaml\n([^]*?)```/.exec(readme)?.[1];
    expect(example).toContain('mapping: city-fines');
    expect(faults(example ?? '')).toEqual([]);
  });

  it('with an unknown key names its place and the nearest key', () => {
    const [fault] = faults(GOOD.replace('prefix:', 'prefiks:'));
    expect(fault).toMatchObject({
      code: 'MAPPING_UNKNOWN_KEY',
      file: 'fines.yaml',
      line: 6,
      column: 28,
      nearest: 'prefix',
    });
  });

  it('without a required key says which', () => {
    const [fault] = faults(GOOD.replace('stream: penalty\n', ''));
    expect(fault).toMatchObject({ code: 'MAPPING_MISSING_KEY' });
    expect(fault?.message).toContain('stream');
  });

  it('with a stream that does not exist lists those that do', () => {
    const [fault] = faults(GOOD.replace('stream: penalty', 'stream: penalties'));
    expect(fault).toMatchObject({ code: 'MAPPING_VALUE', line: 4, column: 9 });
    expect(fault?.expected).toContain('penalty, credit-change');
  });

  it('with two sources of one value, or none, is refused', () => {
    const both = faults(GOOD.replace('{ column: MONEY,', "{ column: MONEY, expr: 'row.MONEY',"));
    expect(both[0]?.message).toContain('column and expr exclude each other');
    const none = faults(GOOD.replace('{ column: MONEY,', '{'));
    expect(none[0]?.expected).toContain('exactly one of column, template, expr, value');
  });

  it('shows where in an expression the fault is', () => {
    const [fault] = faults(GOOD.replace('{ column: MONEY, type: number }', "{ expr: 'row.MONEY + rov.X' }"));
    expect(fault).toMatchObject({ code: 'MAPPING_EXPRESSION', line: 9, column: 32 });
    expect(fault?.message).toContain('rov');
  });

  it.each([
    ['skip: \'row.A.matches("(a+)+b")\'', 'MAPPING_EXPRESSION', 'pattern'],
    ["skip: 'size(row.A)'", 'MAPPING_VALUE', 'int'],
    ['zone: Asia/Taipeh', 'MAPPING_VALUE', 'no time zone'],
    ['encoding: utf-88', 'MAPPING_VALUE', 'no encoding'],
    ['columns: [A, A]', 'MAPPING_VALUE', 'named twice'],
  ])('with %s is refused', (line, code, message) => {
    const [fault] = faults(GOOD + line);
    expect(fault).toMatchObject({ code, line: 10 });
    expect(fault?.message).toContain(message);
  });

  it.each([
    ["{ column: A, pattern: '(a' }", 'MAPPING_PATTERN', 'missing closing'],
    ['{ column: A, format: YYYY-MM-DD, type: timestamp }', 'MAPPING_VALUE', 'does not name year'],
    ['{ column: A, format: yyyy-MM-dd }', 'MAPPING_VALUE', 'needs type'],
    ['{ column: A, else: omit }', 'MAPPING_VALUE', 'belongs to a map'],
    ['{ column: A, type: number, prefix: x }', 'MAPPING_VALUE', 'prefix makes no number'],
    ['{ value: 1e5x, type: number }', 'MAPPING_VALUE', 'is not a number'],
    ["{ column: A, type: number, map: { few: '3', many: lots } }", 'MAPPING_VALUE', 'is not a number'],
  ])('with the field %s is refused', (field, code, message) => {
    const [fault] = faults(`${GOOD}  more: ${field}`);
    expect(fault).toMatchObject({ code, line: 10 });
    expect(fault?.message).toContain(message);
  });

  it('names columns that a table does not have, and the nearest that it has', () => {
    const result = parseMapping(`${GOOD}skip: 'row.DAI == "" || row["MONEY"] == ""'`, 'fines.yaml');
    if (!result.ok) throw new Error('expected a mapping');
    const missing = result.mapping.missingColumns(['NUMBERS', 'DAY', 'MONEY']);
    expect(missing.map(({ line, column, nearest }) => ({ line, column, nearest }))).toEqual([
      { line: 10, column: 8, nearest: 'DAY' },
      { line: 6, column: 20, nearest: 'NUMBERS' },
    ]);
  });
});

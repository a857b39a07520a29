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

  it.each([
    ['stream: penalty', 'stream: penalti', 'penalty'],
    ['format: csv', 'format: cvs', 'csv'],
    ['type: number', 'type: nunber', 'number'],
    ['{ column: MONEY,', '{ column: MONEY, emptyTo: rejekt,', 'reject'],
  ])('with the value of %s misspelt names the nearest', (from, to, nearest) => {
    expect(faults(GOOD.replace(from, to))).toMatchObject([{ code: 'MAPPING_VALUE', nearest }]);
  });

  it('lists all its faults, whatever they are, in the order of the file, and each once', () => {
    const text = `mapping: Fines
format: cvs
zone: Asia/Taipeh
encoding: utf-88
source: urn:example:fines
stream: penalti
id: row-hash
subject: { prefiks: 'shop:' }
time: { column: DAY, format: YYYY }
skip: 'row.A =='
title2: x
data:
  amount: { column: MONEY, type: nunber, else: omit }
  kind: { value: many, type: number }
  law: { pattern: '(a' }
`;
    expect(faults(text).map(({ code, line }) => `${line} ${code}`)).toEqual([
      '1 MAPPING_VALUE',
      '2 MAPPING_VALUE',
      '3 MAPPING_VALUE',
      '4 MAPPING_VALUE',
      '6 MAPPING_VALUE',
      '8 MAPPING_UNKNOWN_KEY',
      '9 MAPPING_VALUE',
      '10 MAPPING_EXPRESSION',
      '11 MAPPING_UNKNOWN_KEY',
      '13 MAPPING_VALUE',
      '13 MAPPING_VALUE',
      '14 MAPPING_VALUE',
      '15 MAPPING_VALUE',
      '15 MAPPING_PATTERN',
    ]);
  });

  it('with a part of no use lists the faults of the other parts', () => {
    const text = `${GOOD}unpivot: { columns: [A], valeu: x }\nzone: Asia/Taipeh\n`;
    expect(faults(text).map(({ line, code }) => `${line} ${code}`)).toEqual([
      '10 MAPPING_UNKNOWN_KEY',
      '11 MAPPING_VALUE',
    ]);
  });

  it('with a required key missing lists the other faults as well', () => {
    const text = GOOD.replace('time: { column: DAY, format: yyyy/MM/dd }\n', '');
    expect(
      faults(`${text}zone: Asia/Taipeh\n`)
        .map(({ code }) => code)
        .sort(),
    ).toEqual(['MAPPING_MISSING_KEY', 'MAPPING_VALUE']);
  });

  it('with an expression that cannot be read says what was expected, where', () => {
    expect(faults(`${GOOD}skip: 'row.A >= >= 3'`)).toMatchObject([
      {
        code: 'MAPPING_EXPRESSION',
        line: 10,
        column: 17,
        message: 'Unexpected >= at character 10.',
        expected: 'a value: a name, a number, or a text in double quotes',
      },
    ]);
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

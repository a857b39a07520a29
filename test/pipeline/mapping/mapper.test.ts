import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import type { JsonObject } from '../../../src/events/event.js';
import { parseMapping } from '../../../src/pipeline/mapping/parse.js';
import type { Row } from '../../../src/ports/rows.js';

function mapperOf(fields: string, head = '', format = 'csv') {
  const text = `mapping: test
format: ${format}
zone: Asia/Taipei
source: urn:example:test
stream: penalty
id: row-hash
subject: { column: NUMBER, prefix: 'shop:' }
time: { column: DAY, format: yyyy/MM/dd }
${head}
data:
  kind: { value: fine }
${fields}
`;
  const result = parseMapping(text, 'test.yaml');
  if (!result.ok) throw new Error(JSON.stringify(result.diagnostics));
  return result.mapping.map;
}

const BASE = { NUMBER: '7', DAY: '2011/03/01' };

function field(spec: string, row: Row): unknown {
  const mapped = mapperOf(`  x: ${spec}`)({ ...BASE, ...row });
  if (mapped.kind === 'event') return (mapped.event['data'] as JsonObject)['x'];
  return mapped.kind === 'reject' ? [mapped.code, mapped.field] : mapped.kind;
}

describe('a row through a mapping', () => {
  it('becomes a CloudEvent, dated at local midnight of its zone', () => {
    const mapped = mapperOf('')(BASE);
    expect(mapped).toEqual({
      kind: 'event',
      event: {
        specversion: '1.0',
        source: 'urn:example:test',
        type: 'fenghuo.penalty',
        id: expect.stringMatching(/^row-[0-9a-f]{32}$/) as string,
        subject: 'shop:7',
        time: '2011-02-28T16:00:00.000Z',
        data: { kind: 'fine' },
      },
    });
  });

  it('is skipped where the condition holds', () => {
    const map = mapperOf('', `skip: 'row.DAY == ""'`);
    expect(map({ NUMBER: '7', DAY: '' })).toEqual({ kind: 'skip' });
    expect(map(BASE).kind).toBe('event');
  });

  it('without a time is rejected, since the arrival of a file says nothing about it', () => {
    expect(mapperOf('')({ NUMBER: '7', DAY: ' ' })).toMatchObject({ code: 'ROW_EMPTY', field: 'time' });
  });

  it('has the same id whatever the order of its columns, and another for any other content', () => {
    const map = mapperOf('');
    const idOf = (row: Row) => {
      const mapped = map(row);
      return mapped.kind === 'event' ? mapped.event['id'] : undefined;
    };
    fc.assert(
      fc.property(fc.string(), fc.string(), (a, b) => {
        const id = idOf({ ...BASE, a, b });
        expect(idOf({ b, a, ...BASE })).toBe(id);
        expect(idOf({ ...BASE, a: `${a}x`, b })).not.toBe(id);
        expect(idOf({ ...BASE, a, b })).toBe(id);
      }),
    );
  });

  it.each([
    ['12', 12],
    ['-0.5', -0.5],
    ['1e5', 100000],
    [' 7 ', 7],
    ['', undefined],
    ['1e5x', ['ROW_NUMBER', 'data.x']],
    ['1,000', ['ROW_NUMBER', 'data.x']],
    ['0x10', ['ROW_NUMBER', 'data.x']],
    ['Infinity', ['ROW_NUMBER', 'data.x']],
    ['1e999', ['ROW_NUMBER', 'data.x']],
    ['9007199254740993', ['EVENT_NUMBER', 'data.x']],
  ])('reads the number %j strictly', (text, expected) => {
    expect(field('{ column: X, type: number }', { X: text })).toEqual(expected);
  });

  it.each([
    ['2011/12/30', '2011-12-30T16:00:00.000Z'],
    ['2011/2/3', ['ROW_DATE', 'data.x']],
    ['2011/02/30', ['ROW_DATE', 'data.x']],
  ])('takes the deadline %s to the local midnight that ends the day', (text, expected) => {
    expect(field('{ column: X, type: deadline, format: yyyy/MM/dd }', { X: text })).toEqual(expected);
  });

  it.each([
    ['iso', '2011-03-01', '2011-02-28T16:00:00.000Z'],
    ['iso', '2011-03-01T00:00:00Z', '2011-03-01T00:00:00.000Z'],
    ['epoch-s', '1298908800', '2011-02-28T16:00:00.000Z'],
    ['epoch-ms', '1298908800123', '2011-02-28T16:00:00.123Z'],
    ['epoch-s', '1e9', ['ROW_DATE', 'data.x']],
    ["yyyy'年'M'月'd'日' HH:mm", '2011年3月1日 08:30', '2011-03-01T00:30:00.000Z'],
  ])('reads times of format %s: %s', (format, text, expected) => {
    const spec = `{ column: X, type: timestamp, format: "${format}" }`;
    expect(field(spec, { X: text })).toEqual(expected);
  });

  it('maps values, and says what to do with others', () => {
    expect(field("{ column: X, map: { 高雄市: '7102' } }", { X: '高雄市' })).toBe('7102');
    expect(field("{ column: X, map: { 高雄市: '7102' } }", { X: '??' })).toEqual(['ROW_VALUE', 'data.x']);
    expect(field("{ column: X, map: { 高雄市: '7102' }, else: omit }", { X: '??' })).toBeUndefined();
    expect(field("{ column: X, map: { 高雄市: '7102' }, else: { value: '71' } }", { X: '??' })).toBe('71');
    expect(field("{ column: X, type: boolean, map: { 是: 'true', 否: 'false' } }", { X: '否' })).toBe(false);
  });

  it('leaves out, replaces or rejects what is empty or stands for nothing', () => {
    expect(field("{ column: X, absent: ['0', 'False'] }", { X: 'False' })).toBeUndefined();
    expect(field('{ column: X, emptyTo: reject }', { X: '' })).toEqual(['ROW_EMPTY', 'data.x']);
    expect(field("{ column: X, type: number, emptyTo: { value: '0' } }", {})).toBe(0);
  });

  it('splits, matches each part, keeps each once and adds', () => {
    const spec = "{ column: X, split: '，', pattern: '^(.+?法第\\d+條)', distinct: true, add: 其他 }";
    expect(field(spec, { X: '水法第7條第1項，水法第7條第2項，說明，氣法第3條' })).toEqual([
      '水法第7條',
      '氣法第3條',
      '其他',
    ]);
    expect(field(spec, { X: '' })).toEqual(['其他']);
    expect(field("{ column: X, split: ';' }", { X: ';' })).toBeUndefined();
  });

  it('takes the first pattern that is found', () => {
    const spec = "{ column: X, pattern: ['([^，]+法)第', '^([^第]+)第'] }";
    expect(field(spec, { X: '標準第2條，水法第7條' })).toBe('水法');
    expect(field(spec, { X: '標準第2條' })).toBe('標準');
    expect(field(spec, { X: '無' })).toBeUndefined();
  });

  it('computes the rest with CEL, whose failure rejects the row', () => {
    expect(field('{ expr: \'row.X.replace(" ", "")\', prefix: \'n:\' }', { X: 'B 1' })).toBe('n:B1');
    expect(field("{ expr: 'double(row.X) * 2.0', type: number }", { X: '1.5' })).toBe(3);
    expect(field("{ expr: 'double(row.X) * 2.0' }", { X: 'x' })).toEqual(['ROW_EXPRESSION', 'data.x']);
    expect(field('{ expr: \'row.X == "a"\', type: number }', { X: 'a' })).toEqual(['ROW_TYPE', 'data.x']);
    expect(field("{ expr: 'row.X' }", { X: 'y'.repeat(10_001) })).toEqual(['ROW_TOO_LARGE', 'data.x']);
    expect(field("{ template: '{NUMBER}-{X}' }", { X: 'a' })).toBe('7-a');
  });

  it('reads numbers and booleans of JSON rows in their usual spelling, and refuses nested values', () => {
    expect(field('{ column: X }', { X: 12.5 })).toBe('12.5');
    expect(field('{ column: X, type: boolean }', { X: true })).toBe(true);
    expect(field('{ column: X }', { X: null })).toBeUndefined();
    expect(field('{ column: X }', { X: 2 ** 53 })).toEqual(['EVENT_NUMBER', 'data.x']);
    expect(field('{ column: X }', { X: { a: 1 } })).toEqual(['ROW_TYPE', 'data.x']);
    expect(field("{ expr: 'row.X.a', type: number }", { X: { a: 1 } })).toBe(1);
  });
});

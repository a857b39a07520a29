import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../src/events/event.js';
import { RowImport } from '../../../src/pipeline/importing.js';
import { parseMapping } from '../../../src/pipeline/mapping/parse.js';
import type { Row } from '../../../src/ports/rows.js';

const BATADAL = readFileSync(new URL('../../../infra/mappings/batadal.yaml', import.meta.url), 'utf8');

const METERS = `mapping: meters
format: json
zone: UTC
source: urn:example:meters
stream: sensor-reading
id: row-hash
unpivot:
  columns: { pattern: '^T_(?P<point>.*)$' }
  value: reading
  name: sensor
  absent: ['-']
subject: { template: 'meter:{SITE}-{point}' }
time: { column: AT, type: timestamp }
data:
  metric: { value: temperature }
  value: { column: reading, type: number }
`;

function mappingOf(text: string) {
  const result = parseMapping(text, 'test.yaml');
  if (!result.ok) throw new Error(JSON.stringify(result.diagnostics));
  return result.mapping;
}

function faults(text: string) {
  const result = parseMapping(text, 'test.yaml');
  return result.ok ? [] : result.diagnostics;
}

function importOf(text: string, ...rows: readonly Row[]) {
  const all = new RowImport(mappingOf(text).map);
  const imported = rows.flatMap((row, index) => all.take({ ok: true, line: index + 2, row }, 'a.csv'));
  return {
    counts: all,
    events: imported.flatMap((one) => (one.kind === 'event' ? [one.event] : [])),
    rejects: imported.flatMap((one) => (one.kind === 'reject' ? [one.reject] : [])),
  };
}

const idsOf = (events: readonly JsonObject[]) => events.map((event) => event['id']);
const METER_ROW = { SITE: 'a', AT: '2026-01-02T00:00:00Z' };

describe('the BATADAL mapping', () => {
  const header = ['DATETIME', 'L_T1', 'F_PU1', 'S_PU1', 'P_J280', 'ATT_FLAG'];
  const row = {
    DATETIME: '06/01/14 01',
    L_T1: '0.5097',
    F_PU1: '98.99',
    S_PU1: '1',
    P_J280: '33.5',
    ATT_FLAG: '0',
  };

  it('makes a reading of each column, dated at the hour of the row', () => {
    const { events, counts } = importOf(BATADAL, row);
    expect(counts).toMatchObject({ rows: 1, events: 4, rejected: 0, emptyCells: 0 });
    expect(events[0]).toEqual({
      specversion: '1.0',
      source: 'urn:fenghuo:batadal',
      type: 'fenghuo.sensor-reading',
      id: expect.stringMatching(/^cell-[0-9a-f]{32}$/) as string,
      subject: 'batadal:T1',
      time: '2014-01-06T01:00:00.000Z',
      recordedtime: '2014-01-06T01:00:00.000Z',
      data: { metric: 'level', value: 0.5097, unit: 'm' },
    });
    expect(events.slice(1).map((event) => [event['subject'], event['data']])).toEqual([
      ['batadal:PU1', { metric: 'flow', value: 98.99, unit: 'L/s' }],
      ['batadal:PU1', { metric: 'status', value: 1 }],
      ['batadal:J280', { metric: 'inlet_pressure', value: 33.5, unit: 'm' }],
    ]);
  });

  it('passes over empty cells and counts them', () => {
    const { events, counts } = importOf(BATADAL, { ...row, L_T1: '', S_PU1: '  ' });
    expect(events.map((event) => event['subject'])).toEqual(['batadal:PU1', 'batadal:J280']);
    expect(counts).toMatchObject({ events: 2, emptyCells: 2, rejected: 0, skipped: 0 });
  });

  it('rejects a cell alone, with its column and without the rest of the row', () => {
    const { events, rejects, counts } = importOf(BATADAL, row, { ...row, F_PU1: '98,99' });
    expect(events).toHaveLength(7);
    expect(rejects).toEqual([
      {
        file: 'a.csv',
        line: 3,
        column: 'F_PU1',
        code: 'ROW_NUMBER',
        field: 'data.value',
        message: '"98,99" is not a number',
        row: { F_PU1: '98,99' },
      },
    ]);
    expect(counts.reasons()).toMatchObject([{ code: 'ROW_NUMBER', line: 3, column: 'F_PU1', count: 1 }]);
  });

  it('rejects a row once where its time cannot be read', () => {
    const bad = { ...row, DATETIME: '2014-01-06 01' };
    const { events, rejects } = importOf(BATADAL, bad);
    expect(events).toEqual([]);
    expect(rejects).toMatchObject([{ line: 2, code: 'ROW_DATE', field: 'time', row: bad }]);
    expect(rejects[0]).not.toHaveProperty('column');
  });

  it('asks that a table has such columns, and none by the name of its own', () => {
    const mapping = mappingOf(BATADAL);
    expect(mapping.missingColumns(header)).toEqual([]);
    const [missing] = mapping.missingColumns(['DATETIME', 'LEVEL']);
    expect(missing).toMatchObject({
      code: 'MAPPING_COLUMN',
      message: 'no column of the table fits the pattern',
    });
    const [clash] = mapping.missingColumns([...header, 'reading']);
    expect(clash).toMatchObject({ code: 'MAPPING_COLUMN' });
    expect(clash?.message).toContain('"reading" of its own');
  });
});

describe('a row that is unpivoted', () => {
  it('reads the other columns of the row beside the cell', () => {
    const { events } = importOf(METERS, { ...METER_ROW, T_1: 3, T_2: -0.5 });
    expect(events.map((event) => [event['subject'], (event['data'] as JsonObject)['value']])).toEqual([
      ['meter:a-1', 3],
      ['meter:a-2', -0.5],
    ]);
  });

  it('gives ids by row and column, whatever the order of the columns', () => {
    const { map } = mappingOf(METERS);
    const ids = (row: Row): string[] => {
      const mapped = map(row);
      if (mapped.kind !== 'cells') throw new Error(mapped.kind);
      return mapped.cells.map((cell) =>
        cell.kind === 'event' ? JSON.stringify(cell.event['id']) : cell.code,
      );
    };
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: 0, max: 99 }), { minLength: 2 }), (points) => {
        const cells = points.map((point) => [`T_${point}`, point] as const);
        const row: Row = { ...METER_ROW, ...Object.fromEntries(cells) };
        const known = new Set(ids(row));
        expect(known.size).toBe(points.length);
        expect(new Set(ids(Object.fromEntries(Object.entries(row).reverse())))).toEqual(known);
        expect(ids({ ...row, AT: '2026-01-02T01:00:00Z' }).filter((id) => known.has(id))).toEqual([]);
      }),
    );
  });

  it('leaves nothing of one cell in the next', () => {
    const text = METERS.replace("'^T_(?P<point>.*)$'", () => "'^(?:T_(?P<point>.+)|ALL)$'").replace(
      "template: 'meter:{SITE}-{point}'",
      "column: point, prefix: 'meter:', emptyTo: { value: all }",
    );
    const { events } = importOf(text, { ...METER_ROW, T_1: 3, ALL: 4 });
    expect(events.map((event) => event['subject'])).toEqual(['meter:1', 'meter:all']);
  });

  it('takes the texts that stand for nothing as empty cells, and tells what it cannot read', () => {
    const { events, rejects, counts } = importOf(METERS, {
      ...METER_ROW,
      T_1: '-',
      T_2: null,
      T_3: [1],
      T_4: 2,
    });
    expect(events).toHaveLength(1);
    expect(counts.emptyCells).toBe(2);
    expect(rejects).toMatchObject([{ column: 'T_3', code: 'ROW_TYPE', row: { T_3: [1] } }]);
  });

  it('may list its columns and name a device by the column', () => {
    const text = METERS.replace("{ pattern: '^T_(?P<point>.*)$' }", '[T_1, T_2]').replace(
      "template: 'meter:{SITE}-{point}'",
      "column: sensor, map: { T_1: 'meter:north', T_2: 'meter:south' }",
    );
    const { events } = importOf(text, { ...METER_ROW, T_2: 1, T_1: 2, T_3: 3 });
    expect(events.map((event) => event['subject'])).toEqual(['meter:south', 'meter:north']);
    expect(mappingOf(text).missingColumns(['SITE', 'AT', 'T_1'])).toMatchObject([
      { code: 'MAPPING_COLUMN', line: 8 },
    ]);
  });

  it('is skipped as a whole', () => {
    const { counts } = importOf(`${METERS}skip: 'row.SITE == "a"'\n`, { ...METER_ROW, T_1: 1 });
    expect(counts).toMatchObject({ skipped: 1, events: 0, rejected: 0 });
  });

  it('makes a thousand events and no more', () => {
    const cells = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, n) => [`T_${n}`, n]));
    expect(importOf(METERS, { ...METER_ROW, ...cells(1000) }).events).toHaveLength(1000);
    const { events, rejects } = importOf(METERS, { ...METER_ROW, ...cells(1001) });
    expect(events).toEqual([]);
    expect(rejects).toMatchObject([{ code: 'ROW_TOO_LARGE', field: 'unpivot' }]);
  });
});

describe('a mapping with unpivot', () => {
  it.each([
    ["pattern: '^T_(?P<point>.*)$'", "pattern: '(T'", 'MAPPING_PATTERN', 'missing closing'],
    ["pattern: '^T_(?P<point>.*)$'", "pattern: '^(?P<Point>T)'", 'MAPPING_VALUE', 'Point cannot be read'],
    ['name: sensor', 'name: point', 'MAPPING_VALUE', 'point is the name of two things'],
    ['name: sensor', 'name: __proto__', 'MAPPING_VALUE', 'does not fit here'],
    ['value: reading\n', 'valu: reading\n', 'MAPPING_UNKNOWN_KEY', 'valu'],
    ['id: row-hash', 'id: { column: AT }', 'MAPPING_VALUE', 'all events of a row would have one id'],
    ['id: row-hash', 'id: row-hash\nskip: \'row.reading == ""\'', 'MAPPING_VALUE', 'asked once a row'],
  ])('that has %s as %s is refused', (right, wrong, code, message) => {
    const found = faults(METERS.replace(right, wrong)).map((fault) => `${fault.code} ${fault.message}`);
    expect(
      found.some((fault) => fault.startsWith(code) && fault.includes(message)),
      found.join('\n'),
    ).toBe(true);
  });

  it('may name its events by what it reads of the column', () => {
    const text = METERS.replace('id: row-hash', "id: { template: '{AT}/{sensor}' }");
    expect(idsOf(importOf(text, { ...METER_ROW, T_1: 1 }).events)).toEqual(['2026-01-02T00:00:00Z/T_1']);
  });

  it('is shown by the README as it is taken', () => {
    const readme = readFileSync(new URL('../../../infra/mappings/README.md', import.meta.url), 'utf8');
    const example = /```yaml\n(unpivot:[^]*?)```/.exec(readme)?.[1] ?? '';
    expect(example).toContain('quantity');
    const head = 'mapping: shown\nformat: csv\nsource: urn:example:shown\nstream: sensor-reading\n';
    expect(faults(`${head}time: { column: AT }\n${example}`)).toEqual([]);
  });
});

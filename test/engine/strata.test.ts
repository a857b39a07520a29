// Strata where order matters: what one instant brings, whatever the ids; who hears of whom; how a run ends.
import { describe, expect, it } from 'vitest';
import { MemoryKeyStore } from '../../src/engine/key-state.js';
import type { Transition } from '../../src/engine/output.js';
import { Strata } from '../../src/engine/strata.js';
import type { Event, JsonObject, LogRecord, StreamName } from '../../src/events/event.js';
import { loadRules } from '../../src/model/load.js';
import { CATALOGUE } from '../simulation/models.js';

const HOUR = 3_600_000;
const START = Date.UTC(2025, 5, 1);

function strataOf(models: { readonly [name: string]: string }, partitions = 1) {
  const files = new Map<string, string>(Object.entries(CATALOGUE));
  const head = 'title: 题\nsummary: 述\nitem: item\nplan: plan\nadvise: 议\n';
  for (const [name, text] of Object.entries(models)) {
    files.set(`${name}.yaml`, `model: ${name}\n${head}${text.trim()}\n`);
  }
  const { rules, diagnostics } = loadRules(files);
  if (rules === null) throw new Error(JSON.stringify(diagnostics));
  const heard: string[] = [];
  const emit = (output: { readonly kind: string }) => {
    if (output.kind !== 'transition') return;
    const { scope, key, level, reason, clock } = output as Transition;
    heard.push(`${(clock - START) / HOUR}h ${scope}:${key} ${level} ${reason}`);
  };
  const stores = new Map<string, MemoryKeyStore>();
  const store = (stratum: number, partition: number) => {
    const made = new MemoryKeyStore();
    stores.set(`${stratum}/${partition}`, made);
    return made;
  };
  const strata = new Strata(rules, { namespace: 'test', partitions, store, emit });
  return { strata, heard, stores };
}

/** Steps records and ends the run. */
function said(models: { readonly [name: string]: string }, records: readonly LogRecord[]): string[] {
  const { strata, heard } = strataOf(models);
  for (const [offset, record] of records.entries()) strata.step(record, offset);
  strata.end();
  return heard;
}

function event(
  id: string,
  hour: number,
  stream: StreamName,
  key: string,
  data: JsonObject,
  more: Partial<Event> = {},
): Event {
  const at = START + hour * HOUR;
  return { kind: 'event', id, stream, source: 's', key, time: at, at, data, ...more };
}

const tick = (hour: number): LogRecord => ({ kind: 'tick', at: START + hour * HOUR });
const reading = (id: string, hour: number, value: number) =>
  event(id, hour, 'sensor-reading', 'device:d', { metric: 'm', value });
const owned = (id: string, hour: number, owner: string, more: Partial<Event> = {}) =>
  event(id, hour, 'registration', 'device:d', { kind: 'device', owner }, more);
const credit = (id: string, hour: number, subject: string, letter: string, more: Partial<Event> = {}) =>
  event(id, hour, 'credit-change', `subject:${subject}`, { credit: letter }, more);

const OWNED = {
  'a/owned': `
scope: device
indicators: { n: { from: sensor-reading, count: '*', over: 30d } }
levels: { red: 'n >= 1 && subject.credit == "D"' }
hold: 5h`,
};
const REGION = {
  'a/region': `
scope: region
indicators: { n: { from: complaint, count: '*', over: 30d } }
levels: { red: 'n >= 1' }`,
};

describe('a device that asks for its owner', () => {
  it('hears of an amended fact what stands in the end, whatever the ids', () => {
    const records = [
      credit('z', 0, 'a', 'D'),
      owned('r', 0, 'a'),
      reading('m', 1, 5),
      credit('b', 2, 'a', 'D', { amends: 'z' }),
      tick(9),
    ];
    expect(said(OWNED, records)).toEqual(['1h device:d red raised']);
  });

  it('skips hold where a fact of its owner is taken back', () => {
    const records = [
      credit('c', 0, 'a', 'D'),
      owned('r', 0, 'a'),
      reading('m', 1, 5),
      event('x', 2, 'credit-change', 'subject:a', {}, { revokes: 'c' }),
      tick(9),
    ];
    expect(said(OWNED, records)).toEqual(['1h device:d red raised', '2h device:d none withdrawn']);
  });

  it('belongs to its last owner where it changes hands twice in an instant', () => {
    const records = [
      owned('r', 0, 'a'),
      reading('m', 1, 5),
      owned('y', 2, 'b'),
      owned('z', 2, 'a', { time: START + 2 * HOUR + 1 }),
      credit('c', 3, 'a', 'D'),
      tick(9),
    ];
    expect(said(OWNED, records)).toEqual(['3h device:d red raised']);
    const [first, ...rest] = [records[2] as Event, records[3] as Event];
    const renamed = [{ ...first, id: 'z' }, ...rest.map((one) => ({ ...one, id: 'y' }))];
    expect(said(OWNED, [...records.slice(0, 2), ...renamed, ...records.slice(4)])).toEqual([
      '3h device:d red raised',
    ]);
  });

  it('is judged anew where it belongs to nobody any more', () => {
    const records = [
      credit('c', 0, 'a', 'D'),
      owned('r', 0, 'a'),
      reading('m', 1, 5),
      event('x', 2, 'registration', 'device:d', {}, { revokes: 'r' }),
      credit('d', 3, 'a', 'D'),
      tick(9),
    ];
    expect(said(OWNED, records)).toEqual(['1h device:d red raised', '2h device:d none withdrawn']);
  });
});

describe('a wider key', () => {
  const complaint = (id: string, hour: number, more: Partial<Event> = {}) =>
    event(id, hour, 'complaint', 'subject:a', { category: 'c', region: '330106' }, more);

  it.each([
    ['before', 'b', 'a'],
    ['after', 'a', 'b'],
  ])(
    'forgets an event that is taken back at its instant, the id of the revocation standing %s',
    (_, id, by) => {
      const records = [complaint(id, 0), complaint(by, 0, { revokes: id }), tick(9)];
      expect(said(REGION, records)).toEqual([]);
    },
  );

  it('goes on counting what replaces an event of the same instant', () => {
    const records = [
      complaint('c', 0),
      complaint('b', 0, { amends: 'c' }),
      complaint('a', 0, { amends: 'b' }),
      complaint('d', 1, { revokes: 'a' }),
      tick(9),
    ];
    expect(said(REGION, records)).toEqual(['0h region:330106 red raised', '1h region:330106 none withdrawn']);
  });

  it('takes no profile from the registrations that it reads', () => {
    const models = {
      'a/industry': `
scope: industry
indicators: { gone: { from: complaint, absent: true, over: 2h }, n: { from: registration, count: '*', over: 1d } }
levels: { red: 'gone' }`,
      'a/joint': `
scope: region
indicators: { n: { from: warning, count: '*', over: 1d } }
levels: { red: 'n >= 1' }`,
    };
    const registered = event('r', 0, 'registration', 'subject:a', {
      kind: 'enterprise',
      region: '330106',
      industry: 'F52',
    });
    // No complaint came that the absence could count from, and an industry as a whole lies in no region.
    expect(said(models, [registered, tick(9)])).toEqual([]);
    const later = event('c', 1, 'complaint', 'subject:a', { category: 'c' });
    expect(said(models, [registered, later, tick(9)])).toEqual(['3h industry:F52 red raised']);
  });
});

describe('readings that reach other keys', () => {
  const OWNER = {
    'a/owner': `
indicators: { n: { from: sensor-reading, count: '*', over: 30d } }
levels: { red: 'n >= 2', blue: 'n >= 1' }
scope: subject`,
  };

  it('leave no note of where they went at their device, since nobody takes them back', () => {
    const { strata, stores } = strataOf(OWNER);
    const records = [owned('r', 0, 'a'), reading('m', 1, 5), reading('n', 2, 6), tick(9)];
    for (const [offset, record] of records.entries()) strata.step(record, offset);
    let forwarded = 0;
    stores
      .get('0/0')
      ?.get('device:d')
      ?.beyond?.each(() => forwarded++);
    expect(forwarded).toBe(0);
  });

  it('count once while a window there holds them, though they come again with a history', () => {
    const again = (id: string, day: number, value: number): LogRecord => {
      const at = START + day * 24 * HOUR;
      return { ...reading(id, 1, value), at, backfill: true };
    };
    const records = [owned('r', 0, 'a'), reading('m', 1, 5), again('n', 29, 5), tick(24 * 29 + 1)];
    expect(said(OWNER, records)).toEqual(['1h subject:a blue raised']);
    const others = [owned('r', 0, 'a'), reading('m', 1, 5), reading('n', 24 * 29, 5), tick(24 * 29 + 1)];
    expect(said(OWNER, others)).toEqual(['1h subject:a blue raised', '696h subject:a red escalated']);
  });
});

describe('the end of a run', () => {
  it('is that of its fastest partition', () => {
    const { strata, heard } = strataOf(REGION, 2);
    strata.step(event('c', 1, 'complaint', 'subject:a', { category: 'c', region: '330106' }), 0, 0);
    strata.step(event('d', 0, 'complaint', 'subject:b', { category: 'c', region: '330108' }), 0, 1);
    strata.end();
    expect(heard).toEqual(['0h region:330108 red raised', '1h region:330106 red raised']);
  });
});

import { describe, expect, it } from 'vitest';
import type { Transition } from '../../src/engine/output.js';
import type { Event, JsonObject, LogRecord } from '../../src/events/event.js';
import { run, setOf, tickAt, eventAt, turnTo, toldAfter, HOUR, START } from './turns.js';

const MINUTE = 1 / 60;

/** Alarms that should speak every hour, and whose silence is a warning after six. */
const ALARMS = {
  'gas/silent': `
scope: device
where: 'device.status == null || device.status == "active"'
expect: { from: sensor-reading, every: 1h, of: device }
indicators: { gone: { from: sensor-reading, absent: true, over: 6h } }
levels: { yellow: 'gone' }`,
};
const rules = setOf(ALARMS);

const reading = (device: number, hours: number, more: Partial<Event> = {}): Event => {
  const source = more.source ?? 'urn:platform';
  return {
    ...eventAt(
      hours,
      'sensor-reading',
      { metric: 'm', value: 1 },
      { key: `device:d${device}`, source, ...more },
    ),
    id: `${source} ${device}-${hours}`,
  };
};
const registered = (device: number, hours: number, data: JsonObject = {}) =>
  eventAt(
    hours,
    'registration',
    { kind: 'device', ...data },
    { key: `device:d${device}`, source: 'urn:registry' },
  );

/** Readings of devices, one an hour each and a minute apart, as long as each lives. */
function lives(until: (device: number) => number, devices = 12): LogRecord[] {
  const events = Array.from({ length: devices }, (_, device) => {
    const hours = Math.max(0, Math.ceil(until(device)));
    return Array.from({ length: hours }, (_, hour) => reading(device, hour + device * MINUTE));
  });
  return inOrder(events.flat());
}

const inOrder = (records: readonly LogRecord[]): LogRecord[] => [...records].sort((a, b) => a.at - b.at);

/** Transitions as lines: minutes since the start in hours, who says what of whom. */
function said(transitions: readonly Transition[]): string[] {
  return transitions.map(({ clock, model, key, level, restsOn }) => {
    const minutes = Math.round((clock - START) / 60_000);
    const time = `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, '0')}`;
    return `${time} ${model} ${key} ${level}${restsOn === undefined ? '' : ` on ${restsOn.join()}`}`;
  });
}

const of = (transitions: readonly Transition[], model: string) =>
  said(transitions.filter((one) => one.model === model));

describe('a key that keeps a cadence', () => {
  it('is missed after a cadence and a grace, said to be silent after another, and forgiven when it speaks', () => {
    const transitions = run([...lives(() => 3, 1), reading(0, 7), tickAt(7.5)], [rules]);
    // Last heard at 2:00: silent at 3:10, which only its source hears, and 4:10.
    expect(said(transitions)).toEqual([
      '4:10 gas/silent:feed d0 blue on urn:platform',
      '7:00 gas/silent:feed d0 none',
    ]);
  });

  it('keeps the cadence that its registration states', () => {
    const log = [registered(0, 0, { cadence: 4 * 3600 }), reading(0, 0), tickAt(5), tickAt(20)];
    expect(of(run(log, [rules]), 'gas/silent:feed')).toEqual([
      '8:10 gas/silent:feed d0 blue on urn:platform',
    ]);
  });

  it('is not missed before it spoke, while it is out of service, or by history that is loaded later', () => {
    const log = [
      registered(0, 0, { status: 'active' }),
      registered(1, 0, { status: 'active' }),
      reading(1, 1),
      registered(1, 2, { status: 'suspended' }),
      reading(0, 3, { backfill: true }),
      tickAt(30),
    ];
    expect(of(run(log, [rules]), 'gas/silent:feed')).toEqual([]);
  });

  it('does not speak by history that is loaded later, nor by what was heard before', () => {
    const log = [
      reading(0, 0),
      reading(0, 1, { backfill: true }),
      { ...reading(0, 0), at: START + 1.5 * HOUR },
      tickAt(9),
    ];
    expect(of(run(log, [rules]), 'gas/silent:feed')).toEqual([
      '2:10 gas/silent:feed d0 blue on urn:platform',
    ]);
  });

  it('is not blamed for a span in which nobody listened', () => {
    const gap: LogRecord = { kind: 'gap', from: START + HOUR, at: START + 11 * HOUR };
    const log = [reading(0, 0), tickAt(1), gap, tickAt(20)];
    expect(of(run(log, [rules]), 'gas/silent:feed')).toEqual([
      '12:10 gas/silent:feed d0 blue on urn:platform',
    ]);
  });
});

describe('a source', () => {
  it('is silent where ten of its keys are, and three in ten, and speaks a cadence after that', () => {
    const back = Array.from({ length: 6 }, (_, device) => reading(device, 12 + device * MINUTE));
    const log = inOrder([...lives((device) => (device < 10 ? 3 : 13), 12), ...back, tickAt(13)]);
    const transitions = run(log, [rules]);
    expect(of(transitions, 'gas/silent:source')).toEqual([
      // The tenth of them was heard last at 2:09, and the source with nine silent keys from 12:00 on.
      '3:19 gas/silent:source urn:platform orange',
      '13:00 gas/silent:source urn:platform none',
    ]);
    const [raised] = transitions.filter(({ model }) => model === 'gas/silent:source');
    expect(raised?.indicators).toEqual({ keys: 12, silent: 10 });
    expect(raised).toMatchObject({ scope: 'source', item: 'item', quiet: false });
  });

  it('speaks where nine of its keys are silent, or fewer than three in ten', () => {
    const nine = run([...lives((device) => (device < 9 ? 3 : 9), 12), tickAt(9)], [rules]);
    expect(of(nine, 'gas/silent:source')).toEqual([]);
    const few = run([...lives((device) => (device < 11 ? 3 : 9), 40), tickAt(9)], [rules]);
    expect(of(few, 'gas/silent:source')).toEqual([]);
    const enough = run([...lives((device) => (device < 12 ? 3 : 9), 40), tickAt(9)], [rules]);
    expect(of(enough, 'gas/silent:source')).toEqual(['3:21 gas/silent:source urn:platform orange']);
  });

  it('is that of the last event: a key that comes through another belongs to that one', () => {
    const moved = Array.from({ length: 10 }, (_, device) => reading(device, 3, { source: 'urn:other' }));
    const log = [
      ...lives(() => 3, 12),
      ...moved,
      ...moved.map((one) => ({ ...one, id: `${one.id}x`, time: one.at + HOUR, at: one.at + HOUR })),
      tickAt(20),
    ];
    const transitions = run(inOrder(log), [rules]).filter(({ scope }) => scope === 'source');
    expect(said(transitions)).toEqual(['5:10 gas/silent:source urn:other orange']);
    expect(transitions[0]?.indicators).toEqual({ keys: 10, silent: 10 });
  });

  it('loses the keys that go out of service', () => {
    const gone = Array.from({ length: 12 }, (_, device) => registered(device, 5, { status: 'suspended' }));
    const transitions = run([...lives(() => 3, 12), ...gone, tickAt(9)], [rules]);
    expect(of(transitions, 'gas/silent:source')).toEqual([
      '3:19 gas/silent:source urn:platform orange',
      '6:00 gas/silent:source urn:platform none',
    ]);
    expect(transitions[transitions.length - 1]?.indicators).toEqual({ keys: 0, silent: 0 });
  });

  it('stands behind every absence of its keys, whichever model counts it', () => {
    const sets = setOf({
      ...ALARMS,
      'gas/other': `
scope: device
indicators:
  never: { from: registration, absent: true, over: 1h }
  some: { from: sensor-reading, count: '*', over: 2h }
  gone: { from: sensor-reading, absent: true, over: 6h }
levels: { red: 'gone', blue: 'never || some > 0' }`,
    });
    const transitions = run([registered(0, 0), ...lives(() => 2, 1), tickAt(9)], [sets]);
    expect(of(transitions, 'gas/other')).toEqual([
      '0:00 gas/other d0 blue',
      '7:00 gas/other d0 red on urn:platform',
    ]);
    expect(of(transitions, 'gas/silent')).toEqual(['7:00 gas/silent d0 yellow on urn:platform']);
  });

  it('is judged without a break where rules that have nothing to do with it change', () => {
    const next = setOf({
      ...ALARMS,
      'gas/new': `
scope: device
indicators: { n: { from: sensor-reading, count: '*', over: 2h } }
levels: { red: 'n > 100' }`,
    });
    const log = [...lives((device) => (device < 10 ? 3 : 12), 12), tickAt(12)];
    const at = log.findIndex((record) => record.at > START + 5 * HOUR);
    const turning = [...log.slice(0, at), turnTo(5, next), ...log.slice(at)];
    expect(of(run(turning, [rules, next]), 'gas/silent:source')).toEqual(
      of(run(log, [rules]), 'gas/silent:source'),
    );
  });

  it('is counted from the history where a cadence is declared later', () => {
    const before = setOf({ 'gas/silent': ALARMS['gas/silent'].replace(/expect:.*\n/, '') });
    const log = [...lives((device) => (device < 10 ? 3 : 9), 12)];
    const cut = log.findIndex((record) => record.at > START + 5 * HOUR);
    const turning = [...log.slice(0, cut), turnTo(5, rules)];
    const told = toldAfter(turning, cut, [before, rules], START + 5.01 * HOUR);
    const transitions = run([...turning, ...told, ...log.slice(cut), tickAt(9)], [before, rules]);
    const source = transitions.filter(({ scope }) => scope === 'source');
    expect(source).toHaveLength(1);
    expect(source[0]).toMatchObject({ level: 'orange', quiet: false, indicators: { keys: 12, silent: 10 } });
  });
});

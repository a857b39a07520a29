// Computed indicators with `every`: now and the time since an event stand still between sampling instants.
import { describe, expect, it } from 'vitest';
import { MemoryKeyStore } from '../../src/engine/key-state.js';
import { wakeUpDelayMs } from '../../src/engine/indicators/paned-window.js';
import type { Transition } from '../../src/engine/output.js';
import { Strata } from '../../src/engine/strata.js';
import type { Event } from '../../src/events/event.js';
import { loadRules } from '../../src/model/load.js';
import { CATALOGUE } from '../simulation/models.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** A local midnight in Asia/Shanghai. */
const START = Date.UTC(2026, 2, 1, 16);
const KEY = 'subject:sim:a';
const HEAD =
  'model: sim/sampled\ntitle: 题\nsummary: 述\nitem: item\nscope: subject\nplan: plan\nadvise: 议\n';

function load(body: string) {
  const files = new Map<string, string>(Object.entries(CATALOGUE));
  files.set('sim/sampled.yaml', HEAD + body);
  return loadRules(files);
}

function run(
  body: string,
  events: readonly Pick<Event, 'stream' | 'at' | 'data'>[],
  until: number,
): Transition[] {
  const { rules, diagnostics } = load(body);
  if (rules === null) throw new Error(JSON.stringify(diagnostics));
  const transitions: Transition[] = [];
  const strata = new Strata(rules, {
    namespace: 'test',
    store: () => new MemoryKeyStore(),
    emit: (output) => {
      if (output.kind === 'transition') transitions.push(output);
    },
  });
  for (const [offset, one] of events.entries()) {
    strata.step({ kind: 'event', id: `s ${offset}`, source: 's', key: KEY, time: one.at, ...one }, offset);
  }
  strata.step({ kind: 'tick', at: until }, events.length);
  strata.end();
  return transitions;
}

const inspection = (at: number) => ({ stream: 'inspection' as const, at, data: { result: 'pass' } });
const complaint = (at: number) => ({ stream: 'complaint' as const, at, data: { category: '噪音' } });

const IDLE = `indicators:
  idle: { from: inspection, since: last, over: 365d }
  complaints: { from: complaint, count: '*', over: 365d }
  weeks: { value: 'idle / days(7)', every: 1d }
`;

describe('a computed indicator that is sampled', () => {
  const delay = wakeUpDelayMs(KEY, DAY);

  it('changes at its sampling instants, a little after them, and not between', () => {
    // From 10:00 of the first day on, two weeks are over at 10:00 of the fifteenth: the midnight after it says so.
    const said = run(
      `${IDLE}levels: { red: 'weeks >= 2' }\n`,
      [inspection(START + 10 * HOUR)],
      START + 30 * DAY,
    );
    expect(said.map(({ level, clock }) => [level, clock - START])).toEqual([['red', 15 * DAY + delay]]);
    expect(said[0]?.indicators['weeks']).toBeCloseTo((14 * 24 + 14) / (7 * 24), 12);
    // The time since the event itself is that of the clock.
    expect(said[0]?.indicators['idle']).toBe((15 * DAY + delay - 10 * HOUR) / 1000);
  });

  it('is as of the last instant whatever else wakes the model', () => {
    const events = [inspection(START), complaint(START + 14 * DAY - 1), complaint(START + 14 * DAY + 1)];
    const said = run(`${IDLE}levels: { red: 'weeks >= 2 && complaints >= 1' }\n`, events, START + 15 * DAY);
    expect(said.map(({ level, clock }) => [level, clock - START])).toEqual([['red', 14 * DAY + 1]]);
    expect(said[0]?.indicators['weeks']).toBe(2);
  });

  it('never counts an event of after the instant as lying ahead of it', () => {
    const said = run(
      `${IDLE}levels: { blue: 'weeks == 0' }\n`,
      [inspection(START + 5 * HOUR)],
      START + 6 * HOUR,
    );
    expect(said.map(({ indicators }) => indicators['weeks'])).toEqual([0]);
  });

  it('may use now as a value', () => {
    const body = `indicators:
  hour: { value: 'local(now).hour', every: 1h }
levels: { yellow: 'hour == 3' }
`;
    const said = run(body, [complaint(START + HOUR)], START + 6 * HOUR);
    const late = wakeUpDelayMs(KEY, HOUR);
    expect(said.map(({ level, clock }) => [level, clock - START])).toEqual([
      ['yellow', 3 * HOUR + late],
      ['none', 4 * HOUR + late],
    ]);
  });
});

describe('the checks', () => {
  const faults = (body: string) => load(body).diagnostics.map(({ code }) => code);

  it('refuse now as a value without every, and intervals that do not divide a day', () => {
    const plain = "indicators: { hour: { value: 'local(now).hour' } }\nlevels: { red: 'hour == 3' }\n";
    expect(faults(plain)).toContain('EXPR_CLOCK');
    const odd =
      "indicators: { hour: { value: 'local(now).hour', every: 7h } }\nlevels: { red: 'hour == 3' }\n";
    expect(faults(odd)).toContain('MODEL_PANES');
  });

  it('tell sampled indicators from others, and intervals from each other', () => {
    const identity = (every: string) =>
      load(
        `${IDLE.replace('every: 1d', every)}levels: { red: 'weeks >= 2' }\n`,
      ).rules?.models[0]?.indicators.find(({ name }) => name === 'weeks')?.identity;
    expect(identity('every: 1d')).toBeDefined();
    expect(identity('every: 1d')).not.toBe(identity('every: 1h'));
  });
});

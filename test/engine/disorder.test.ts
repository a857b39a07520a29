// Inputs on which engines of streams go wrong, each from the bytes of a body to the warnings.
import { describe, expect, it } from 'vitest';
import { Engine } from '../../src/engine/engine.js';
import { MemoryKeyStore } from '../../src/engine/key-state.js';
import type { Output } from '../../src/engine/output.js';
import { parseCloudEvent, splitBody, stamp } from '../../src/events/envelope.js';
import { loadRules } from '../../src/model/load.js';
import { rulesWith } from '../model/rules-fixture.js';

const DAY = 86_400_000;
const START = Date.UTC(2026, 0, 1);
const SUBJECT = '91110000802100433B';

const REPEATED = `model: food/repeat-complaints
title: 七日内五次投诉
summary: 七日内五次以上投诉。
item: food-operation
scope: subject
indicators:
  complaints: { from: complaint, count: '*', over: 7d }
levels:
  orange: 'complaints >= 5'
advise: 核查。
`;
const WARM = `model: elevator/overload
title: 一小时平均超过五十
summary: 一小时平均超过五十。
item: elevator
scope: device
indicators:
  mean: { from: sensor-reading, avg: 'event.value', over: 1h }
  readings: { from: sensor-reading, count: '*', over: 1h }
levels:
  orange: 'mean > 50 && readings >= 3'
advise: 核查。
`;
const { rules, diagnostics } = loadRules(
  rulesWith({ 'food/repeat-complaints.yaml': REPEATED, 'elevator/overload.yaml': WARM }),
  '2026-01-01',
);

/** Takes bodies as ingest does: split, parsed, stamped with their arrival, stepped in the order of arrival. */
class Life {
  readonly refused: { readonly code: string; readonly field: string | undefined }[] = [];
  readonly said: { readonly day: number; readonly level: string; readonly key: string }[] = [];
  private readonly engine: Engine;
  private offset = 0;

  constructor() {
    if (rules === null) throw new Error(JSON.stringify(diagnostics));
    const emit = (output: Output) => {
      if (output.kind !== 'transition') return;
      this.said.push({ day: (output.clock - START) / DAY, level: output.level, key: output.key });
    };
    const store = new MemoryKeyStore();
    this.engine = new Engine(rules, { namespace: 'test', partition: 0, store, emit });
  }

  /** A body that arrives on a day. */
  take(day: number, body: string): this {
    const at = START + Math.round(day * DAY);
    for (const part of splitBody(body)) {
      const parsed = part.ok ? parseCloudEvent(part.value) : part;
      const stamped = parsed.ok ? stamp(parsed.event, at) : parsed;
      if (stamped.ok) this.engine.step(stamped.event, this.offset++);
      else this.refused.push({ code: stamped.code, field: 'field' in stamped ? stamped.field : undefined });
    }
    return this;
  }

  until(day: number): this {
    this.engine.step({ kind: 'tick', at: START + Math.round(day * DAY) }, this.offset++);
    this.engine.end();
    return this;
  }
}

let serial = 0;

/** A complaint of a day, as one CloudEvent. */
function complaint(day: number, changes: object = {}): string {
  return JSON.stringify({
    specversion: '1.0',
    id: `c-${serial++}`,
    source: '/12345/haidian',
    type: 'fenghuo.complaint',
    subject: SUBJECT,
    time: new Date(START + Math.round(day * DAY)).toISOString(),
    data: { category: '食品过期变质' },
    ...changes,
  });
}

/** A reading of a minute of the first day; the value is written as it stands. */
function reading(minute: number, value: string): string {
  const time = new Date(START + minute * 60_000).toISOString();
  return `{"specversion":"1.0","id":"r-${serial++}","source":"/iot","type":"fenghuo.sensor-reading","subject":"meter:1","time":"${time}","data":{"metric":"温度","value":${value}}}`;
}

const minute = (count: number) => count / 1440;

describe('complaints out of order', () => {
  it('warn of five in seven days although one of them came late', () => {
    const life = new Life();
    for (const day of [1, 2, 3, 4]) life.take(day, complaint(day));
    life.take(4.5, complaint(2.5)).until(20);
    expect(life.said).toEqual([
      { day: 4.5, level: 'orange', key: SUBJECT },
      { day: 8, level: 'none', key: SUBJECT },
    ]);
  });

  it('are silent where no seven days that end now hold five of them', () => {
    const life = new Life().take(24, complaint(24));
    for (const day of [1, 2, 3, 4]) life.take(24 + day / 100, complaint(day));
    expect(life.until(60).said).toEqual([]);
    expect(life.refused).toEqual([]);
  });

  it.each([[[1, 2, 3, 4, 5]], [[5, 4, 3, 2, 1]], [[3, 5, 1, 4, 2]]])(
    'say the same from the last arrival on, in the order %j',
    (days) => {
      const life = new Life();
      for (const [index, day] of days.entries()) life.take(5 + index / 100, complaint(day));
      expect(life.until(20).said).toEqual([
        { day: 5.04, level: 'orange', key: SUBJECT },
        { day: 8, level: 'none', key: SUBJECT },
      ]);
    },
  );

  it('are right around one that is stamped in the future, which is refused and moves no clock', () => {
    const life = new Life();
    for (const day of [1, 2]) life.take(day, complaint(day));
    life.take(2.5, complaint(300));
    for (const day of [3, 4, 5]) life.take(day, complaint(day));
    expect(life.until(20).said).toEqual([
      { day: 5, level: 'orange', key: SUBJECT },
      { day: 8, level: 'none', key: SUBJECT },
    ]);
    expect(life.refused).toEqual([{ code: 'EVENT_FUTURE', field: 'time' }]);
  });

  it('are right around one of the same body that is stamped in the future', () => {
    const body = [1, 2, 300, 3, 4, 5].map((day) => complaint(day)).join('\n');
    const life = new Life().take(5, body).until(7);
    expect(life.said).toEqual([{ day: 5, level: 'orange', key: SUBJECT }]);
    expect(life.refused).toHaveLength(1);
  });
});

describe('what names nobody', () => {
  it.each([
    ['null', { subject: null }, 'EVENT_NO_KEY', 'subject'],
    ['nothing', { subject: undefined }, 'EVENT_NO_KEY', 'subject'],
    ['an empty text', { subject: '' }, 'EVENT_ENVELOPE', 'subject'],
    ['a number', { subject: 7 }, 'EVENT_ENVELOPE', 'subject'],
  ])('is refused: %s as subject', (_what, changes, code, field) => {
    const life = new Life();
    for (const day of [1, 2, 3, 4, 5, 6]) life.take(day, complaint(day, changes));
    expect(life.until(7).said).toEqual([]);
    expect(life.refused).toHaveLength(6);
    expect(life.refused[0]?.field).toBe(field);
    expect(life.refused[0]?.code).toBe(code);
  });

  it('does not count with those of anybody else', () => {
    const life = new Life();
    for (const day of [1, 2, 3, 4])
      life.take(day, complaint(day)).take(day, complaint(day, { subject: null }));
    expect(life.until(7).said).toEqual([]);
    expect(life.take(7, complaint(5)).until(7.5).said).toEqual([{ day: 7, level: 'orange', key: SUBJECT }]);
  });
});

describe('a reading that is no number', () => {
  it.each([
    ['NaN as a text', '"NaN"', 'EVENT_DATA'],
    ['a bare NaN, which JSON does not have', 'NaN', 'BODY_NOT_JSON'],
    ['a bare Infinity', 'Infinity', 'BODY_NOT_JSON'],
    ['more than a double holds', '1e999', 'EVENT_DATA'],
    ['a number as a text', '"80"', 'EVENT_DATA'],
    ['a text', '"high"', 'EVENT_DATA'],
    ['a bool', 'true', 'EVENT_DATA'],
    ['null', 'null', 'EVENT_DATA'],
  ])('is refused and spoils no mean: %s', (_what, value, code) => {
    const life = new Life()
      .take(minute(0), reading(0, '52'))
      .take(minute(1), reading(1, '51'))
      .take(minute(2), reading(2, value));
    expect(life.until(minute(3)).said).toEqual([]);
    expect(life.refused).toHaveLength(1);
    expect(life.refused[0]?.code).toBe(code);
    life.take(minute(3), reading(3, '50')).until(minute(120));
    expect(life.said.map(({ day, level }) => [Math.round(day * 1440), level])).toEqual([
      [3, 'orange'],
      [60, 'none'],
    ]);
  });

  it('is refused alone in a body of several', () => {
    const body = [reading(0, '52'), reading(1, 'NaN'), reading(2, '51'), reading(3, '"x"'), reading(4, '50')];
    const life = new Life().take(minute(5), body.join('\n')).until(minute(6));
    expect(life.said.map(({ level }) => level)).toEqual(['orange']);
    expect(life.refused.map(({ code }) => code)).toEqual(['BODY_NOT_JSON', 'EVENT_DATA']);
  });
});

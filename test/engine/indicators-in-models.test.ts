import { describe, expect, it } from 'vitest';
import { Engine } from '../../src/engine/engine.js';
import { MemoryKeyStore } from '../../src/engine/key-state.js';
import type { Transition } from '../../src/engine/output.js';
import type { JsonObject } from '../../src/events/event.js';
import { loadRules } from '../../src/model/load.js';
import { parseModelTests } from '../../src/model/tests.js';
import { runModelTests } from '../../src/pipeline/model-test.js';
import { rulesWith } from '../model/rules-fixture.js';

/** A device whose level changes with every reading, so that every figure is seen. */
const METER = `model: elevator/overload
title: 水表
summary: 每次读数都变。
item: elevator
scope: device
indicators:
  readings: { from: sensor-reading, count: '*', over: 12h }
  spread: { from: sensor-reading, stddev: 'event.value', over: 12h }
  high: { from: sensor-reading, quantile: 'event.value', q: 0.75, over: 12h }
  opening: { from: sensor-reading, first: 'event.value', over: 12h }
  slope: { from: sensor-reading, trend: 'event.value', over: 12h }
  fresh: { from: sensor-reading, new: 'event.quality', over: 12h }
  turns: { from: sensor-reading, changes: 'event.quality', over: 12h }
  used: { from: sensor-reading, increase: 'event.value', over: 12h }
  wrong: { from: sensor-reading, stddev: 'event["note"]', over: 12h }
  huge: { from: sensor-reading, increase: 'event.value * 1e300', over: 12h }
levels:
  blue: 'readings % 2 == 1'
advise: 无。
`;
const { rules, diagnostics } = loadRules(rulesWith({ 'elevator/overload.yaml': METER }), '2025-06-01');
const HOUR = 3_600_000;
const START = Date.UTC(2025, 5, 1);

/** The figures after each of several readings, one an hour. */
function figuresAfter(readings: readonly JsonObject[]): Transition['indicators'][] {
  if (rules === null) throw new Error(JSON.stringify(diagnostics));
  const figures: Transition['indicators'][] = [];
  const store = new MemoryKeyStore();
  const engine = new Engine(rules, {
    namespace: 'test',
    partition: 0,
    store,
    emit: (output) => {
      if (output.kind === 'transition') figures.push(output.indicators);
    },
  });
  for (const [index, data] of readings.entries()) {
    const at = START + index * HOUR;
    engine.step(
      {
        kind: 'event',
        id: `e${index}`,
        stream: 'sensor-reading',
        source: 's',
        key: 'device:meter',
        time: at,
        at,
        data: { metric: 'volume', ...data },
      },
      index,
    );
  }
  engine.end();
  return figures;
}

describe('the figures of a model', () => {
  it('are those that its test names', () => {
    const test = `model: elevator/overload
cases:
  - name: 水表走字，中间换表一次
    device: {}
    events:
      - { at: 0h, sensor-reading: { metric: volume, value: 10, quality: good } }
      - { at: 1h, sensor-reading: { metric: volume, value: 14, quality: bad } }
      - { at: 2h, sensor-reading: { metric: volume, value: 2, quality: good } }
      - { at: 4h, time: 3h, sensor-reading: { metric: volume, value: 6, quality: good } }
    expect:
      - { at: 0h, level: blue, high: 10, opening: 10, fresh: true, turns: 0, used: 0 }
      - { at: 1h, level: none, spread: 2.828427125, high: 13, opening: 10, slope: 96, fresh: true, turns: 1, used: 4 }
      - { at: 2h, level: blue, spread: 6.110100927, high: 12, slope: -96, fresh: false, turns: 2, used: 6 }
      - { at: 4h, level: none, spread: 5.163977795, high: 11, slope: -57.6, fresh: false, turns: 2, used: 10 }
      - { at: 12h, level: blue, opening: 14, high: 10, slope: -96, used: 6, turns: 1 }
      - { at: 13h, level: none, opening: 2, high: 5, slope: 96, used: 4, turns: 0 }
      - { at: 14h, level: blue, opening: 6, used: 0, fresh: true }
      - { at: 15h, level: none, used: 0, turns: 0 }
`;
    const { tests } = parseModelTests('elevator/overload.test.yaml', test);
    if (tests === null || rules === null) throw new Error(JSON.stringify(diagnostics));
    expect(runModelTests(tests, rules).cases.flatMap(({ failures }) => failures)).toEqual([]);
  });

  it('leave out an event without the value, but for the first one', () => {
    const [after] = figuresAfter([{ finding: 'leak', quality: 'good' }]).slice(-1);
    expect(after).toMatchObject({
      spread: null,
      high: null,
      opening: null,
      slope: null,
      used: 0,
      fresh: true,
    });
    const [later] = figuresAfter([{ finding: 'leak' }, { value: 3 }, { value: 5 }]).slice(-1);
    expect(later).toMatchObject({ opening: null, high: 4.5, used: 2, slope: 48, fresh: null, turns: 0 });
  });

  it('are errors over what is no number, or none to compute with', () => {
    const [after] = figuresAfter([{ value: 3, note: 'text' }]);
    expect(after).toMatchObject({ wrong: { error: 'EXPR_TYPE' }, huge: { error: 'EXPR_NUMBER' }, used: 0 });
  });

  it('take a number next to nothing for none', () => {
    const [, after] = figuresAfter([{ value: 1e-200 }, { value: -0 }]);
    expect(after).toMatchObject({ high: 0, spread: 0, slope: 0, huge: 0 });
  });
});

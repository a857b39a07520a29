// Model tests of a declared cadence: what is said of a key and of a source is expected like every other transition.
import { describe, expect, it } from 'vitest';
import { parseModelTests } from '../../src/model/tests.js';
import { runModelTests } from '../../src/pipeline/model-test.js';
import { setOf } from '../engine/turns.js';

const rules = setOf({
  'sim/alarm': `
scope: device
expect: { from: sensor-reading, every: 1h, of: device }
indicators: { gone: { from: sensor-reading, absent: true, over: 5h } }
levels: { yellow: 'gone' }`,
});

const EVENTS = `
cases:
  - name: a
    devices: { d1: {} }
    events: [ { at: 0h, device: d1, source: 'urn:p', sensor-reading: { metric: m, value: 1 } }, { at: 6h, device: d1, sensor-reading: { metric: m, value: 1 } }, { at: 7h, device: d1, sensor-reading: { metric: m, value: 1 } } ]
    expect:`;

function failuresOf(expected: string): string[] {
  const text = `model: sim/alarm${EVENTS}${expected}`;
  const { tests, diagnostics } = parseModelTests('sim/alarm.test.yaml', text);
  if (tests === null) return diagnostics.map(({ code, message }) => `${code} ${message}`);
  const [result] = runModelTests(tests, rules).cases;
  return result?.failures.map(({ message }) => message) ?? [];
}

const UNTIL_IT_SPEAKS = `
      - { at: 2h10m, feed: key, level: blue, key: d1, missed: 2 }
      - { at: 5h, level: yellow, key: d1 }
      - { at: 6h, level: none, key: d1 }
      - { at: 6h, feed: key, level: none, key: d1, missed: 0 }`;

describe('a test of a model that declares a cadence', () => {
  it('expects what is said of the key beside what the model says', () => {
    const silent = `
      - { at: 9h10m, feed: key, level: blue, key: d1 }
      - { at: 12h, level: yellow, key: d1 }`;
    expect(failuresOf(UNTIL_IT_SPEAKS + silent)).toEqual([]);
  });

  it('fails where that is missing, is another figure, or is not what it is said to be', () => {
    expect(failuresOf('\n      - { at: 5h, level: yellow, key: d1 }')).toEqual([
      'expected 5h yellow of d1, came 2h10m feed: key blue of d1',
    ]);
    expect(failuresOf('\n      - { at: 2h10m, feed: key, level: blue, key: d1, missed: 1 }')[0]).toBe(
      'at 2h10m feed: key blue of d1: expected missed 1, came 2',
    );
    expect(failuresOf('\n      - { at: 2h10m, feed: source, level: blue, key: d1 }')).toEqual([
      'expected 2h10m feed: source blue of d1, came 2h10m feed: key blue of d1',
    ]);
    expect(failuresOf('\n      - { at: 2h10m, feed: device, level: blue, key: d1 }')).toEqual([
      'TEST_VALUE "device" does not fit here',
    ]);
  });
});

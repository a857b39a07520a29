// Keys of a model: the operators are told once when there are more than expected, and nothing else follows.
import { describe, expect, it } from 'vitest';
import { Engine } from '../../src/engine/engine.js';
import { MemoryKeyStore } from '../../src/engine/key-state.js';
import type { OperatorAlert, Output } from '../../src/engine/output.js';
import { eventAt, setOf } from './turns.js';

const counting = (stream: string, more = '') => `
scope: subject
indicators:
  many: { from: ${stream}, count: '*', over: 1d }
${more}levels: { blue: 'many >= 1' }
`;

function runWith(keys: number, modelKeys: number) {
  const rules = setOf({
    'a/one': counting('complaint', "  last: { from: complaint, last: 'event.category', over: 2d }\n"),
    'a/two': counting('inspection'),
  });
  const outputs: Output[] = [];
  const store = new MemoryKeyStore();
  const emit = (output: Output) => outputs.push(output);
  const engine = new Engine(rules, { namespace: 'live', partition: 0, store, emit, modelKeys });
  for (let index = 0; index < keys; index++) {
    for (const hours of [0, 1, 30]) {
      const event = eventAt(hours + 100 * index, 'complaint', { category: 'c' }, { key: `subject:${index}` });
      engine.step(event, 3 * index);
    }
  }
  engine.end();
  const alerts = outputs.filter((one): one is OperatorAlert => one.kind === 'operator');
  const raised = outputs.filter((one) => one.kind === 'transition' && one.reason === 'raised').length;
  return { alerts, raised, counts: engine.context.modelKeys.counts };
}

describe('keys of a model', () => {
  it('are counted once each, however often windows fill and empty, and only where the model holds something', () => {
    const { counts } = runWith(7, 100);
    expect([...counts]).toEqual([
      ['a/one', 7],
      ['a/two', 0],
    ]);
  });

  it('beyond the figure are one operator alert, and warn as before', () => {
    const within = runWith(5, 5);
    expect(within.alerts).toEqual([]);
    const beyond = runWith(9, 5);
    expect(beyond.alerts).toMatchObject([{ code: 'LIMIT_KEYS', model: 'a/one', key: 'subject:5' }]);
    expect([within, beyond].map(({ raised }) => raised)).toEqual([10, 18]);
  });
});

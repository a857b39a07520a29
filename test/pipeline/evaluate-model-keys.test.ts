// How many keys a model holds goes on over restarts, and the operators are told once.
import { expect, it } from 'vitest';
import { encodeRecord } from '../../src/events/codec.js';
import { decodeJson } from '../../src/pipeline/checkpoint.js';
import { Evaluate } from '../../src/pipeline/evaluate.js';
import { eventAt, setOf } from '../engine/turns.js';
import { openLosingStores } from './losing-stores.js';

const rules = setOf({
  'a/one': `
scope: subject
indicators: { many: { from: complaint, count: '*', over: 1d } }
levels: { blue: 'many >= 1' }
`,
});

it('counts on after every restart', async () => {
  const { logs, state } = openLosingStores();
  const events = [0, 1, 2, 3, 4, 5, 6].flatMap((index) =>
    [0, 30].map((hours) => eventAt(hours + 50 * index, 'complaint', {}, { key: `subject:${index}` })),
  );
  await logs.events.append(0, events.map(encodeRecord));
  let serial = 0;
  const common = { rules, logs, state, partition: 0, nonce: () => `n${serial++}`, probe: () => undefined };
  for (;;) {
    const evaluate = new Evaluate({ ...common, batch: 3, cachedKeys: 1, modelKeys: 4 });
    await evaluate.open();
    if ((await evaluate.run()) > 0) continue;
    expect([...evaluate.modelKeys]).toEqual([['a/one', 7]]);
    break;
  }
  const alerts = (await logs.operator.read(0, 0, 100)).map(
    ({ value }) => decodeJson<{ alert: { code: string; key: string } }>(value).alert,
  );
  expect(alerts.map(({ code, key }) => `${code} ${key}`)).toEqual(['LIMIT_KEYS subject:4']);
});

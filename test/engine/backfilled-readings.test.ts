// A history of readings that is loaded twice counts once, also where the second load comes weeks later.
import { expect, it } from 'vitest';
import { Engine } from '../../src/engine/engine.js';
import { decodeKeyState, encodeKeyState } from '../../src/engine/key-codec.js';
import { MemoryKeyStore } from '../../src/engine/key-state.js';
import type { Output } from '../../src/engine/output.js';
import type { Event } from '../../src/events/event.js';
import { simulationRules } from '../simulation/models.js';

const DAY = 86_400_000;
const AT = 20_000 * DAY;

const reading = (hour: number, at: number): Event => ({
  kind: 'event',
  id: `s ${hour} at ${at}`,
  stream: 'sensor-reading',
  source: 's',
  key: 'device:d',
  time: AT - 90 * DAY + hour * 3_600_000,
  at,
  data: { metric: 'level', value: hour },
  backfill: true,
});

it('drops every reading of a second load 34 days later, after the state went to bytes and back', () => {
  const outputs: Output[] = [];
  const store = new MemoryKeyStore();
  const engine = new Engine(simulationRules(), {
    namespace: 'test',
    partition: 0,
    store,
    emit: (output) => outputs.push(output),
  });
  for (let hour = 0; hour < 2_000; hour++) engine.step(reading(hour, AT), hour);
  expect(outputs).toEqual([]);
  const bytes = encodeKeyState(store.get('device:d') as NonNullable<ReturnType<typeof store.get>>);
  expect(bytes.length).toBeLessThan(2_000 * 5);
  const again = decodeKeyState('device:d', bytes, { plan: engine.context.plan.device });
  for (const hour of [0, 700, 1_999]) {
    expect(again.backfilled?.has('level', reading(hour, AT).time, AT + 34 * DAY)).toBe(true);
  }
  for (let hour = 0; hour < 2_000; hour++) engine.step(reading(hour, AT + 34 * DAY), 2_000 + hour);
  expect(outputs.filter((one) => one.kind === 'verdict' && one.verdict === 'duplicate')).toHaveLength(2_000);
});

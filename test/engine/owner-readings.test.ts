// What an owner keeps of the readings of its devices: what its windows hold, however long others look back.
import { expect, it } from 'vitest';
import { encodeKeyRecords } from '../../src/engine/key-codec.js';
import { MemoryKeyStore, type KeyState } from '../../src/engine/key-state.js';
import type { Transition } from '../../src/engine/output.js';
import { Strata } from '../../src/engine/strata.js';
import type { Event } from '../../src/events/event.js';
import { setOf, START } from './turns.js';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const RULES = setOf({
  'a/peak': `
scope: subject
indicators:
  peak: { from: sensor-reading, where: 'event.metric == "gas"', max: 'event.value', over: 10m }
  many: { from: sensor-reading, where: 'event.metric == "gas"', count: '*', over: 10m }
levels: { red: 'many >= 55 && peak >= 50' }
`,
  'a/balance': `
scope: subject
indicators: { last: { from: sensor-reading, where: 'event.metric == "balance"', last: 'event.value', over: 70d } }
levels: { red: 'last < 0' }
`,
});

function opened() {
  const said: Transition[] = [];
  const stores: MemoryKeyStore[] = [];
  const strata = new Strata(RULES, {
    namespace: 'test',
    store: (stratum) => (stores[stratum] ??= new MemoryKeyStore()),
    emit: (output) => void (output.kind === 'transition' && said.push(output)),
  });
  let offset = 0;
  const take = (seconds: number, stream: Event['stream'], data: Event['data'], key = 'device:d') => {
    const at = START + seconds * SECOND;
    strata.step(
      { kind: 'event', id: `s ${stream} ${offset}`, stream, source: 's', key, time: at, at, data },
      offset++,
    );
  };
  take(0, 'registration', { owner: 'a' });
  const owner = (): KeyState => stores[1]?.get('subject:a') as KeyState;
  return { strata, said, take, owner };
}

it('is as much after hours as after the length of its windows, in parts or in one record', () => {
  for (const capacity of [16, 128]) {
    const { said, take, owner } = opened();
    const sizes: number[] = [];
    for (let minute = 1; minute <= 240; minute++) {
      for (let second = 0; second < 60; second += 10)
        take(minute * 60 + second, 'sensor-reading', { metric: 'gas', value: minute === 200 ? 60 : 10 });
      // Nobody asks for these.
      take(minute * 60 + 55, 'sensor-reading', { metric: 'hum', value: 1 });
      sizes.push(encodeKeyRecords(owner(), 0, START + (minute + 1) * MINUTE, capacity).bytes);
      owner().parts?.committed();
    }
    const early = Math.max(...sizes.slice(10, 40));
    expect(Math.max(...sizes.slice(-40))).toBeLessThanOrEqual(1.5 * early);
    expect(said.map(({ level, clock }) => [level, Math.floor((clock - START) / MINUTE)])).toEqual([
      ['red', 200],
      ['none', 210],
    ]);
  }
});

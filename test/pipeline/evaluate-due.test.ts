// More falls due than a batch holds: where each thing comes from does not tell how the log was read.
import { expect, it } from 'vitest';
import type { WarningRecord } from '../../src/alerts/inbox.js';
import { encodeRecord } from '../../src/events/codec.js';
import type { LogRecord } from '../../src/events/event.js';
import { decodeJson } from '../../src/pipeline/checkpoint.js';
import { Evaluate } from '../../src/pipeline/evaluate.js';
import { setOf, eventAt, HOUR, START } from '../engine/turns.js';
import { recordsOf } from '../support/servers/oracle.js';
import { openLosingStores } from './losing-stores.js';

const rules = setOf({
  'sim/once': `
scope: subject
indicators: { many: { from: complaint, count: '*', over: 1h } }
levels: { blue: 'many >= 1' }
`,
});
/** More than the timers of a batch, a millisecond apart; five batches raise them. */
const SUBJECTS = 20_500;

async function originsOf(log: readonly LogRecord[], batch: number): Promise<string[]> {
  const { logs, state } = openLosingStores();
  await logs.events.append(0, log.map(encodeRecord));
  let serial = 0;
  const evaluate = new Evaluate({
    rules,
    logs,
    state,
    partition: 0,
    nonce: () => `n${serial++}`,
    probe: () => undefined,
    batch,
    cachedKeys: 50_000,
  });
  await evaluate.open();
  while ((await evaluate.run()) > 0);
  const records = (await recordsOf(logs.inbox, 0)).map((value) => decodeJson<WarningRecord>(value));
  return records.map(({ origin, transition }) => `${origin.offset}.${origin.ordinal} ${transition.key}`);
}

it('comes of the record that lets it fall due, in batches of some or of all', async () => {
  const raised = Array.from({ length: SUBJECTS }, (_, index) => {
    const at = START + index;
    return { ...eventAt(0, 'complaint'), key: `subject:s${index}`, time: at, at };
  });
  const ticks = [15_000, 20_200, 30_000].map((ms): LogRecord => ({ kind: 'tick', at: START + HOUR + ms }));
  const log = [...raised, ...ticks];
  const expected = await originsOf(log, SUBJECTS / 5);
  expect(expected.length).toBe(2 * SUBJECTS);
  const cleared = expected.filter((text) => text.startsWith(`${SUBJECTS}.`));
  expect(cleared.length).toBeGreaterThan(10_000);
  expect(await originsOf(log, log.length)).toEqual(expected);
});

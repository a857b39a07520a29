// What the alert side keeps at hand between batches changes nothing of what it stores.
import { describe, expect, it } from 'vitest';
import { openMemory } from '../../src/adapters/memory/memory.js';
import type { InboxRecord, WarningRecord } from '../../src/alerts/inbox.js';
import type { Transition } from '../../src/engine/output.js';
import { CHAIN_START, linkRecord } from '../../src/evidence/chain.js';
import { Alert } from '../../src/pipeline/alert.js';
import { ALERT_NAMESPACE } from '../../src/pipeline/alert-names.js';
import { CheckpointCursor, decodeJson, encodeJson } from '../../src/pipeline/checkpoint.js';
import type { Logs } from '../../src/ports/log.js';
import type { StateStore } from '../../src/ports/state.js';
import { benchRules, MODEL_NAMES } from '../bench/rules.js';
import { USCC } from '../events/examples.js';

const NAMES = [
  'events',
  'inbox',
  'verdicts',
  'deliveries',
  'actions',
  'withheld',
  'cases',
  'dead-letters',
  'operator',
] as const;
const AT = Date.UTC(2026, 2, 1);
const rules = benchRules({ windowDays: null, models: 6 });

function transition(warning: number, ordinal: number): Transition {
  return {
    kind: 'transition',
    warning: warning.toString(16).padStart(32, '0'),
    ordinal,
    model: MODEL_NAMES.complaints,
    scope: 'subject',
    key: USCC,
    level: ordinal % 2 === 0 ? 'orange' : 'none',
    previous: ordinal % 2 === 0 ? 'none' : 'orange',
    clock: AT + ordinal,
    raised: AT,
    indicators: { complaints: 5, 说明: '过期"\\' },
    params: {},
    profile: {},
    reason: ordinal % 2 === 0 ? 'raised' : 'cleared',
    revision: 'r',
    item: 'item',
    quiet: false,
    contributions: { events: [], total: 0, hash: '' },
  };
}

function recordOf(index: number, warning: number, ordinal: number): WarningRecord {
  const one = transition(warning, ordinal);
  const link = linkRecord(CHAIN_START, '00'.repeat(16), { transition: one, sample: [] });
  const origin = { source: 'events/0', offset: index, ordinal: 0 };
  return { kind: 'warning', origin, at: one.clock, transition: one, sample: [], link };
}

/** Puts what is stored of warnings into the layout of builds that kept the newest transition in the state itself. */
async function makeFormer(state: StateStore): Promise<void> {
  const cursor = new CheckpointCursor<object>(state, ALERT_NAMESPACE, () => 'n');
  const meta = (await cursor.load()) ?? {};
  const names = await state.keys(ALERT_NAMESPACE, 'w/', '', 10_000);
  const apart = names.map((name) => name.replace('w/', 'l/'));
  const [states, latest] = [
    await state.load(ALERT_NAMESPACE, names),
    await state.load(ALERT_NAMESPACE, apart),
  ];
  const records = new Map<string, Uint8Array | null>(apart.map((name) => [name, null]));
  for (const [index, name] of names.entries()) {
    const known = decodeJson<object>(states[index] as Uint8Array);
    if (!('latest' in known))
      records.set(name, encodeJson({ ...known, latest: decodeJson(latest[index] as Uint8Array) }));
  }
  await cursor.commit(meta, { records });
}

/**
 * Everything that is stored, once a side that is opened anew every so many batches has stepped all records.
 * @param isFormer what it is opened with lies as a former build would have left it
 */
async function stored(records: readonly InboxRecord[], batch: number, reopenEvery: number, isFormer = false) {
  const stores = openMemory();
  const logs = Object.fromEntries(NAMES.map((name) => [name, stores.log(name)])) as unknown as Logs;
  const options = {
    rules,
    logs,
    state: stores.state,
    nonce: () => 'n',
    probe: () => undefined,
    batch,
    clock: () => 0,
  };
  await logs.inbox.append(0, records.map(encodeJson));
  let alert = new Alert(options);
  await alert.open();
  for (let count = 1; (await alert.run()) > 0; count++) {
    if (count % reopenEvery !== 0) continue;
    if (isFormer && count <= records.length / batch / 2) await makeFormer(stores.state);
    alert = new Alert(options);
    await alert.open();
  }
  const names = await stores.state.keys(ALERT_NAMESPACE, '', '', 10_000);
  const values = await stores.state.load(ALERT_NAMESPACE, names);
  const states = names.map((name, index) => [name, decodeJson<unknown>(values[index] as Uint8Array)]);
  const deliveries = (await logs.deliveries.read(0, 0, 10_000)).map(({ value }) =>
    decodeJson<unknown>(value),
  );
  return { states, deliveries, current: alert.current };
}

describe('the alert side', () => {
  it('stores the same whether it has the states at hand or reads them', async () => {
    const records: InboxRecord[] = [];
    for (let round = 0; round < 4; round++) {
      for (let warning = 0; warning < 5; warning++) {
        const record = recordOf(records.length, warning, round);
        records.push(record);
        // A part of the warnings hears of its deliveries, one of them of some that it knows nothing of.
        if (warning === 4)
          records.push({ kind: 'delivered', at: AT, warning: 'f'.repeat(32), deliveries: [] });
        if (warning % 2 === 0) {
          const taken = record.transition.warning;
          records.push({ kind: 'delivered', at: AT, warning: taken, deliveries: ['x'] });
        }
      }
    }
    const expected = await stored(records, 1, 1);
    expect(expected.states.filter(([name]) => String(name).startsWith('w/'))).toHaveLength(5);
    expect(expected.deliveries.length).toBeGreaterThan(5);
    for (const [batch, reopenEvery] of [
      [1, Infinity],
      [3, Infinity],
      [3, 2],
      [100, Infinity],
    ] as const) {
      expect(await stored(records, batch, reopenEvery)).toEqual(expected);
    }
    const latest = expected.states.filter(([name]) => String(name).startsWith('l/'));
    expect(latest.map(([, record]) => (record as WarningRecord).transition.ordinal)).toEqual([3, 3, 3, 3, 3]);
    expect(await stored(records, 1, 1, true)).toEqual(expected);
  });
});

// What the alert machine makes of the results of channels.
import { describe, expect, it } from 'vitest';
import type { ResultRecord, WarningRecord } from '../../src/alerts/inbox.js';
import { AlertMachine } from '../../src/alerts/machine.js';
import type { Transition } from '../../src/engine/output.js';
import { CHAIN_START, linkRecord } from '../../src/evidence/chain.js';
import { benchRules, MODEL_NAMES } from '../bench/rules.js';

const AT = Date.UTC(2026, 2, 1);
const WARNING = 'a'.repeat(32);

function raised(item: string): WarningRecord {
  const transition: Transition = {
    kind: 'transition',
    warning: WARNING,
    ordinal: 0,
    model: MODEL_NAMES.complaints,
    scope: 'subject',
    key: 'shop:1',
    level: 'red',
    previous: 'none',
    clock: AT,
    raised: AT,
    indicators: {},
    params: {},
    profile: {},
    reason: 'raised',
    revision: 'r',
    item,
    quiet: false,
    contributions: { events: [], total: 0, hash: '' },
  };
  const link = linkRecord(CHAIN_START, '00'.repeat(16), { transition, sample: [] });
  const origin = { source: 'events/0', offset: 0, ordinal: 0 };
  return { kind: 'warning', origin, at: AT, transition, sample: [], link };
}

describe('the result of a delivery', () => {
  const rules = benchRules({ windowDays: null, models: 6 });
  const item = rules.models.find(({ name }) => name === MODEL_NAMES.complaints)?.item ?? '';
  const machine = new AlertMachine(rules);
  const first = machine.step(undefined, raised(item));
  const [delivery] = first.outputs.deliveries;
  const way = { reason: 'CHANNEL_REFUSED', channel: 'gateway', department: 'market-regulation' };
  type Kind = { readonly kind: 'delivered' } | ({ readonly kind: 'undeliverable' } & typeof way);
  const result = (kind: Kind): ResultRecord => ({
    at: AT,
    warning: WARNING,
    deliveries: [delivery?.id ?? ''],
    ...kind,
  });

  it('that is undeliverable is an operator alert with its reason, and the delivery is not taken for made', () => {
    expect(delivery).toBeDefined();
    const { state, outputs } = machine.step(first.state, result({ kind: 'undeliverable', ...way }));
    expect(outputs.notes).toEqual([
      {
        code: 'DELIVERY_FAILED',
        message: `warning ${WARNING}, CHANNEL_REFUSED: deliveries ${delivery?.id}`,
      },
    ]);
    expect(state?.pending).toContain(delivery?.id);
    expect(state?.status).toBe('raised');
  });

  it('that comes for what was taken before, or for a warning that is not known, says nothing', () => {
    const { state: taken } = machine.step(first.state, result({ kind: 'delivered' }));
    expect(taken?.pending).not.toContain(delivery?.id);
    const undeliverable = result({ kind: 'undeliverable', ...way });
    expect(machine.step(taken, undeliverable).outputs.notes).toEqual([]);
    expect(machine.step(undefined, undeliverable)).toEqual({
      state: undefined,
      outputs: { deliveries: [], notes: [] },
    });
  });

  it('that is undeliverable goes by the backup of its channel, once', () => {
    const backup = new Map([['file', 'mail']]);
    const spared = new AlertMachine({
      ...rules,
      catalogue: { ...rules.catalogue, routes: { ...rules.catalogue.routes, backup } },
    });
    const department = delivery?.department ?? '';
    const reason = 'CHANNEL_REFUSED';
    const failed = result({ kind: 'undeliverable', reason, channel: 'file', department });
    const { state, outputs } = spared.step(first.state, failed);
    expect(outputs.deliveries).toMatchObject([{ channel: 'mail', department, kind: 'backup' }]);
    expect(String(outputs.deliveries[0]?.body['message'])).toContain('改由备用渠道推送');
    expect(state?.pending).not.toContain(delivery?.id);
    expect(state?.pending).toContain(outputs.deliveries[0]?.id);
    expect(spared.step(state, failed).outputs).toEqual({ deliveries: [], notes: [] });
    // Where the backup fails as well, there is none left, and an operator must look.
    const last: ResultRecord = {
      ...result({ kind: 'undeliverable', reason, channel: 'mail', department }),
      deliveries: [outputs.deliveries[0]?.id ?? ''],
    };
    expect(spared.step(state, last).outputs.deliveries).toEqual([]);
    expect(spared.step(state, last).outputs.notes).toHaveLength(1);
  });
});

// Terms of personal values and legal holds where several processes run: one sweeps, each refuses.
import { describe, expect, it } from 'vitest';
import {
  ServerRetaining,
  type ServerRetainingOptions,
} from '../../../src/app/distributed/server-retaining.js';
import { CodedError } from '../../../src/events/coded-error.js';
import type { RuleSet } from '../../../src/model/ruleset.js';
import { loadRules } from '../../../src/model/load.js';
import { decodeJson } from '../../../src/pipeline/checkpoint.js';
import type { Log } from '../../../src/ports/log.js';
import { DAY_MS, named, SharedSite, START } from '../../pipeline/retention/shared-site.js';
import { RULE_FILES } from '../office.js';

const TERMS = 'personal: { complaint: 30d }';
const RULES = loadRules(new Map([...RULE_FILES, ['catalogue/retention.yaml', TERMS]])).rules as RuleSet;
const LATER = START + 31 * DAY_MS;
const HOLD = {
  ...{ id: '0'.repeat(16), subject: 'subject:shop:1', reason: '行政复议', by: '张三' },
  until: LATER + 60 * DAY_MS,
};

/** Processes on one site, whose clock is set. */
function deployment() {
  const site = new SharedSite();
  const clock = { now: START };
  const failures: unknown[] = [];
  const process = (more: Partial<ServerRetainingOptions> = {}, events: Log = site.logs.events) => {
    const { state, vault } = site.stores;
    const logs = { ...site.logs, events } as unknown as ServerRetainingOptions['stores']['logs'];
    const partitions = { events: 2, derived: 1 };
    return new ServerRetaining({
      stores: { state, vault, logs, partitions, begin: async () => 1 },
      warehouse: { query: async () => [] },
      ...{ rules: () => RULES, holds: () => true, now: () => clock.now },
      log: { info: () => undefined, failure: (_what, error) => failures.push(error) },
      ...more,
    });
  };
  return { site, clock, failures, process };
}

async function named3(): Promise<ReturnType<typeof deployment>> {
  const deployed = deployment();
  for (const [shop, person] of ['甲某', '乙某', '丙某'].entries())
    await deployed.site.take(`shop:${shop + 1}`, person, START);
  return deployed;
}

describe('retention on servers', () => {
  it('ends terms once a day in one process, keeps what a hold is about, and lets it go after its end', async () => {
    const { site, clock, process } = await named3();
    const [first, second] = [process(), process()];
    expect(await first.daily()).toMatchObject({ erased: 0 });
    await site.holds.add(HOLD, START);
    clock.now = LATER;
    expect(await first.daily()).toEqual({ erased: 2, held: 1, whole: true });
    expect(await second.daily()).toBeNull();
    expect([await site.kept('甲某'), await site.kept('乙某')]).toEqual(['甲某', undefined]);
    expect((await second.holding(named('甲某'))).map(({ id }) => id)).toEqual([HOLD.id]);
    expect(await second.holding(named('乙某'))).toEqual([]);
    await site.holds.end(HOLD.id, '张三', '结案', clock.now);
    expect(await second.holding(named('甲某'))).toEqual([]);
    expect(await second.daily()).toBeNull();
    clock.now += DAY_MS;
    expect(await second.daily()).toEqual({ erased: 1, held: 0, whole: true });
    expect(await first.daily()).toBeNull();
    expect(await site.kept('甲某')).toBeUndefined();
    expect((await site.erasures()).sort()).toEqual(['甲某', '乙某', '丙某'].map(named).sort());
  });

  it('notes each erasure once where two processes think that it is their turn', async () => {
    const { site, clock, process } = await named3();
    clock.now = LATER;
    await Promise.all([process().daily(), process().daily(), process().daily()]);
    clock.now += DAY_MS;
    await process().daily();
    expect((await site.erasures()).sort()).toEqual(['甲某', '乙某', '丙某'].map(named).sort());
    expect(await site.kept('丙某')).toBeUndefined();
  });

  it('is for the process alone that has the share, and for nobody without terms or holds', async () => {
    const { site, clock, process } = await named3();
    clock.now = LATER;
    expect(await process({ holds: () => false }).daily()).toBeNull();
    const none = loadRules(new Map(RULE_FILES)).rules as RuleSet;
    const idle = process({ rules: () => none });
    expect(await idle.daily()).toBeNull();
    expect(await site.index().isAtEnd()).toBe(false);
    // A hold has the index brought on, so that who asks for an erasure need not wait for all of the log.
    await site.holds.add(HOLD, clock.now);
    expect(await idle.daily()).toBeNull();
    const index = site.index();
    await index.forget('nobody', () => true);
    expect(await index.isAtEnd()).toBe(true);
    expect(await site.kept('甲某')).toBe('甲某');
  });

  it('stops before it erases anything more', async () => {
    const { site, clock, process } = await named3();
    clock.now = LATER;
    const ending = process();
    const swept = ending.daily();
    await ending.stop();
    expect(await swept).toMatchObject({ erased: 0, whole: false });
    expect(await site.kept('甲某')).toBe('甲某');
    expect(await process().daily()).toMatchObject({ erased: 3, whole: true });
  });

  it('erases nothing, and tells the operators once a day, where nobody has what was never read', async () => {
    const { site, clock, failures, process } = await named3();
    clock.now = LATER;
    const gone: Log = {
      append: (partition, values) => site.logs.events.append(partition, values),
      end: (partition) => site.logs.events.end(partition),
      read: async (partition, offset, limit) => {
        if (offset < 1) throw new CodedError('RECORD_GONE');
        return site.logs.events.read(partition, offset, limit);
      },
    };
    const standing = process({}, gone);
    for (const hours of [0, 1, 24]) {
      clock.now = LATER + hours * 3_600_000;
      await standing.look();
    }
    expect(failures).toHaveLength(3);
    const { operator } = site.logs;
    const alerts = await operator.read(0, 0, await operator.end(0));
    expect(alerts.map(({ value }) => decodeJson(value))).toMatchObject([
      { alert: { kind: 'operator', code: 'RECORD_GONE', clock: LATER } },
      { alert: { kind: 'operator', code: 'RECORD_GONE', clock: LATER + DAY_MS } },
    ]);
    expect(await site.kept('甲某')).toBe('甲某');
  });
});

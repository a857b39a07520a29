// What the audit log says of legal holds and of events that went is in force again after the state was lost.
import { describe, expect, it } from 'vitest';
import { openMemory } from '../../../src/adapters/memory/memory.js';
import type { EventTerms } from '../../../src/catalogue/retention.js';
import { encodeRecord } from '../../../src/events/codec.js';
import type { Key, LogRecord } from '../../../src/events/event.js';
import { encodeJson } from '../../../src/pipeline/checkpoint.js';
import { restoreRetention } from '../../../src/pipeline/rebuild/retention.js';
import { HOLD_LIMITS, Holds } from '../../../src/pipeline/retention/holds.js';
import { ReleaseEvents, type RemovedRange } from '../../../src/pipeline/retention/release-events.js';
import { ReleasedEvents, releasedUntil } from '../../../src/pipeline/retention/released.js';
import type { StateStore } from '../../../src/ports/state.js';

const DAY_MS = 86_400_000;
const START = Date.UTC(2026, 0, 1);
const KEYS: readonly Key[] = ['subject:a', 'subject:b'];
const PER_DAY = KEYS.length;
const TERMS: EventTerms = new Map([['complaint', 40 * DAY_MS]]);

class Site {
  readonly logs = { audit: openMemory().log('audit'), events: openMemory().log('events') };
  state: StateStore = openMemory().state;
  readonly removed: RemovedRange[] = [];
  private serial = 0;

  async days(count: number): Promise<void> {
    const records = Array.from({ length: count }, (_, day) =>
      KEYS.map((key): LogRecord => {
        const at = START + day * DAY_MS;
        const id = `a ${key} ${at}`;
        return { kind: 'event', id, stream: 'complaint', source: 'a', key, time: at, at, data: {} };
      }),
    ).flat();
    await this.logs.events.append(0, records.map(encodeRecord));
  }

  get holds(): Holds {
    return new Holds({ state: this.state, logs: this.logs, nonce: () => `h${this.serial++}` });
  }

  async hold(subject: Key, day: number, days: number): Promise<string> {
    const id = (this.serial++).toString(16).padStart(16, '0');
    const at = START + day * DAY_MS;
    const order = { id, subject, reason: '行政复议', by: '张三', until: at + days * DAY_MS };
    await this.holds.add(order, at);
    return id;
  }

  /** @param carried false where the state is lost before anything of the last plan went */
  async sweep(day: number, carried = true): Promise<void> {
    const { logs, state } = this;
    const release = new ReleaseEvents({
      ...{
        partition: 0,
        events: logs.events,
        logs,
        state,
        holds: this.holds,
        nonce: () => `n${this.serial++}`,
      },
      probe: () => undefined,
      limit: () => logs.events.end(0),
      remove: async (range) => carried && this.removed.push(range) > 0,
    });
    while ((await release.step(TERMS, START + day * DAY_MS)) && !release.waits);
  }

  restore(day: number): Promise<number> {
    const { logs, state } = this;
    return restoreRetention({
      ...{ logs, state, partitions: { events: 1 }, begin: async () => 0 },
      ...{ now: () => START + day * DAY_MS, nonce: () => `r${this.serial++}` },
    });
  }

  /** What Redis held is lost. */
  lose(): void {
    this.state = openMemory().state;
  }

  /** Days whose complaint of a key is known to be gone. */
  async gone(key: Key): Promise<number[]> {
    const released = await ReleasedEvents.in(this.state, 0);
    return Array.from({ length: 60 }, (_, day) => day).filter((day) =>
      released.has(day * PER_DAY + KEYS.indexOf(key), { stream: 'complaint', key }),
    );
  }

  async told() {
    return {
      holds: await this.holds.inForce(START + 60 * DAY_MS),
      until: await releasedUntil(this.state, 1),
      gone: [await this.gone('subject:a'), await this.gone('subject:b')],
    };
  }
}

describe('after the state was lost', () => {
  it('holds that stand are in force again, and those that ended or are over are not', async () => {
    const site = new Site();
    await site.hold('subject:a', 0, 100);
    const ended = await site.hold('subject:b', 1, 100);
    await site.hold('subject:c', 2, 5);
    await site.holds.end(ended, '李四', '结案', START + 3 * DAY_MS);
    const before = await site.holds.inForce(START + 30 * DAY_MS);
    site.lose();
    expect(await site.restore(30)).toBe(1);
    expect(await site.holds.inForce(START + 30 * DAY_MS)).toEqual(before);
    expect(before).toMatchObject([{ subject: 'subject:a', reason: '行政复议', by: '张三' }]);
  });

  it('a hold of which an older build did not note the end is in force for as long as one may be', async () => {
    const site = new Site();
    const entry = { at: START, account: null, role: null, department: null, what: 'hold', outcome: 'done' };
    const about = { hold: '00000000000000aa', subject: 'subject:a', by: '张三', reason: '行政复议' };
    await site.logs.audit.append(0, [encodeJson({ ...entry, ...about })]);
    expect(await site.restore(1_000)).toBe(1);
    expect(await site.holds.inForce(START)).toMatchObject([{ until: START + HOLD_LIMITS.longestMs }]);
  });

  it('it is known by stream up to when events went, which went, and which a hold kept', async () => {
    const site = new Site();
    await site.days(60);
    await site.hold('subject:b', 50, 100);
    await site.sweep(55);
    await site.sweep(58);
    const before = await site.told();
    expect(before.until).toEqual(new Map([['complaint', START + 18 * DAY_MS]]));
    expect(before.gone).toEqual([Array.from({ length: 19 }, (_, day) => day), []]);
    site.lose();
    await site.restore(60);
    expect(await site.told()).toEqual(before);
    // Begun again, and brought forward from a copy, it says the same.
    await site.restore(60);
    expect(await site.told()).toEqual(before);
  });

  it('what went once a hold had ended is gone as well', async () => {
    const site = new Site();
    await site.days(60);
    const id = await site.hold('subject:b', 50, 100);
    await site.sweep(55);
    await site.holds.end(id, '李四', '结案', START + 56 * DAY_MS);
    await site.sweep(56);
    const before = await site.told();
    expect(before.gone[1]).toHaveLength(17);
    site.lose();
    await site.restore(60);
    expect(await site.told()).toEqual(before);
  });

  it('what was noted and had not gone yet goes with the next sweep', async () => {
    const site = new Site();
    await site.days(60);
    await site.sweep(55, false);
    expect(site.removed).toEqual([]);
    site.lose();
    await site.restore(55);
    await site.sweep(55);
    expect(site.removed).toEqual([
      { partition: 0, from: 0, to: 16 * PER_DAY, streams: ['complaint'], held: [] },
    ]);
  });

  it('a copy of the state that is older learns of what came after it', async () => {
    const site = new Site();
    await site.days(60);
    await site.hold('subject:b', 50, 100);
    await site.sweep(55);
    const { state } = site;
    const copy = openMemory().state;
    for (const namespace of ['holds', 'retention/events/0']) {
      const kept = await state.checkpoint(namespace);
      const meta = kept?.meta ?? new Uint8Array();
      const change = { base: 0, baseNonce: '', nonce: 'n', meta, records: new Map() };
      await copy.commit(namespace, { ...change, timersSet: [], timersCleared: [] });
    }
    await site.sweep(58);
    await site.hold('subject:a', 58, 100);
    const before = await site.told();
    site.state = copy;
    await site.restore(60);
    expect(await site.told()).toEqual(before);
  });
});

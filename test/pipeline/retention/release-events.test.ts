// Events at the end of their term: what goes, what stays, what is noted, and what a crash leaves.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openMemory } from '../../../src/adapters/memory/memory.js';
import type { EventTerms } from '../../../src/catalogue/retention.js';
import { decodeRecord, encodeRecord } from '../../../src/events/codec.js';
import type { Key, LogRecord, StreamName } from '../../../src/events/event.js';
import type { RuleSet } from '../../../src/model/ruleset.js';
import { decodeJson, type CrashPoint } from '../../../src/pipeline/checkpoint.js';
import { Holds } from '../../../src/pipeline/retention/holds.js';
import { ReleaseEvents, type RemovedRange } from '../../../src/pipeline/retention/release-events.js';
import { releasedOf, releasedUntil } from '../../../src/pipeline/retention/released.js';

const DAY_MS = 86_400_000;
const START = Date.UTC(2026, 0, 1);
const KEYS: readonly Key[] = ['subject:a', 'subject:b', 'device:c'];
const STREAMS: readonly StreamName[] = ['complaint', 'opinion', 'registration', 'sensor-reading'];
const TERMS: EventTerms = new Map([
  ['complaint', 40 * DAY_MS],
  ['sensor-reading', 10 * DAY_MS],
]);

class Crash extends Error {}

/** Stores that outlive any number of starts, and a warehouse that has what the log had. */
class Site {
  readonly stores = openMemory();
  readonly events = this.stores.log('events');
  readonly rows = new Map<number, { readonly stream: StreamName; readonly key: Key }>();
  readonly removed: RemovedRange[] = [];
  limit = Infinity;
  crashes: readonly CrashPoint[] = [];
  private nonce = 0;
  readonly holds = this.newHolds();

  async append(records: readonly LogRecord[]): Promise<void> {
    const first = await this.events.append(0, records.map(encodeRecord));
    for (const [index, record] of records.entries())
      if (record.kind === 'event') this.rows.set(first + index, { stream: record.stream, key: record.key });
  }

  start(): ReleaseEvents {
    const crashes = [...this.crashes];
    return new ReleaseEvents({
      ...{ partition: 0, events: this.events, logs: { audit: this.stores.log('audit') } },
      ...{ state: this.stores.state, holds: this.newHolds(), nonce: () => `${this.nonce++}` },
      probe: (point) => {
        if (crashes[0] !== point) return;
        this.crashes = this.crashes.slice(1);
        throw new Crash();
      },
      limit: async () => Math.max(0, Math.min(this.limit, (await this.events.end(0)) - 1)),
      remove: async (range) => {
        this.removed.push(range);
        for (const [offset, { stream, key }] of this.rows) {
          const isMeant = offset >= range.from && offset < range.to && range.streams.includes(stream);
          if (isMeant && !range.held.includes(key)) this.rows.delete(offset);
        }
        return true;
      },
    });
  }

  /** Sweeps to the end, beginning anew after each crash. */
  async sweep(now: number, terms = TERMS, release = this.start()): Promise<void> {
    for (let one = release; ;) {
      try {
        while (await one.step(terms, now));
        return;
      } catch (error) {
        if (!(error instanceof Crash)) throw error;
        one = this.start();
      }
    }
  }

  async left(): Promise<{ readonly offset: number; readonly record: LogRecord }[]> {
    const read = await this.events.read(0, 0, 10_000);
    return read.map(({ offset, value }) => ({ offset, record: decodeRecord(value) }));
  }

  async noted(): Promise<unknown[]> {
    const entries = await this.stores.log('audit').read(0, 0, 1_000);
    const all = entries.map(({ value }) => decodeJson<{ readonly what: string }>(value));
    return all.filter(({ what }) => what === 'release-events');
  }

  hold(subject: Key, since: number, until: number) {
    const id = (this.nonce++).toString(16).padStart(16, '0');
    return this.newHolds().add({ id, subject, reason: '案件', by: '张三', until }, since);
  }

  private newHolds(): Holds {
    const logs = { audit: this.stores.log('audit') };
    return new Holds({ state: this.stores.state, logs, nonce: () => `h${this.nonce++}` });
  }
}

function event(stream: StreamName, key: Key, at: number): LogRecord {
  const id = `a ${stream} ${key} ${at}`;
  return { kind: 'event', id, stream, source: 'a', key, time: at, at, data: {} };
}

/** A day after the other: a tick, and an event of each stream for each key. */
function days(count: number, from = START): LogRecord[] {
  return Array.from({ length: count }, (_, day): LogRecord[] => {
    const at = from + day * DAY_MS;
    const events = STREAMS.flatMap((stream) => KEYS.map((key) => event(stream, key, at)));
    return [{ kind: 'tick', at }, ...events];
  }).flat();
}

const daysOf = async (site: Site, stream: StreamName, key?: Key) =>
  (await site.left()).flatMap(({ record }) =>
    record.kind === 'event' && record.stream === stream && (key ?? record.key) === record.key
      ? [(record.at - START) / DAY_MS]
      : [],
  );

describe('events whose term is over', () => {
  it('go from log and warehouse by their stream, and everything else stays', async () => {
    const site = new Site();
    const control: LogRecord[] = [
      { kind: 'revision', at: START, revision: 'r' },
      { kind: 'gap', from: START - 5, at: START },
    ];
    await site.append([...control, ...days(60)]);
    const end = await site.events.end(0);
    await site.sweep(START + 59 * DAY_MS);
    // What arrived exactly a term ago is over.
    expect(Math.min(...(await daysOf(site, 'complaint')))).toBe(20);
    expect(Math.min(...(await daysOf(site, 'sensor-reading')))).toBe(50);
    expect(await daysOf(site, 'opinion')).toHaveLength(180);
    expect(await daysOf(site, 'registration')).toHaveLength(180);
    const kept = (await site.left()).map(({ record }) => record);
    expect(kept.filter(({ kind }) => kind === 'gap' || kind === 'revision')).toEqual(control);
    // A tick says nothing of what lies so far back.
    expect(kept.filter(({ kind }) => kind === 'tick').length).toBe(10);
    expect(await site.events.end(0)).toBe(end);
    const inLog = (await site.left()).flatMap(({ offset, record }) =>
      record.kind === 'event' ? [offset] : [],
    );
    expect([...site.rows.keys()]).toEqual(inLog);
  });

  it('are noted by stream, rule, number and arrival, without anything of them', async () => {
    const site = new Site();
    await site.append(days(60));
    const now = START + 59 * DAY_MS;
    await site.sweep(now);
    const nobody = { account: null, role: null, department: null, what: 'release-events', outcome: 'done' };
    expect(await site.noted()).toEqual([
      {
        ...{ at: now, ...nobody, stream: 'sensor-reading', count: 150, first: START },
        ...{ last: START + 49 * DAY_MS, reason: 'catalogue/retention.yaml: events.sensor-reading 10d' },
        ...{ partition: 0, from: 0, below: 650, stayed: {} },
      },
      {
        ...{ at: now, ...nobody, stream: 'complaint', count: 60, first: START },
        ...{ last: START + 19 * DAY_MS, reason: 'catalogue/retention.yaml: events.complaint 40d' },
        ...{ partition: 0, from: 0, below: 257, stayed: {} },
      },
    ]);
    await site.sweep(now);
    expect(await site.noted()).toHaveLength(2);
  });

  it('stay at and above the place that somebody still reads, and the newest record always', async () => {
    const site = new Site();
    await site.append(days(60));
    site.limit = 30;
    await site.sweep(START + 400 * DAY_MS);
    expect((await site.left()).filter(({ offset }) => offset >= 30)).toHaveLength(60 * 13 - 30);
    expect(await site.events.released(0)).toBeLessThanOrEqual(30);
    site.limit = Infinity;
    await site.sweep(START + 400 * DAY_MS);
    expect((await site.left()).at(-1)?.offset).toBe(60 * 13 - 1);
    expect(new Set(await daysOf(site, 'complaint')).size).toBe(0);
  });

  it('are counted since the start', async () => {
    const site = new Site();
    await site.append(days(12));
    const release = site.start();
    await site.sweep(START + 11 * DAY_MS, TERMS, release);
    expect(release.released).toEqual(new Map([['sensor-reading', 6]]));
  });

  it('stay where other rules keep them longer before they went', async () => {
    const site = new Site();
    await site.append(days(60));
    const now = START + 59 * DAY_MS;
    const release = site.start();
    while ((await site.noted()).length === 0) await release.step(TERMS, now);
    const longer: EventTerms = new Map([['sensor-reading', 55 * DAY_MS]]);
    await site.sweep(now, longer, release);
    expect(Math.min(...(await daysOf(site, 'sensor-reading')))).toBe(5);
    expect(await daysOf(site, 'complaint')).toHaveLength(180);
  });
});

describe('a hold', () => {
  it('keeps events of its key, and lets those before the place of the last sweep go once it has ended', async () => {
    const site = new Site();
    await site.append(days(60));
    const now = START + 59 * DAY_MS;
    await site.hold('subject:a', now, now + 10 * DAY_MS);
    await site.sweep(now);
    expect(await daysOf(site, 'complaint', 'subject:a')).toHaveLength(60);
    expect(await daysOf(site, 'complaint', 'subject:b')).toHaveLength(40);
    expect([...site.rows.values()].filter(({ key }) => key === 'subject:a')).toHaveLength(240);
    await site.sweep(now + 9 * DAY_MS);
    expect(await daysOf(site, 'complaint', 'subject:a')).toHaveLength(60);
    await site.sweep(now + 10 * DAY_MS);
    expect(Math.min(...(await daysOf(site, 'complaint', 'subject:a')))).toBe(30);
    expect(await daysOf(site, 'complaint', 'subject:a')).toEqual(
      await daysOf(site, 'complaint', 'subject:b'),
    );
  });

  it('that is ordered in the middle of a sweep keeps what is left, and that goes when it ends', async () => {
    const site = new Site();
    await site.append(days(600));
    const now = START + 599 * DAY_MS;
    const release = site.start();
    while ((await site.events.released(0)) === 0) await release.step(TERMS, now);
    const before = await daysOf(site, 'sensor-reading', 'subject:a');
    expect(before.length).toBeGreaterThan(10);
    await site.hold('subject:a', now, now + DAY_MS);
    await site.sweep(now, TERMS, release);
    expect(await daysOf(site, 'sensor-reading', 'subject:a')).toEqual(before);
    expect(await daysOf(site, 'sensor-reading', 'subject:b')).toHaveLength(10);
    await site.sweep(now + DAY_MS);
    expect(await daysOf(site, 'sensor-reading', 'subject:a')).toHaveLength(9);
  });
});

describe('a crash', () => {
  it('at any point leaves what the next start goes on with, as if there had been none', async () => {
    const step = fc.record({
      append: fc.nat(30),
      pass: fc.nat(25),
      hold: fc.option(fc.record({ key: fc.constantFrom(...KEYS), days: fc.integer({ min: 1, max: 40 }) })),
      crashes: fc.array(fc.constantFrom<CrashPoint>('before-release', 'after-release'), { maxLength: 4 }),
      limit: fc.nat(900),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 6 }), async (steps) => {
        const [crashing, whole] = [new Site(), new Site()];
        let now = START;
        for (const { append, pass, hold, crashes, limit } of steps) {
          const records = days(append, now);
          now += (append + pass) * DAY_MS;
          for (const site of [crashing, whole]) {
            await site.append(records);
            if (hold !== null) await site.hold(hold.key, now, now + hold.days * DAY_MS);
            site.limit = limit;
            site.crashes = site === crashing ? crashes : [];
            await site.sweep(now);
          }
          expect(await crashing.left()).toEqual(await whole.left());
          expect([...crashing.rows.keys()]).toEqual([...whole.rows.keys()]);
        }
        now += 100 * DAY_MS;
        for (const site of [crashing, whole]) {
          site.limit = Infinity;
          await site.append([{ kind: 'tick', at: now }]);
          await site.sweep(now);
          for (const stream of TERMS.keys()) expect(await daysOf(site, stream)).toEqual([]);
          expect([...site.rows.values()].some(({ stream }) => TERMS.has(stream))).toBe(false);
        }
      }),
      { numRuns: 30 },
    );
  });
});

describe('how far events went', () => {
  const arrival = (day: number) => START + day * DAY_MS;

  it('is the last arrival of each stream, whatever else was looked at, a hold kept or a crash broke off', async () => {
    const site = new Site();
    await site.append(days(60));
    expect(await releasedUntil(site.stores.state, 1)).toEqual(new Map());
    // A stream of which there is nothing yet that might go.
    await site.sweep(arrival(35), new Map([...TERMS, ['judgment', DAY_MS]]));
    expect(await releasedUntil(site.stores.state, 1)).toEqual(new Map([['sensor-reading', arrival(25)]]));
    await site.hold('subject:a', arrival(55), arrival(70));
    site.crashes = ['after-release'];
    await site.sweep(arrival(60));
    expect(await releasedUntil(site.stores.state, 1)).toEqual(
      new Map([
        ['sensor-reading', arrival(50)],
        ['complaint', arrival(20)],
      ]),
    );
    await site.sweep(arrival(70));
    expect((await releasedUntil(site.stores.state, 1)).get('complaint')).toBe(arrival(30));
  });

  it('is known before the first of them is gone', async () => {
    const site = new Site();
    await site.append(days(60));
    site.crashes = ['after-release'];
    const release = site.start();
    await expect(
      (async () => {
        while (await release.step(TERMS, arrival(60)));
      })(),
    ).rejects.toThrow(Crash);
    const { state } = site.stores;
    expect((await releasedUntil(state, 1)).get('sensor-reading')).toBe(arrival(50));
  });

  it('is that of the partition that let go furthest, and matters to models that read the stream then', async () => {
    const metas = [{ complaint: 5 }, { complaint: 7, opinion: 3 }].map((until) =>
      Buffer.from(JSON.stringify({ next: {}, stayed: {}, until, plan: null })),
    );
    const checkpoint = (namespace: string) => {
      const meta = metas[Number(namespace.split('/')[2])];
      return Promise.resolve(meta === undefined ? undefined : { sequence: 1, nonce: 'n', meta });
    };
    const until = await releasedUntil({ checkpoint }, 3);
    expect(until).toEqual(
      new Map([
        ['complaint', 7],
        ['opinion', 3],
      ]),
    );
    const reading = (...from: string[]) =>
      [{ indicators: [{ kind: 'window', from }, { kind: 'value' }] }] as unknown as RuleSet['models'];
    const gone = { stream: 'complaint', until: '1970-01-01T00:00:00.007Z' };
    expect(releasedOf(until, reading('complaint', 'judgment', 'warning'), 7)).toEqual([gone]);
    expect(releasedOf(until, reading('complaint'), 8)).toEqual([]);
    expect(releasedOf(until, reading('judgment'), -Infinity)).toEqual([]);
  });
});

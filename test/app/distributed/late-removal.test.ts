// Events that go on servers whose warehouse takes longer than anybody waits for one request: asked for once, and carried through.
import { describe, expect, it } from 'vitest';
import { openMemory } from '../../../src/adapters/memory/memory.js';
import {
  ServerReleasing,
  type ServerReleasingOptions,
} from '../../../src/app/distributed/server-releasing.js';
import { CheckpointCursor, NO_CHANGES } from '../../../src/pipeline/checkpoint.js';
import { Holds } from '../../../src/pipeline/retention/holds.js';
import type { PersonalIndex } from '../../../src/pipeline/retention/personal-index.js';
import { releasedUntil } from '../../../src/pipeline/retention/released.js';

const DAY_MS = 86_400_000;
const NOW = Date.UTC(2026, 0, 60);
const LAST = NOW - 50 * DAY_MS;
const EVENTS = 100;

/** A warehouse with one part of complaints, which it removes so many seconds after it was asked. */
class LateWarehouse {
  readonly asked: string[] = [];
  seconds = 0;
  private doneAt = Infinity;

  constructor(private readonly takes: number) {}

  async query(sql: string): Promise<{ readonly [column: string]: unknown }[]> {
    const isGone = this.seconds >= this.doneAt;
    if (sql.includes('system.mutations'))
      return this.asked.length > 0 && !isGone ? [{ table: 'events', fails: false }] : [];
    if (sql.includes('DISTINCT')) return isGone ? [] : [{ part: 202601 }];
    if (sql.includes('min(offset) AS first, count()')) return [{ first: 0, total: 0 }];
    return isGone ? [] : [{ stream: 'complaint', total: EVENTS, first_ms: LAST, last_ms: LAST }];
  }

  async command(sql: string): Promise<void> {
    expect(sql).toContain('mutations_sync = 0');
    this.asked.push(/ALTER TABLE (\w+)/.exec(sql)?.[1] ?? sql);
    this.doneAt = this.seconds + this.takes;
  }
}

class Site {
  readonly memory = openMemory();
  readonly logs = { audit: this.memory.log('audit'), events: this.memory.log('events') };
  private nonces = 0;
  readonly holds = new Holds({ state: this.memory.state, logs: this.logs, nonce: () => `h${this.nonces++}` });
  rests = 0;

  constructor(readonly warehouse: LateWarehouse) {}

  async begin(): Promise<void> {
    const { state } = this.memory;
    const checkpoints = {
      'evaluate/0': { offset: EVENTS, revision: 'r' },
      'archive/events/0': { next: EVENTS },
    };
    for (const [namespace, meta] of Object.entries(checkpoints)) {
      const cursor = new CheckpointCursor<object>(state, namespace, () => 'n');
      await cursor.load();
      await cursor.commit({ ...meta, to: EVENTS }, NO_CHANGES);
    }
  }

  process(): ServerReleasing {
    const { warehouse } = this;
    const options = {
      stores: { logs: this.logs, state: this.memory.state, partitions: { events: 1, derived: 1 } },
      clickhouse: { url: 'http://127.0.0.1:1' },
      archive: {
        warehouse,
        whileResting: async (work: () => Promise<void>) => {
          this.rests++;
          await work();
          return true;
        },
      },
      models: { status: async () => ({ running: 'r', announced: 'r', waiting: false, unprimed: 0 }) },
      probe: () => undefined,
      pause: async () => void warehouse.seconds++,
    };
    const index = { catchUp: async () => undefined, position: () => EVENTS };
    return new ServerReleasing(options as unknown as ServerReleasingOptions, {
      holds: this.holds,
      index: index as unknown as PersonalIndex,
    });
  }

  sweep(process: ServerReleasing, goesOn: () => boolean = () => true): Promise<string | null> {
    const terms = new Map([['complaint', 40 * DAY_MS]] as const);
    return process.sweep({ terms, revision: 'r', now: NOW, goesOn: async () => goesOn() });
  }

  async noted(): Promise<number> {
    return this.logs.audit.end(0);
  }
}

describe('a warehouse that takes longer than a request may', () => {
  it('is asked once and waited for, and the archive works on between two looks', async () => {
    const site = new Site(new LateWarehouse(300));
    await site.begin();
    const process = site.process();
    expect(await site.sweep(process)).toBeNull();
    expect(site.warehouse.asked).toEqual(['events', 'events_by_key']);
    expect(site.rests).toBeGreaterThan(300);
    expect(Object.fromEntries(process.released)).toEqual({ complaint: EVENTS });
    expect(await releasedUntil(site.memory.state, 1)).toEqual(new Map([['complaint', LAST]]));
  });

  it('is left at it by a sweep that has looked often enough, and the next one goes on without asking again', async () => {
    const site = new Site(new LateWarehouse(900));
    await site.begin();
    const process = site.process();
    expect(await site.sweep(process)).toContain('still at');
    expect(await site.sweep(process)).toBeNull();
    expect(site.warehouse.asked).toEqual(['events', 'events_by_key']);
    expect(await site.noted()).toBe(1);
  });

  it('is not asked again by the process that takes over', async () => {
    const site = new Site(new LateWarehouse(300));
    await site.begin();
    let looks = 0;
    expect(await site.sweep(site.process(), () => ++looks < 10)).toContain('does not fall to this process');
    expect(await site.sweep(site.process())).toBeNull();
    expect(site.warehouse.asked).toEqual(['events', 'events_by_key']);
    expect(await site.noted()).toBe(1);
  });
});

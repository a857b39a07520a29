// What a checkpoint writes of a key of many events: what changed, not what its windows hold.
import { describe, expect, it } from 'vitest';
import { Engine } from '../../src/engine/engine.js';
import { decodeKeyState, encodeKeyRecords, encodeKeyState, partsOf } from '../../src/engine/key-codec.js';
import { PART_EVENTS } from '../../src/engine/limits.js';
import { MemoryKeyStore, type KeyState } from '../../src/engine/key-state.js';
import type { Event } from '../../src/events/event.js';
import { summaryOf } from './layouts.js';
import { setOf } from './turns.js';

const MINUTE = 60_000;
const DAY = 86_400_000;
const START = Date.UTC(2026, 2, 1);
const KEY = 'subject:a';

const RULES = setOf({
  'sim/long': `
scope: subject
indicators:
  many: { from: complaint, count: '*', over: 40d }
  sum: { from: complaint, sum: 'event.amount', over: 40d }
  kinds: { from: complaint, distinct: 'event.complainant', over: 40d }
  load: { from: complaint, count: '*', over: 40d, every: 1d }
levels: { blue: 'many + sum + kinds + load > 1000000' }
`,
});

/** An engine over one key, and the store of its records. */
class Stored {
  readonly keys = new MemoryKeyStore();
  readonly engine = new Engine(RULES, {
    namespace: 'test',
    partition: 0,
    store: this.keys,
    emit: () => undefined,
  });
  record = new Uint8Array();
  readonly parts = new Map<number, Uint8Array>();
  private serial = 0;

  event(minute: number, more: Partial<Event> = {}): string {
    const at = START + minute * MINUTE;
    const id = `s e${this.serial}`;
    const data = { amount: this.serial % 7, complainant: `p:${this.serial % 5}`, category: '食品' };
    const event: Event = {
      kind: 'event',
      id,
      stream: 'complaint',
      source: 's',
      key: KEY,
      time: at,
      at,
      data,
    };
    this.engine.step({ ...event, ...more }, this.serial++);
    return id;
  }

  get state(): KeyState {
    return this.keys.get(KEY) as KeyState;
  }

  /** Takes a checkpoint. @returns what it wrote */
  commit(): { bytes: number; written: number; gone: number } {
    const { record, parts, bytes } = encodeKeyRecords(this.state, 0, this.engine.clock);
    this.record = Uint8Array.from(record);
    const told = { bytes: record.length, written: 0, gone: 0 };
    for (const [number, part] of parts) {
      if (part === null) {
        told.gone++;
        this.parts.delete(number);
        continue;
      }
      told.written++;
      told.bytes += part.length;
      this.parts.set(number, part);
    }
    this.state.parts?.committed();
    const all = [...this.parts.values()].reduce((total, part) => total + part.length, record.length);
    expect(bytes).toBe(all);
    return told;
  }

  /** The figures and entries at the clock, as they are and as they come back from the store. */
  check(): void {
    const { clock } = this.engine;
    expect([...partsOf(this.record)]).toEqual([...this.parts.keys()].sort((a, b) => a - b));
    const reading = { plan: this.engine.context.plan.subject };
    const read = decodeKeyState(KEY, this.record, reading, this.parts);
    const whole = decodeKeyState(KEY, encodeKeyState(this.state), reading);
    const [one, other] = [summaryOf(read, clock), summaryOf(whole, clock)] as { windows: unknown }[];
    expect(one?.windows).toEqual(other?.windows);
  }
}

/** A key whose windows hold so many entries, a minute apart, all stored. */
function filled(entries: number): { stored: Stored; ids: string[] } {
  const stored = new Stored();
  const ids: string[] = [];
  for (let index = 0; index < entries; index++) ids.push(stored.event(index));
  stored.commit();
  return { stored, ids };
}

describe.each([100, 1_000, 10_000])('windows of %i entries', (entries) => {
  it('cost a checkpoint a few kilobytes for what changed', () => {
    const { stored, ids } = filled(entries);
    const whole = encodeKeyState(stored.state).length;
    stored.check();

    let [most, parts] = [0, 0];
    for (let index = 0; index < 300; index++) {
      stored.event(entries + index);
      const { bytes, written } = stored.commit();
      most = Math.max(most, bytes);
      parts += written;
    }
    // Beside the open part, and now and then a full one, nothing but the numbers of the others.
    expect(most).toBeLessThan(8_000);
    expect(parts).toBeLessThanOrEqual(Math.ceil(300 / PART_EVENTS) + 1);
    if (entries === 10_000) expect(most * 15).toBeLessThan(whole);
    stored.check();

    // A late one costs no more than one in time.
    stored.event(entries + 300, { time: START + (entries >> 1) * MINUTE });
    expect(stored.commit()).toMatchObject({ written: 0, gone: 0 });
    stored.check();

    // One that is taken back costs the part that it lies in.
    stored.event(entries + 301, { revokes: ids[entries >> 1] as string });
    const taken = stored.commit();
    expect(taken).toMatchObject({ written: 1, gone: 0 });
    expect(taken.bytes).toBeLessThan(8_000);
    stored.check();
  });

  it('drop whole parts as their entries leave', () => {
    const { stored } = filled(entries);
    const before = stored.parts.size;
    expect(before).toBe(Math.floor(entries / PART_EVENTS));
    // Forty days and a pane after half of them came; ids are kept for less.
    const passed = (entries >> 1) + 24 * 60;
    stored.event(40 * 24 * 60 + passed);
    const { gone, bytes } = stored.commit();
    // A day may have 27 hours.
    expect(gone).toBeGreaterThanOrEqual(Math.floor(((entries >> 1) - 3 * 60) / PART_EVENTS) - 1);
    expect(gone).toBeLessThanOrEqual(Math.ceil(passed / PART_EVENTS) + 1);
    expect(bytes).toBeLessThan(8_000);
    stored.check();
    stored.event(40 * 24 * 60 + entries + 200_000);
    stored.commit();
    expect(stored.parts.size).toBe(0);
    stored.check();
  });
});

it('a key goes on from its parts as if it had never left memory', () => {
  const { stored, ids } = filled(1_000);
  const { plan } = stored.engine.context;
  for (let round = 0; round < 20; round++) {
    stored.keys.put(decodeKeyState(KEY, stored.record, { plan: plan.subject }, stored.parts));
    stored.event(1_000 + 2_000 * round, { time: START + 500 * MINUTE });
    stored.event(1_000 + 2_000 * round + 1, { revokes: ids[37 * round] as string });
    stored.commit();
    stored.check();
  }
  expect(stored.engine.clock).toBeGreaterThan(START + 25 * DAY);
});

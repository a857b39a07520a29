// A store that writes every key to bytes at each touch and mostly reads it again, as one with hardly any cache would.
import type { Engine } from '../../src/engine/engine.js';
import { decodeKeyState, encodeKeyRecords, partsOf } from '../../src/engine/key-codec.js';
import { KeyState, planFor, type KeyStore } from '../../src/engine/key-state.js';

export class RewritingStore implements KeyStore {
  private readonly bytes = new Map<string, Uint8Array>();
  private readonly parts = new Map<string, Map<number, Uint8Array>>();
  private readonly open = new Map<string, KeyState>();
  private readonly due = new Map<string, { due: number; model: string }[]>();

  private flushes = 0;
  private reads = 0;

  /** @param capacity of a part of a key's state, events: the smaller, the more keys lie in parts */
  constructor(
    private readonly engine: () => Engine,
    private readonly capacity = 4,
  ) {}

  get(key: string): KeyState | undefined {
    const known = this.open.get(key);
    if (known !== undefined) return known;
    const stored = this.bytes.get(key);
    if (stored === undefined) return undefined;
    const parts = this.parts.get(key) ?? new Map<number, Uint8Array>();
    // Nothing is stored that no record names.
    if (partsOf(stored).join() !== [...parts.keys()].sort((a, b) => a - b).join()) {
      throw new Error(`${key} has the parts ${[...parts.keys()].join()}, not ${partsOf(stored).join()}`);
    }
    const { plan, ledgers } = this.engine().context;
    // Every other one as objects, as a build did that had no rows.
    const reading = { plan: planFor(plan, key), ...(this.reads++ % 2 === 0 && { ledgers }) };
    const state = decodeKeyState(key, stored, reading, parts);
    this.open.set(key, state);
    return state;
  }

  create(key: string): KeyState {
    const state = new KeyState(key);
    this.open.set(key, state);
    return state;
  }

  touched(): void {}

  /** As the pipeline does before a batch: arms what falls due in it, and loads its keys. */
  prepare(until: number): void {
    const engine = this.engine();
    engine.disarm();
    for (const key of this.due.keys()) {
      for (const { due, model } of this.due.get(key) ?? []) {
        if (due <= Math.max(until, engine.clock)) engine.arm(due, key, model);
      }
    }
  }

  /** Between two records: everything goes to bytes, but for keys whose marks wait for the clock. */
  flush(): void {
    const waiting = new Set(this.engine().marked.map((marked) => marked.state));
    for (const [key, state] of this.open) {
      const waits = state.modelStates.filter(({ due }) => due !== Infinity);
      this.due.set(
        key,
        waits.map(({ due, plan }) => ({ due, model: plan.model.name })),
      );
      if (waiting.has(state)) continue;
      const { record, parts } = encodeKeyRecords(state, 0, this.engine().clock, this.capacity);
      this.bytes.set(key, record);
      const stored = this.parts.get(key) ?? new Map<number, Uint8Array>();
      this.parts.set(key, stored);
      for (const [number, part] of parts) {
        if (part === null) stored.delete(number);
        else stored.set(number, part);
      }
      state.parts?.committed();
      // Now and then a state stays, so that what it writes next builds on what is stored.
      if (this.flushes++ % 3 === 0) continue;
      state.few?.release();
      this.open.delete(key);
    }
  }
}

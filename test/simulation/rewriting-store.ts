// A store that writes every key to bytes and reads it again at each touch, as one with no cache at all would.
import type { Engine } from '../../src/engine/engine.js';
import { decodeKeyState, encodeKeyState } from '../../src/engine/key-codec.js';
import { KeyState, planFor, type KeyStore } from '../../src/engine/key-state.js';

export class RewritingStore implements KeyStore {
  private readonly bytes = new Map<string, Uint8Array>();
  private readonly open = new Map<string, KeyState>();
  private readonly due = new Map<string, { due: number; model: string }[]>();

  constructor(private readonly engine: () => Engine) {}

  get(key: string): KeyState | undefined {
    const known = this.open.get(key);
    if (known !== undefined) return known;
    const stored = this.bytes.get(key);
    if (stored === undefined) return undefined;
    const state = decodeKeyState(key, stored, { plan: planFor(this.engine().context.plan, key) });
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
      this.bytes.set(key, encodeKeyState(state));
      this.open.delete(key);
    }
  }
}

import { describe, expect, it } from 'vitest';
import { Engine } from '../../src/engine/engine.js';
import { decodeKeyState, encodeKeyState } from '../../src/engine/key-codec.js';
import { KeyState, MemoryKeyStore, planFor, type KeyStore } from '../../src/engine/key-state.js';
import type { Output } from '../../src/engine/output.js';
import type { LogRecord } from '../../src/events/event.js';
import type { RuleSet } from '../../src/model/ruleset.js';
import { generateLog, gridOf } from './generate.js';
import { REFERENCE_MODELS, simulationRules } from './models.js';
import { referenceRun, type Shown } from './reference.js';

const SEEDS = Number(process.env['FENGHUO_SEEDS'] ?? 60);
const FIRST = Number(process.env['FENGHUO_SEED'] ?? 1);
/** The reference is slow: a test judges so many seeds. */
const BATCH = 5;
const BATCHES = Array.from({ length: Math.ceil(SEEDS / BATCH) }, (_, index) => FIRST + index * BATCH);
const rules = simulationRules();

function engineRun(
  log: readonly LogRecord[],
  store: KeyStore = new MemoryKeyStore(),
  set: RuleSet = rules,
): Shown[] {
  const shown: Shown[] = [];
  const emit = (output: Output) => {
    if (output.kind !== 'transition') return;
    const { model, scope, key, clock, level, previous, reason } = output;
    shown.push({ model, key: `${scope}:${key}`, clock, level, previous, reason });
  };
  const engine = new Engine(set, { namespace: 'test', partition: 0, store, emit });
  for (const [offset, record] of log.entries()) engine.step(record, offset);
  engine.end();
  return shown;
}

/** Order within one instant is by (model, key); across instants by clock. */
function ordered(shown: readonly Shown[]): Shown[] {
  return [...shown].sort(
    (a, b) =>
      a.clock - b.clock ||
      (a.model < b.model ? -1 : a.model > b.model ? 1 : 0) ||
      (a.key < b.key ? -1 : a.key > b.key ? 1 : 0),
  );
}

/** Writes every key to bytes and reads it again at each touch, as a store with no cache at all would. */
class RewritingStore implements KeyStore {
  private readonly bytes = new Map<string, Uint8Array>();
  private readonly open = new Map<string, KeyState>();
  private readonly due = new Map<string, { due: number; model: string }[]>();

  constructor(private readonly engine: () => Engine) {}

  get(key: string): KeyState | undefined {
    const known = this.open.get(key);
    if (known !== undefined) return known;
    const stored = this.bytes.get(key);
    if (stored === undefined) return undefined;
    const state = decodeKeyState(key, stored, planFor(this.engine().context.plan, key));
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

describe(`simulated lives, seeds ${FIRST} to ${FIRST + SEEDS - 1}`, () => {
  it.each(BATCHES)('the engine says what the reference says, in the same order, from seed %i on', (from) => {
    let transitions = 0;
    const to = Math.min(from + BATCH, FIRST + SEEDS);
    for (let seed = from; seed < to; seed++) {
      const log = generateLog(seed);
      const expected = ordered(referenceRun(log, REFERENCE_MODELS, gridOf(log)));
      expect(engineRun(log), `seed ${seed}`).toEqual(expected);
      transitions += expected.length;
    }
    expect(transitions).toBeGreaterThan((to - from) * 10);
  });

  it('ticks at any interval change nothing', () => {
    for (let seed = FIRST; seed < FIRST + SEEDS; seed++) {
      const log = generateLog(seed);
      const sparse = log.filter((record, index) => record.kind !== 'tick' || index === log.length - 1);
      const dense = sparse.flatMap((record): LogRecord[] => [record, { kind: 'tick', at: record.at }]);
      expect(engineRun(dense), `seed ${seed}`).toEqual(engineRun(sparse));
    }
  });

  it('state that goes to bytes and back between records changes nothing', () => {
    for (let seed = FIRST; seed < FIRST + SEEDS; seed++) {
      const log = generateLog(seed);
      const shown: Shown[] = [];
      const emit = (output: Output) => {
        if (output.kind !== 'transition') return;
        const { model, scope, key, clock, level, previous, reason } = output;
        shown.push({ model, key: `${scope}:${key}`, clock, level, previous, reason });
      };
      const store: RewritingStore = new RewritingStore(() => engine);
      const engine: Engine = new Engine(rules, { namespace: 'test', partition: 0, store, emit });
      for (const [offset, record] of log.entries()) {
        store.prepare(record.at);
        engine.step(record, offset);
        store.flush();
      }
      engine.end();
      expect(shown, `seed ${seed}`).toEqual(engineRun(log));
    }
  });
});

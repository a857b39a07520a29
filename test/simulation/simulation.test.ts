import { describe, expect, it } from 'vitest';
import { Engine } from '../../src/engine/engine.js';
import { MemoryKeyStore } from '../../src/engine/key-state.js';
import type { Output } from '../../src/engine/output.js';
import type { LogRecord } from '../../src/events/event.js';
import { generateLog, gridOf } from './generate.js';
import { REFERENCE_MODELS, simulationRules } from './models.js';
import { referenceRun, type Shown } from './reference.js';
import { RewritingStore } from './rewriting-store.js';
import { batchesOf, FIRST, SEEDS } from './seeds.js';

const BATCHES = batchesOf(10);
const rules = simulationRules();

function keep(output: Output, shown: Shown[]): void {
  if (output.kind !== 'transition') return;
  const { model, scope, key, clock, level, previous, reason } = output;
  shown.push({ model, key: `${scope}:${key}`, clock, level, previous, reason });
}

function engineRun(log: readonly LogRecord[]): Shown[] {
  const shown: Shown[] = [];
  const store = new MemoryKeyStore();
  const emit = (output: Output) => keep(output, shown);
  const engine = new Engine(rules, { namespace: 'test', partition: 0, store, emit });
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

const runs = new Map<number, Shown[]>();

/** What the engine says of the log of a seed as it is. */
function plainRun(seed: number): Shown[] {
  let shown = runs.get(seed);
  if (shown === undefined) runs.set(seed, (shown = engineRun(generateLog(seed))));
  return shown;
}

describe(`simulated lives, seeds ${FIRST} to ${FIRST + SEEDS - 1}`, () => {
  it.each(BATCHES)('the engine says what the reference says, in the same order: %s', (_name, seeds) => {
    let transitions = 0;
    for (const seed of seeds) {
      const log = generateLog(seed);
      const expected = ordered(referenceRun(log, REFERENCE_MODELS, gridOf(log)));
      expect(plainRun(seed), `seed ${seed}`).toEqual(expected);
      transitions += expected.length;
    }
    expect(transitions).toBeGreaterThan(seeds.length * 10);
  });

  it.each(BATCHES)('ticks at any interval change nothing: %s', (_name, seeds) => {
    for (const seed of seeds) {
      const log = generateLog(seed);
      const sparse = log.filter((record, index) => record.kind !== 'tick' || index === log.length - 1);
      const dense = sparse.flatMap((record): LogRecord[] => [record, { kind: 'tick', at: record.at }]);
      expect(engineRun(dense), `seed ${seed}`).toEqual(engineRun(sparse));
    }
  });

  it.each(BATCHES)(
    'state that goes to bytes and back between records changes nothing: %s',
    (_name, seeds) => {
      for (const seed of seeds) {
        const log = generateLog(seed);
        const shown: Shown[] = [];
        const store: RewritingStore = new RewritingStore(() => engine);
        const engine: Engine = new Engine(rules, {
          namespace: 'test',
          partition: 0,
          store,
          emit: (output) => keep(output, shown),
        });
        for (const [offset, record] of log.entries()) {
          store.prepare(record.at);
          engine.step(record, offset);
          store.flush();
        }
        engine.end();
        expect(shown, `seed ${seed}`).toEqual(plainRun(seed));
      }
    },
  );
});

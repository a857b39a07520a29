// Evaluate across changes of rules: batches, restarts, lost checkpoints and histories that are told again leave the
// inbox of one undisturbed run over the same log.
import { describe, expect, it } from 'vitest';
import type { WarningRecord } from '../../src/alerts/inbox.js';
import { MemoryKeyStore } from '../../src/engine/key-state.js';
import type { Transition } from '../../src/engine/output.js';
import { Strata } from '../../src/engine/strata.js';
import { decodeRecord, encodeRecord } from '../../src/events/codec.js';
import type { LogRecord } from '../../src/events/event.js';
import type { RuleSet } from '../../src/model/ruleset.js';
import { decodeJson } from '../../src/pipeline/checkpoint.js';
import { Evaluate } from '../../src/pipeline/evaluate.js';
import { LoggedHistory } from '../../src/pipeline/history/logged-history.js';
import { OriginFilter } from '../../src/pipeline/origins.js';
import { LogTelling, Primer } from '../../src/pipeline/primer.js';
import { openLosingStores } from './losing-stores.js';
import { randomFrom } from '../simulation/generate.js';
import { regionalLife, rulesOf, SETS } from '../simulation/turning-sets.js';

/** A life in two regions, with two or three changes of rules. */
function lifeOf(seed: number): LogRecord[] {
  const random = randomFrom(seed * 104_729);
  const life = regionalLife(seed, random);
  const log: LogRecord[] = [{ kind: 'revision', at: life[0]?.at ?? 0, revision: SETS[0]?.revision ?? '' }];
  let clock = -Infinity;
  for (const record of life) {
    clock = Math.max(clock, record.at);
    log.push({ ...record, at: clock });
    if (random() > 0.02) continue;
    clock += 2_000;
    const { revision } = SETS[Math.floor(random() * SETS.length)] as RuleSet;
    log.push({ kind: 'revision', at: clock, revision });
  }
  return log;
}

function undisturbed(log: readonly LogRecord[]): Transition[] {
  const transitions: Transition[] = [];
  const strata = new Strata(SETS[0] as RuleSet, {
    namespace: 'live',
    store: () => new MemoryKeyStore(),
    rulesOf,
    emit: (output) => {
      if (output.kind === 'transition') transitions.push(output);
    },
  });
  for (const [offset, record] of log.entries()) strata.step(record, offset);
  return transitions;
}

/** Runs evaluate and primer over a life; now and then both are opened anew, or a checkpoint is lost. */
async function disturbed(life: readonly LogRecord[], seed: number) {
  const random = randomFrom(seed);
  const { logs, state, losing } = openLosingStores();
  let newest = 0;
  let told = 0;
  const ingest = {
    tell: async (records: readonly ((at: number) => LogRecord)[]) => {
      told += records.length;
      await logs.events.append(
        0,
        records.map((at) => encodeRecord(at(newest))),
      );
    },
  };
  let serial = 0;
  const open = async (batch: number) => {
    const evaluate = new Evaluate({
      rules: SETS[0] as RuleSet,
      rulesOf: (revision) => Promise.resolve(rulesOf(revision)),
      logs,
      state,
      partition: 0,
      nonce: () => `n${serial++}`,
      probe: () => undefined,
      batch,
      cachedKeys: 2,
    });
    await evaluate.open();
    const telling = new LogTelling({ logs, evaluate, ingest, batch });
    const history = new LoggedHistory(logs.events, 1, batch);
    const primer = new Primer({ inbox: logs.inbox, history, telling, probe: () => undefined, batch });
    return { evaluate, primer };
  };
  let stages = await open(5);
  let next = 0;
  while (next < life.length) {
    const end = Math.min(life.length, next + 1 + Math.floor(random() * 30));
    await logs.events.append(0, life.slice(next, end).map(encodeRecord));
    newest = life[end - 1]?.at ?? newest;
    next = end;
    const roll = random();
    if (roll < 0.1) await losing(() => stages.evaluate.run());
    if (roll < 0.3) stages = await open(1 + Math.floor(random() * 20));
    while ((await stages.evaluate.run()) > 0);
    // The history is told in the midst of what else comes.
    for (let rounds = Math.floor(random() * 60); rounds > 0; rounds--) await stages.primer.run();
  }
  while ((await stages.evaluate.run()) + (await stages.primer.run()) > 0);
  const filter = new OriginFilter({});
  const stored = await logs.inbox.read(0, 0, 100_000);
  const transitions = stored
    .map(({ value }) => decodeJson<WarningRecord>(value))
    .filter(({ origin }) => filter.admit(origin))
    .map(({ transition }) => transition);
  const log = (await logs.events.read(0, 0, 100_000)).map(({ value }) => decodeRecord(value));
  const holdings = await state.keys('evaluate/0', 'e/', '', 100_000);
  return { transitions, log, told, telling: stages.evaluate.telling, holdings };
}

describe('evaluate across changes of rules', () => {
  it('the sets differ in strata', () => {
    expect(SETS.map(({ strata }) => strata)).toEqual([1, 3, 3, 2]);
  });

  it.each([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12])(
    'says what one undisturbed run says, seed %i',
    async (seed) => {
      const { transitions, log, told, telling } = await disturbed(lifeOf(seed), seed);
      const plain = (list: readonly Transition[]) => JSON.parse(JSON.stringify(list)) as unknown;
      const expected = undisturbed(log);
      expect(plain(transitions)).toEqual(plain(expected));
      expect(telling).toBeNull();
      const turns = log.filter(({ kind }) => kind === 'revision').length - 1;
      if (turns > 2) expect(told).toBeGreaterThan(0);
      expect(expected.length).toBeGreaterThan(10);
    },
  );
});

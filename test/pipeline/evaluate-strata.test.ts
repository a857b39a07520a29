// Evaluate over several strata: batches, restarts and lost checkpoints leave the inbox of one undisturbed run.
import { beforeAll, describe, expect, it } from 'vitest';
import type { WarningRecord } from '../../src/alerts/inbox.js';
import { MemoryKeyStore } from '../../src/engine/key-state.js';
import type { Transition } from '../../src/engine/output.js';
import { Strata } from '../../src/engine/strata.js';
import { encodeRecord } from '../../src/events/codec.js';
import type { LogRecord } from '../../src/events/event.js';
import type { RuleSet } from '../../src/model/ruleset.js';
import { decodeJson } from '../../src/pipeline/checkpoint.js';
import { Evaluate } from '../../src/pipeline/evaluate.js';
import { OriginFilter } from '../../src/pipeline/origins.js';
import { openLosingStores } from './losing-stores.js';
import { generateLog, randomFrom } from '../simulation/generate.js';
import { loadRules } from '../../src/model/load.js';
import { CATALOGUE } from '../simulation/models.js';

const HEAD = 'title: 题\nsummary: 述\nitem: item\nplan: plan\nadvise: 议\n';

const MODELS: Record<string, string> = {
  'sim/base': `
scope: subject
indicators: { many: { from: complaint, count: '*', over: 7d } }
levels: { orange: 'many >= 4', blue: 'many >= 2' }
hold: 1d
`,
  'sim/region': `
scope: region
indicators: { many: { from: complaint, where: '"x" in subject.tags', count: '*', over: 9d } }
levels: { yellow: 'many >= 3' }
hold: 6h
`,
  'sim/joint': `
scope: subject
indicators: { open: { from: warning, where: 'event.level != "none"', count: '*', over: 20d } }
levels: { red: 'open >= 1' }
`,
  'sim/region-joint': `
scope: region
indicators: { subjects: { from: warning, where: 'event.level == "orange"', distinct: 'event.key', over: 20d } }
levels: { red: 'subjects >= 2', orange: 'subjects >= 1' }
for: 3h
`,
};

function rulesOf(): RuleSet {
  const files = new Map<string, string>(Object.entries(CATALOGUE));
  for (const [name, text] of Object.entries(MODELS))
    files.set(`${name}.yaml`, `model: ${name}\n${HEAD}${text}`);
  const { rules, diagnostics } = loadRules(files);
  if (rules === null) throw new Error(JSON.stringify(diagnostics));
  return rules;
}

/** A life in which the subjects live in two regions, now in this one, now in that. */
function lifeOf(seed: number): LogRecord[] {
  const random = randomFrom(seed * 7919);
  return generateLog(seed).map((record) =>
    record.kind === 'event' && record.stream === 'registration' && record.revokes === undefined
      ? { ...record, data: { ...record.data, region: random() < 0.5 ? '330106' : '330108' } }
      : record,
  );
}

function undisturbed(rules: RuleSet, log: readonly LogRecord[]): Transition[] {
  const transitions: Transition[] = [];
  const strata = new Strata(rules, {
    namespace: 'live',
    store: () => new MemoryKeyStore(),
    emit: (output) => {
      if (output.kind === 'transition') transitions.push(output);
    },
  });
  for (const [offset, record] of log.entries()) strata.step(record, offset);
  return transitions;
}

/** Runs evaluate over a log in batches of random size; now and then it is opened anew, or a checkpoint is lost. */
async function disturbed(rules: RuleSet, log: readonly LogRecord[], seed: number): Promise<Transition[]> {
  const random = randomFrom(seed);
  const { logs, state, losing } = openLosingStores();
  let serial = 0;
  const open = async (batch: number) => {
    const nonce = () => `n${serial++}`;
    const probe = () => undefined;
    const evaluate = new Evaluate({ rules, logs, state, partition: 0, nonce, probe, batch, cachedKeys: 2 });
    await evaluate.open();
    return evaluate;
  };
  let evaluate = await open(5);
  let next = 0;
  while (next < log.length) {
    const end = Math.min(log.length, next + 1 + Math.floor(random() * 30));
    await logs.events.append(0, log.slice(next, end).map(encodeRecord));
    next = end;
    const roll = random();
    if (roll < 0.1) await losing(() => evaluate.run());
    if (roll < 0.3) evaluate = await open(1 + Math.floor(random() * 20));
    while ((await evaluate.run()) > 0);
  }
  const filter = new OriginFilter({});
  const stored = await logs.inbox.read(0, 0, 100_000);
  return stored
    .map(({ value }) => decodeJson<WarningRecord>(value))
    .filter(({ origin }) => filter.admit(origin))
    .map(({ transition }) => transition);
}

describe('evaluate with models of four strata', () => {
  let rules: RuleSet;
  beforeAll(() => {
    rules = rulesOf();
  });

  it('lays the models out in strata', () => {
    expect(rules.strata).toBe(3);
    expect(rules.models.map(({ name, stratum }) => `${name} ${stratum}`)).toEqual([
      'sim/base 0',
      'sim/joint 2',
      'sim/region 1',
      'sim/region-joint 2',
    ]);
  });

  const warned = new Set<string>();

  it.each([1, 2, 3, 4, 5, 6, 7, 8])('says what one undisturbed run says, seed %i', async (seed) => {
    const log = lifeOf(seed);
    const expected = undisturbed(rules, log);
    const said = await disturbed(rules, log, seed);
    const plain = (transitions: readonly Transition[]) => JSON.parse(JSON.stringify(transitions)) as unknown;
    expect(plain(said)).toEqual(plain(expected));
    expect(expected.length).toBeGreaterThan(0);
    for (const { model } of expected) warned.add(model);
  });

  it('had something to say of every model', () => {
    expect([...warned].sort()).toEqual(['sim/base', 'sim/joint', 'sim/region', 'sim/region-joint']);
  });
});

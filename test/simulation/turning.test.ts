// Seeded lives under rules that change: the engine, told of the history at any later time, says what the judge says.
import { describe, expect, it } from 'vitest';
import type { LogRecord } from '../../src/events/event.js';
import type { RuleSet } from '../../src/model/ruleset.js';
import { run, setOf, toldAfter } from '../engine/turns.js';
import { generateLog, randomFrom } from './generate.js';
import type { Shown } from './reference.js';
import { NEVER, STEADY, textOf, TurningReference, type Counting, type Note } from './turning-reference.js';

const SEEDS = Number(process.env['FENGHUO_SEEDS'] ?? 40);
const FIRST = Number(process.env['FENGHUO_SEED'] ?? 1);

const LEVELS: readonly Counting['levels'][] = [
  [
    ['orange', 4],
    ['blue', 2],
  ],
  [
    ['red', 5],
    ['orange', 3],
  ],
  [
    ['orange', 5],
    ['yellow', 3],
    ['blue', 2],
  ],
];

const JOINT_LEVELS: readonly Counting['levels'][] = [
  [['blue', 1]],
  [
    ['orange', 2],
    ['blue', 1],
  ],
];

function setFor(random: () => number): Counting[] {
  const pick = <T>(list: readonly T[]) => list[Math.floor(random() * list.length)] as T;
  const joint = (['sim/open', 'sim/raised', 'sim/street'] as const).flatMap((name): Counting[] => {
    if (random() < 0.4) return [];
    const what = name === 'sim/raised' || random() < 0.3 ? 'steady' : 'open';
    const times = { days: pick([4, 9, 15]), forHours: pick([0, 0, 5]), holdHours: pick([0, 24]) };
    const joint = { name, what, levels: pick(JOINT_LEVELS), ...times, stratum: 1 } as const;
    return [name === 'sim/street' ? { ...joint, scope: 'region', stratum: 2 } : joint];
  });
  const single = (['sim/events', 'sim/people', STEADY] as const).flatMap((name): Counting[] => {
    if (name !== STEADY && random() < 0.25) return [];
    const what = name === 'sim/people' ? 'people' : 'events';
    const steady = { days: 6, levels: LEVELS[0] as Counting['levels'], forHours: 0, holdHours: 24 };
    if (name === STEADY) return [{ name, what, ...steady, stratum: 0 }];
    const stratum = random() < 0.25 ? 1 : 0;
    const days = pick([5, 7, 12]);
    return [
      {
        name,
        what,
        days,
        levels: pick(LEVELS),
        forHours: pick([0, 0, 5]),
        holdHours: pick([0, 24]),
        stratum,
      },
    ];
  });
  return [...single, ...joint];
}

const compiled = new Map<string, RuleSet>();

function rulesOf(set: readonly Counting[]): RuleSet {
  const models = set.map((model) => [model.name, textOf(model)] as const);
  const texts = Object.fromEntries([...models, ['sim/never', NEVER] as const]);
  const name = JSON.stringify(texts);
  let rules = compiled.get(name);
  if (rules === undefined) compiled.set(name, (rules = setOf(texts)));
  return rules;
}

interface Life {
  readonly first: readonly Counting[];
  readonly sets: readonly RuleSet[];
  readonly log: LogRecord[];
  readonly notes: Map<LogRecord, Note>;
}

/** A life with changes of rules, each told of its history some time later, or never. */
function lifeOf(seed: number): Life {
  const random = randomFrom(seed * 31_337);
  const first = setFor(random);
  const sets = [rulesOf(first)];
  const log: LogRecord[] = [];
  const notes = new Map<LogRecord, Note>();
  let current = sets[0] as RuleSet;
  let epoch = 0;
  let waiting: { cut: number; epoch: number; left: number } | null = null;
  let clock = -Infinity;
  for (const given of generateLog(seed)) {
    const isHome = given.kind === 'event' && given.stream === 'registration' && given.revokes === undefined;
    const region = random() < 0.5 ? '330106' : '330108';
    const record = isHome ? { ...given, data: { ...given.data, region } } : given;
    log.push(record);
    clock = Math.max(clock, record.at);
    if (waiting !== null && waiting.left-- === 0) {
      const at = (Math.floor(clock / 3_600_000) + 0.5) * 3_600_000;
      for (const told of toldAfter(log, waiting.cut, sets, Math.max(at, clock))) {
        log.push(told);
        notes.set(told, { epoch: waiting.epoch });
      }
      clock = Math.max(clock, at);
      waiting = null;
    }
    if (random() > 0.03) continue;
    const set = setFor(random);
    const rules = rulesOf(set);
    if (rules.revision === current.revision) continue;
    sets.push(rules);
    current = rules;
    const turn: LogRecord = { kind: 'revision', at: clock, revision: rules.revision };
    notes.set(turn, { set });
    waiting = { cut: log.length, epoch: ++epoch, left: Math.floor(random() * 20) };
    log.push(turn);
  }
  return { first, sets, log, notes };
}

function ordered(shown: readonly Shown[]): Shown[] {
  const name = (one: Shown) => `${one.model} ${one.key} ${one.level}`;
  return [...shown].sort((a, b) => a.clock - b.clock || (name(a) < name(b) ? -1 : 1));
}

describe(`lives under changing rules, seeds ${FIRST} to ${FIRST + SEEDS - 1}`, () => {
  it('the engine says what the judge says', { timeout: 300_000 }, () => {
    const reasons = new Set<string>();
    for (let seed = FIRST; seed < FIRST + SEEDS; seed++) {
      const { first, sets, log, notes } = lifeOf(seed);
      const reference = new TurningReference(first);
      for (const record of log) reference.step(record, notes.get(record) ?? {});
      reference.end();
      const said = run(log, sets).map(({ model, scope, key, clock, level, previous, reason }) => ({
        model,
        key: `${scope}:${key}`,
        clock,
        level,
        previous,
        reason,
      }));
      expect(ordered(said), `seed ${seed}`).toEqual(ordered(reference.shown));
      for (const { reason } of said) reasons.add(reason);
    }
    if (SEEDS >= 20)
      expect([...reasons]).toEqual(
        expect.arrayContaining(['raised', 'escalated', 'cleared', 'withdrawn', 'model-removed']),
      );
  });
});

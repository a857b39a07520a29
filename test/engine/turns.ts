// Rules that change while they run, for tests: sets by revision, and logs that change from one to the next.
import { isBefore } from '../../src/engine/past-warnings.js';
import { Priming } from '../../src/engine/priming.js';
import { FIRST_GENERATION, nextGeneration, type Generation } from '../../src/engine/generation.js';
import { MemoryKeyStore } from '../../src/engine/key-state.js';
import type { Transition } from '../../src/engine/output.js';
import { Strata } from '../../src/engine/strata.js';
import type { Event, JsonObject, LogRecord, StreamName } from '../../src/events/event.js';
import { loadRules } from '../../src/model/load.js';
import type { RuleSet } from '../../src/model/ruleset.js';
import { CATALOGUE } from '../simulation/models.js';

export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;
export const START = Date.UTC(2025, 5, 1);

const HEAD = 'title: 题\nsummary: 述\nitem: item\nplan: plan\nadvise: 议\n';

/** The files of a rule set, of models by name. */
export function filesOf(models: { readonly [name: string]: string }): Map<string, string> {
  const files = new Map<string, string>(Object.entries(CATALOGUE));
  for (const [name, text] of Object.entries(models)) {
    files.set(`${name}.yaml`, `model: ${name}\n${HEAD}${text}`);
  }
  return files;
}

/** A rule set of models by name. */
export function setOf(models: { readonly [name: string]: string }): RuleSet {
  const { rules, diagnostics } = loadRules(filesOf(models));
  if (rules === null) throw new Error(JSON.stringify(diagnostics));
  return rules;
}

let serial = 0;

export function eventAt(
  hours: number,
  stream: StreamName,
  data: JsonObject = {},
  more: Partial<Event> = {},
): Event {
  const at = START + hours * HOUR;
  const id = `s ${serial++}`;
  return { kind: 'event', id, stream, source: 's', key: 'subject:a', time: at, at, data, ...more };
}

export const tickAt = (hours: number): LogRecord => ({ kind: 'tick', at: START + hours * HOUR });

export const turnTo = (hours: number, { revision }: RuleSet): LogRecord => ({
  kind: 'revision',
  at: START + hours * HOUR,
  revision,
});

/** What is to be told after the turn at `cut`, as records that arrive at an instant; `primed` comes last. */
export function toldAfter(
  log: readonly LogRecord[],
  cut: number,
  sets: readonly RuleSet[],
  at: number,
): LogRecord[] {
  const { rules, generations, turnsAt } = generationsAt(log, cut, sets);
  const priming = new Priming(rules, generations, (revision) =>
    sets.find((one) => one.revision === revision),
  );
  const said = run(log.slice(0, cut + 1), sets).filter((one) => isBefore(one, turnsAt));
  const hear = (until: number) => {
    for (let next = said[0]; next !== undefined && next.clock < until; next = said[0]) {
      priming.hear(next);
      said.shift();
    }
  };
  let clock = -Infinity;
  for (const [offset, record] of log.slice(0, cut).entries()) {
    clock = Math.max(clock, record.at);
    hear(clock);
    priming.step(record, offset);
  }
  hear(Infinity);
  const told = [...priming.finish(turnsAt)];
  return [
    ...told.map((one): LogRecord => ({ kind: 'prime', at, ...one })),
    { kind: 'primed', at, epoch: generations[0]?.epoch ?? 0 },
  ];
}

/** The rules after the record at `cut`, what they carry, by stratum, and since when. */
function generationsAt(log: readonly LogRecord[], cut: number, sets: readonly RuleSet[]) {
  let rules = sets[0] as RuleSet;
  const most = Math.max(...sets.map(({ strata }) => strata));
  let generations: Generation[] = Array.from({ length: most }, () => FIRST_GENERATION);
  let turnsAt = -Infinity;
  for (const record of log.slice(0, cut + 1)) {
    const former = rules;
    const ends = record.kind === 'primed' && record.epoch === generations[0]?.epoch;
    turnsAt = Math.max(turnsAt + (ends ? 1 : 0), record.at);
    if (ends) {
      generations = generations.map((one) => ({ ...one, unprimed: [], newborn: [] }));
    }
    if (record.kind !== 'revision' || record.revision === rules.revision) continue;
    rules = sets.find(({ revision }) => revision === record.revision) as RuleSet;
    generations = generations.map((one, stratum) => nextGeneration(one, former, rules, stratum));
  }
  return { rules, generations, turnsAt };
}

/** The transitions of a log that begins under the first set. */
export function run(log: readonly LogRecord[], sets: readonly RuleSet[]): Transition[] {
  const transitions: Transition[] = [];
  const strata = new Strata(sets[0] as RuleSet, {
    namespace: 'live',
    store: () => new MemoryKeyStore(),
    rulesOf: (revision) => sets.find((one) => one.revision === revision),
    emit: (output) => {
      if (output.kind === 'transition') transitions.push(output);
    },
  });
  for (const [offset, record] of log.entries()) strata.step(record, offset);
  strata.end();
  return transitions;
}

/** Transitions as lines: hours since the start, model, key, levels, reason, and whether nobody is told. */
export function lines(transitions: readonly Transition[]): string[] {
  return transitions.map(
    ({ clock, model, key, previous, level, reason, quiet }) =>
      `${(clock - START) / HOUR} ${model} ${key} ${previous}->${level} ${reason}${quiet ? ' quiet' : ''}`,
  );
}

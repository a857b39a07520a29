// Explanations of generated lives: what they say of each level is what the engine decided.
import { describe, expect, it } from 'vitest';
import { inspect } from '../../../src/engine/inspection.js';
import { MemoryKeyStore } from '../../../src/engine/key-state.js';
import type { Transition } from '../../../src/engine/output.js';
import { Strata } from '../../../src/engine/strata.js';
import type { Key, LogRecord } from '../../../src/events/event.js';
import { keyId } from '../../../src/events/event.js';
import { ExpressionError, type Value } from '../../../src/model/expression/expression.js';
import { dissectModel } from '../../../src/model/dissection.js';
import { judge, needsFor, type Judged } from '../../../src/model/judgement.js';
import { rank, type Model } from '../../../src/model/model.js';
import type { RuleSet } from '../../../src/model/ruleset.js';
import { explain } from '../../../src/pipeline/explain/explain.js';
import { ExplainRun } from '../../../src/pipeline/explain/explain-run.js';
import { generateLog, randomFrom } from '../../simulation/generate.js';
import { simulationRules } from '../../simulation/models.js';
import { generateStrataLog } from '../../simulation/strata-generate.js';
import { strataRules } from '../../simulation/strata-models.js';

interface Whole {
  readonly strata: Strata;
  readonly transitions: Transition[];
}

function wholeRun(rules: RuleSet, log: readonly LogRecord[], between?: (strata: Strata) => void): Whole {
  const transitions: Transition[] = [];
  const strata = new Strata(rules, {
    namespace: 'live',
    store: () => new MemoryKeyStore(),
    emit: (output) => {
      if (output.kind === 'transition') transitions.push(output);
    },
  });
  for (const [offset, record] of log.entries()) {
    strata.step(record, offset);
    between?.(strata);
  }
  strata.end();
  return { strata, transitions };
}

const plain = ({ clock, level, previous, reason, warning, indicators }: Transition) => ({
  ...{ clock, level, previous, reason, warning, indicators },
});

/** What the parts of a condition come to, put together as the dialect says. */
function together(judged: Judged): Value {
  switch (judged.kind) {
    case 'and':
    case 'or': {
      const decides = judged.kind === 'or';
      const values = judged.parts.map(together);
      if (values.includes(decides)) return decides;
      return (
        values.find((one) => one instanceof ExpressionError) ?? (values.includes(null) ? null : !decides)
      );
    }
    case 'not': {
      const value = together(judged.part);
      return typeof value === 'boolean' ? !value : value;
    }
    case 'named':
      return together(judged.part);
    case 'choice': {
      const chosen = together(judged.condition);
      if (typeof chosen !== 'boolean') return chosen;
      return together(chosen ? judged.yes : judged.no);
    }
    default:
      return judged.value;
  }
}

const plainValue = (value: Value) => (value instanceof ExpressionError ? value.code : value);

/** Looks at one model on one key at the end of a log, beside a run of all models over all keys. */
function compare(rules: RuleSet, model: Model, key: Key, log: readonly LogRecord[], whole: Whole): void {
  const run = new ExplainRun({ rules, model, key });
  for (const [offset, record] of log.entries()) run.step(record, offset);
  run.end(Infinity, log.length);
  const own = whole.transitions.filter(
    (one) => one.model === model.name && one.key === keyId(key) && one.scope === model.scope,
  );
  expect(run.transitions.map(plain)).toEqual(own.map(plain));
  const held = run.inspect();
  const level = own.at(-1)?.level ?? 'none';
  expect(held.shown).toBe(level);
  const parts = dissectModel(model, rules.catalogue);
  for (const [index, { condition, clear }] of parts.levels.entries()) {
    for (const part of [condition, clear]) {
      if (part === null) continue;
      const judged = judge(part, held.scope);
      expect(plainValue(together(judged)), part.text).toEqual(plainValue(judged.value));
      const needs = needsFor(judged, true);
      expect(needs?.length === 0, part.text).toBe(judged.value === true);
      for (const need of needs ?? []) expect(need.part.value).not.toBe(need.wanted);
    }
    const { own: truth, on, level: own } = held.levels[index] as (typeof held.levels)[number];
    const { value } = judge(condition, held.scope);
    expect(truth).toBe(value === true ? 'true' : value instanceof ExpressionError ? 'unknown' : 'false');
    if (on) expect(rank(level)).toBeGreaterThanOrEqual(rank(own));
  }
  const settled = held.applies === 'true' && model.forMs === 0 && model.holdMs === 0;
  const unclear = parts.levels.some(({ clear }) => clear !== null);
  const isKnown = held.levels.every(({ own: truth }) => truth !== 'unknown');
  if (settled && !unclear && isKnown) {
    expect(held.levels.find(({ condition }) => condition === 'true')?.level ?? 'none').toBe(level);
  }
  const explained = explain(run);
  expect(explained.level).toBe(level);
  for (const { clock } of explained.outlook.transitions)
    expect(Date.parse(clock)).toBeGreaterThan(held.clock);
}

const rng = (seed: number) => {
  const random = randomFrom(seed);
  return (below: number) => Math.floor(random() * below);
};

/** Part of a life: up to any of its records. */
function cut(log: readonly LogRecord[], draw: (below: number) => number): readonly LogRecord[] {
  return log.slice(0, 5 + draw(log.length - 5));
}

describe('explanations of generated lives', () => {
  it('say of every model on a key what the engine decided among all models and keys', () => {
    const rules = simulationRules();
    for (let seed = 900; seed < 907; seed++) {
      const log = cut(generateLog(seed), rng(seed));
      const whole = wholeRun(rules, log);
      for (const model of rules.models) compare(rules, model, 'subject:sim:a', log, whole);
    }
  }, 60_000);

  it('say it of wider keys, joint models and models over devices as well', () => {
    const rules = strataRules();
    for (let seed = 900; seed < 904; seed++) {
      const draw = rng(seed);
      const log = cut(generateStrataLog(seed), draw);
      const whole = wholeRun(rules, log);
      const spoken = new Map(whole.transitions.map((one) => [`${one.model} ${one.key}`, one]));
      for (const { model: name, scope, key } of [...spoken.values()].slice(0, 25)) {
        const model = rules.models.find((one) => one.name === name) as Model;
        compare(rules, model, `${scope}:${key}`, log, whole);
      }
    }
  }, 60_000);

  it('foresee what comes to pass if nothing else happens', () => {
    const rules = simulationRules();
    let foreseen = 0;
    for (let seed = 920; seed < 924; seed++) {
      const log = cut(generateLog(seed), rng(seed));
      const { strata, transitions } = wholeRun(rules, log);
      const before = transitions.length;
      const last = strata.clock;
      const runs = rules.models.map((model) => {
        const run = new ExplainRun({ rules, model, key: 'subject:sim:a' });
        for (const [offset, record] of log.entries()) run.step(record, offset);
        run.end(Infinity, log.length);
        return { model, ahead: run.lookAhead(run.inspect().shown !== 'none') };
      });
      strata.advance(last + 3_000 * 86_400_000);
      strata.end();
      for (const { model, ahead } of runs) {
        const later = transitions
          .slice(before)
          .filter((one) => one.model === model.name && one.key === 'sim:a' && one.clock <= ahead.until);
        expect(ahead.transitions.map(plain), model.name).toEqual(later.map(plain));
        foreseen += later.length;
      }
    }
    expect(foreseen).toBeGreaterThan(20);
  }, 60_000);

  it('disturb nothing: who looks at every step decides the same', () => {
    const rules = simulationRules();
    const log = generateLog(931);
    const undisturbed = wholeRun(rules, log);
    const looked = wholeRun(rules, log, (strata) => {
      for (const { name } of rules.models) {
        const engine = strata.engines[0]?.[0];
        if (engine !== undefined) inspect(engine, 'subject:sim:a', name, { events: 5 });
      }
    });
    expect(looked.transitions.map(plain)).toEqual(undisturbed.transitions.map(plain));
  }, 60_000);
});

// Levels that the file has and nobody will ever see, or see change.
import type { EvaluationScope, Expression, Value } from './expression/expression.js';
import { conditionImplies, type Constants } from './expression/implication.js';
import { outcomesOf, type Bounds } from './expression/bounds.js';
import type { LevelRule, Model, Param, WindowIndicator, WindowOperator } from './model.js';
import type { Report } from './report.js';
import { nodeAt, type YamlNode } from './yaml.js';

/** Warns of levels whose condition never changes, and of those that a graver one always covers. */
export function warnUnreachable(report: Report, root: YamlNode, model: Model): void {
  const fixed = new Fixed(model);
  model.levels.forEach((rule, position) => {
    const found = fixed.changes(rule.condition)
      ? (bounded(rule, fixed) ?? coveredBy(rule, model.levels.slice(0, position), fixed))
      : constant(rule, fixed);
    if (found === null) return;
    const [code, message] = found;
    report.add(code, nodeAt(root, ['levels', rule.level]), message, { severity: 'warning' });
  });
}

/** What is wrong with a level, and how it is said. */
type Finding = readonly [
  code: 'MODEL_LEVEL_ALWAYS' | 'MODEL_LEVEL_NEVER' | 'MODEL_LEVEL_COVERED' | 'MODEL_THRESHOLD',
  message: string,
];

function constant({ level, condition }: LevelRule, fixed: Fixed): Finding {
  const reads = 'reads no window, no profile and no clock';
  return fixed.valueOf(condition) === true
    ? ['MODEL_LEVEL_ALWAYS', `the condition of ${level} is always true: it ${reads}`]
    : ['MODEL_LEVEL_NEVER', `${level} is never shown: its condition ${reads}`];
}

/** Why a condition can come to one thing only, whatever happens; null where it can come to both. */
function bounded({ level, condition }: LevelRule, fixed: Fixed): Finding | null {
  const outcomes = fixed.cases.map((constants) => outcomesOf(condition.source, fixed.bounds, constants));
  const holds = outcomes.some((outcome) => outcome.holds);
  const fails = outcomes.some((outcome) => outcome.fails);
  if (!holds) {
    const message = `${level} is never shown: its condition cannot be true for any values of what it reads`;
    return ['MODEL_THRESHOLD', message];
  }
  const message = `the condition of ${level} is always true, for all values of what it reads`;
  return fails ? null : ['MODEL_LEVEL_ALWAYS', message];
}

/** Bounds by operator. */
const BOUNDS: { readonly [operator in WindowOperator]?: Bounds } = {
  count: { least: 0, most: Infinity, nullable: false },
  distinct: { least: 0, most: Infinity, nullable: false },
  streak: { least: 0, most: Infinity, nullable: false },
  changes: { least: 0, most: Infinity, nullable: false },
  sequence: { least: 0, most: Infinity, nullable: false },
  increase: { least: 0, most: Infinity, nullable: false },
  share: { least: 0, most: 1, nullable: true },
  stddev: { least: 0, most: Infinity, nullable: true },
  since: { least: 0, most: Infinity, nullable: true },
};

/** What an exact window holds; with one event more it is an error, and no figure. */
const ENTRIES_MAX = 10_000;

/** The bounds of a plain figure: those of its operator, and what its window allows for. */
function boundsOf({ operator, overMs, basis, panes }: WindowIndicator): Bounds | undefined {
  const bounds = BOUNDS[operator];
  if (bounds === undefined) return undefined;
  if (operator === 'count' || operator === 'distinct') {
    return panes === null ? { ...bounds, most: ENTRIES_MAX } : bounds;
  }
  // An event leaves the window in the very moment at which it is as old as that.
  return operator === 'since' && basis === 'time' ? { ...bounds, most: overMs / 1000 - 0.001 } : bounds;
}

/**
 * Why a level is never the gravest that is on; null where it may be. It is on with the next graver one and, unless it
 * has a `clear` of its own, off no later.
 */
function coveredBy(rule: LevelRule, graver: readonly LevelRule[], fixed: Fixed): Finding | null {
  const next = graver.at(-1);
  if (next === undefined || !clearsAlike(rule, next)) return null;
  const always = graver.find((other) => fixed.valueOf(other.condition) === true);
  if (always !== undefined) {
    return ['MODEL_LEVEL_COVERED', `${rule.level} is never shown: ${always.level} always is`];
  }
  const implies = (others: readonly LevelRule[]) =>
    fixed.cases.every((constants) =>
      conditionImplies(
        rule.condition.source,
        others.map((other) => other.condition.source),
        constants,
      ),
    );
  if (!implies(graver)) return null;
  const alone = graver.find((other) => implies([other]));
  const names = (alone === undefined ? graver : [alone]).map((other) => other.level).join(' or ');
  const message = `${rule.level} is never shown: where its condition holds, that of ${names} does, too`;
  return ['MODEL_LEVEL_COVERED', message];
}

function clearsAlike({ clear }: LevelRule, next: LevelRule): boolean {
  if (clear === null) return true;
  return (
    next.clear !== null &&
    conditionImplies(next.clear.source, [clear.source]) &&
    conditionImplies(clear.source, [next.clear.source])
  );
}

/** More ways than this are not looked at one by one: what profiles choose is then known of no parameter. */
const CASES_MAX = 256;

/** Every way in which a profile can choose the parameters. */
function casesOf(params: readonly Param[]): Constants[] {
  const fields = [...new Set(params.flatMap(({ by }) => by ?? []))];
  let profiles: { readonly [field: string]: string | null }[] = [{}];
  for (const field of fields) {
    const chosen = params.filter(({ by }) => by === field).flatMap(({ choices }) => [...choices.keys()]);
    const values = [null, ...new Set(chosen)];
    if (profiles.length * values.length > CASES_MAX) {
      return [
        constantsFor(
          params.filter(({ by }) => by === null),
          {},
        ),
      ];
    }
    profiles = profiles.flatMap((profile) => values.map((value) => ({ ...profile, [field]: value })));
  }
  return profiles.map((profile) => constantsFor(params, profile));
}

function constantsFor(
  params: readonly Param[],
  profile: { readonly [field: string]: string | null },
): Constants {
  return new Map(
    params.flatMap(({ name, by, fallback, choices }): [string, number][] => {
      const value = choices.get((by === null ? null : profile[by]) ?? '') ?? fallback;
      return typeof value === 'number' ? [[`params.${name}`, value]] : [];
    }),
  );
}

/** What of a model is the same for every key at every time. */
class Fixed {
  /** Parameters whose value is a number, as expressions name them: for every way in which a profile can choose them. */
  readonly cases: readonly Constants[];
  /** By indicator, where its operator has some. */
  readonly bounds: Map<string, Bounds>;
  private readonly params: ReadonlySet<string>;
  private readonly indicators = new Set<string>();
  private readonly scope: EvaluationScope;

  constructor(model: Model) {
    const plain = model.params.filter((param) => param.by === null);
    this.params = new Set(plain.map((param) => param.name));
    this.cases = casesOf(model.params);
    this.bounds = new Map(
      model.indicators.flatMap((indicator): [string, Bounds][] => {
        if (indicator.kind === 'value' || indicator.versus || indicator.baseline !== null) return [];
        const bounds = boundsOf(indicator);
        return bounds === undefined ? [] : [[indicator.name, bounds]];
      }),
    );
    if (model.score !== null) {
      const most = model.score.lines.reduce((sum, { weight }) => sum + weight, 0);
      this.bounds.set('score', { least: 0, most, nullable: false });
    }
    this.scope = {
      event: null,
      profile: {},
      subject: {},
      params: Object.fromEntries(plain.map((param) => [param.name, param.fallback])),
      values: [],
      anchors: [],
      now: 0,
      missing: () => undefined,
    };
    // An indicator comes after all that it reads.
    for (const indicator of model.indicators) {
      if (indicator.kind !== 'value' || this.changes(indicator.expression)) continue;
      this.scope.values[indicator.index] = this.valueOf(indicator.expression) ?? null;
      this.indicators.add(indicator.name);
    }
  }

  /** Whether it reads anything that may differ between keys or instants. */
  changes({ reads }: Expression): boolean {
    return (
      reads.now ||
      reads.event.length > 0 ||
      reads.profile.length > 0 ||
      reads.owner.length > 0 ||
      reads.params.some((name) => !this.params.has(name)) ||
      reads.indicators.some((name) => !this.indicators.has(name))
    );
  }

  /** The value of an expression that does not change; undefined for others. */
  valueOf(expression: Expression): Value | undefined {
    return this.changes(expression) ? undefined : expression.run(this.scope);
  }
}

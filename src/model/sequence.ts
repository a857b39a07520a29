// Sequences: steps that events take one after the other, and how long each may be waited for.
import { DURATION_FORM, LONGEST_SPAN_MS, parseDuration } from '../catalogue/duration.js';
import type { SourceName } from '../events/event.js';
import type { Fields } from '../events/fields.js';
import { eventEnvironment, profileEnvironment, type ModelNames } from './environment.js';
import { withoutSteps } from './expression/conjuncts.js';
import type { Environment, Expression, Value } from './expression/expression.js';
import { compileFormula } from './formula.js';
import { hashOf, meaningOf } from './identity.js';
import type { IndicatorEntry } from './indicators.js';
import type { SequenceStep, WindowIndicator } from './model.js';
import { goesWith, WINDOW_KEYS } from './operators/operators.js';
import { removalOf } from './removal.js';
import type { Report } from './report.js';
import { sequenceArgument, stepFields, type StepCondition } from './sequence-entry.js';
import type { IndicatorContent } from './shape.js';
import { checkSource, hearing, modelsNamed } from './sources.js';
import { nodeAt, type YamlNode } from './yaml.js';

/** How far an instant that an event names may lie after the step before it, so that what is kept has an end. */
export const NAMED_INSTANT_MAX_MS = 731 * 86_400_000;

const MISPLACED = WINDOW_KEYS.filter((key) => !goesWith(key, 'sequence'));

type StepContent = NonNullable<IndicatorContent['sequence']>[number];

/** One step with what was found in it; `at` is decided at arrival, `step` while matching. */
interface CompiledStep {
  readonly at: StepCondition;
  readonly step: SequenceStep;
  readonly node: YamlNode;
}

/** What the steps of one sequence share while they are compiled. */
interface StepContext {
  readonly report: Report;
  readonly names: ModelNames;
  readonly overMs: number;
  /** Fields of the steps before, by their names. */
  readonly named: { [name: string]: Fields };
}

/** Compiles a sequence; null where it has a fault, which is then in the report. */
export function compileSequence(
  report: Report,
  names: ModelNames,
  entry: IndicatorEntry,
  index: number,
): WindowIndicator | null {
  const { content, node } = entry;
  const overMs = content.over;
  const misplaced = MISPLACED.find((key) => Object.hasOwn(content, key));
  if (misplaced !== undefined) {
    const message = `"${misplaced}" has no meaning beside "sequence", whose steps say what they read`;
    report.add('MODEL_OPERATOR', nodeAt(node, [misplaced], 'key'), message);
    return null;
  }
  if (overMs === undefined) {
    report.add('MODEL_NO_WINDOW', entry.key, `the indicator "${entry.name}" has no window`, {
      expected: 'over: <duration>',
    });
    return null;
  }
  const context: StepContext = { report, names, overMs, named: {} };
  const given = content.sequence ?? [];
  const compiled = given.flatMap((step, position) => {
    return compileStep(context, step, nodeAt(node, ['sequence', position]), position) ?? [];
  });
  if (compiled.length < given.length) return null;
  return namesAlike(context, compiled) ? assemble(context, entry, index, compiled) : null;
}

/**
 * Whether all steps over warnings name the models that raise them, or none does, for the sequence has one place among
 * the strata; if not, that is in the report.
 */
function namesAlike({ report }: StepContext, compiled: readonly CompiledStep[]): boolean {
  const reading = compiled.filter(({ at }) => at.from.includes('warning'));
  const named = reading.map(({ at, step }) => modelsNamed((at.where ?? step.join)?.source ?? 'true'));
  const silent = named.indexOf(null);
  if (silent < 0 || named.every((names) => names === null)) return true;
  const message = 'other steps of the sequence name the models whose warnings they read, this one does not';
  report.add('MODEL_SEQUENCE_MODELS', reading[silent]?.node ?? 0, message, {
    expected: 'event.model == "<model>" in every step over warnings, or in none',
  });
  return false;
}

function assemble(
  { report, names, overMs }: StepContext,
  entry: IndicatorEntry,
  index: number,
  compiled: readonly CompiledStep[],
): WindowIndicator {
  const read = new Set(compiled.flatMap(({ step }) => expressionsOf(step).flatMap((one) => one.reads.steps)));
  for (const { step, node } of compiled) {
    if (step.as === null || [...read].some((name) => name.split('.')[0] === step.as)) continue;
    const message = `the step "${step.as}" is named and read by no later step`;
    report.add('MODEL_STEP_UNUSED', nodeAt(node, ['as']), message, {
      severity: 'warning',
      expected: `${step.as}.<field> in a later step, or no name`,
      fix: removalOf(report.source.text, node, ['as']),
    });
  }
  const steps = compiled.map(({ step }) => step);
  const argument = sequenceArgument(names, compiled, read);
  const expressions = compiled.flatMap(({ at, step }) => [at.where, ...expressionsOf(step)]);
  const from = [...new Set(compiled.flatMap(({ at }) => at.from))];
  const reading = compiled.flatMap(({ at, step }) =>
    at.from.includes('warning') ? [at.where ?? step.join] : [],
  );
  return {
    kind: 'window',
    name: entry.name,
    index,
    operator: 'sequence',
    from,
    ...hearing(from, reading),
    where: null,
    argument,
    end: 'last',
    q: 0.5,
    overMs,
    keptMs: steps.slice(1).reduce((total, { withinMs }) => total + withinMs, overMs),
    basis: 'time',
    panes: null,
    keepsEntries: true,
    approx: false,
    versus: false,
    baseline: null,
    densestMs: null,
    sequence: { steps, params: constantsOf(names) },
    type: { type: 'number' },
    nullable: false,
    identity: hashOf({
      operator: 'sequence',
      scope: names.scope,
      steps: compiled.map(({ at, step }) => ({
        not: step.not,
        as: step.as,
        from: [...at.from].sort(),
        where: (at.where ?? step.join)?.source.trim() ?? null,
        withinMs: step.withinMs,
        until: step.until?.source.trim() ?? null,
      })),
      overMs,
      meaning: meaningOf(expressions, names.params, names.catalogue),
    }),
  };
}

function compileStep(
  context: StepContext,
  content: StepContent,
  node: YamlNode,
  position: number,
): CompiledStep | null {
  const { report, names, named } = context;
  if (!fits(context, content, node, position)) return null;
  const not = content.not !== undefined;
  const from = readStreams(context, content, node);
  const limit = position === 0 ? { withinMs: 0, until: null } : limitOf(context, content, node);
  if (from === null || limit === null) return null;
  const where = nodeAt(node, ['where']);
  const environment = { ...eventEnvironment(names, from), steps: { ...named } };
  const condition =
    where !== node && where.kind === 'text'
      ? compileFormula(report, where, environment, names.scope, 'bool')
      : undefined;
  if (condition === null) return null;
  const join = condition !== undefined && condition.reads.steps.length > 0 ? condition : null;
  if (join !== null && !isMatchable(context, join, where)) return null;
  const as = content.as ?? null;
  if (as !== null) named[as] = stepFields(from);
  const known = join === null ? null : withoutSteps(join.source, environment);
  return {
    at: { from, where: join === null ? (condition ?? null) : null, known },
    step: { not, as, join, ...limit },
    node,
  };
}

/** Whether the keys of a step fit together and to its place; if not, that is in the report. */
function fits(
  { report, named }: StepContext,
  content: StepContent,
  node: YamlNode,
  position: number,
): boolean {
  const refuse = (key: string | null, message: string, expected: string): boolean => {
    report.add('MODEL_SEQUENCE_STEP', key === null ? node : nodeAt(node, [key], 'key'), message, {
      expected,
    });
    return false;
  };
  const { from, not, as, within, until } = content;
  if ((from === undefined) === (not === undefined)) {
    return refuse(null, 'a step reads events, or says which ones must not come', 'either from or not');
  }
  if (position === 0) {
    if (not !== undefined) return refuse('not', 'a sequence begins with an event', 'from: <stream>');
    const early = within !== undefined ? 'within' : until !== undefined ? 'until' : null;
    if (early !== null)
      return refuse(early, 'there is no step before the first one', 'the key at a later step');
  }
  if (not !== undefined) {
    if (as !== undefined)
      return refuse('as', 'what did not come has no name', 'the name at a step with from');
    if (within !== undefined)
      return refuse('within', 'how long nothing may come is said by "until"', 'until: 10d');
    if (until === undefined) {
      return refuse(
        null,
        'nothing says until when it must not come',
        "until: 10d, or until: 'order.deadline'",
      );
    }
  } else if (until !== undefined) {
    return refuse('until', 'how long an event is waited for is said by "within"', 'within: 14d');
  }
  if (as !== undefined && Object.hasOwn(named, as)) {
    return refuse('as', `there is a step "${as}" before this one`, 'another name');
  }
  return true;
}

function readStreams(
  { report, names }: StepContext,
  content: StepContent,
  node: YamlNode,
): SourceName[] | null {
  const key = content.not === undefined ? 'from' : 'not';
  const given = content[key] ?? [];
  const list = typeof given === 'string' ? [given] : given;
  const streams = list.flatMap((name, index) => {
    const place = nodeAt(node, typeof given === 'string' ? [key] : [key, index]);
    return checkSource(report, names, name, place) ?? [];
  });
  return streams.length === list.length ? [...new Set(streams)] : null;
}

/** How long after the step before it a step is waited for, or until which instant. */
function limitOf(
  context: StepContext,
  content: StepContent,
  node: YamlNode,
): { withinMs: number; until: Expression | null } | null {
  const { report, names, overMs, named } = context;
  if (content.until === undefined) return { withinMs: content.within ?? overMs, until: null };
  const place = nodeAt(node, ['until']);
  const spanMs = parseDuration(content.until);
  if (spanMs !== null) {
    if (spanMs > 0 && spanMs <= LONGEST_SPAN_MS) return { withinMs: spanMs, until: null };
    const expected = `${DURATION_FORM}, longer than 0, at most 3660d`;
    report.add('MODEL_SEQUENCE_UNTIL', place, 'this is no span to wait for', { expected });
    return null;
  }
  if (place.kind !== 'text') return null;
  const environment: Environment = {
    ...profileEnvironment(names),
    params: eventEnvironment(names, []).params,
    steps: { ...named },
  };
  const until = compileFormula(report, place, environment, names.scope);
  if (until === null || !isMatchable(context, until, place)) return null;
  if (until.reads.steps.length === 0) {
    const message = 'this names no earlier step, so it is no instant of the match';
    report.add('MODEL_SEQUENCE_UNTIL', place, message, {
      expected: "until: 'order.deadline', with as: order before",
    });
    return null;
  }
  if (until.type.type === 'timestamp' || until.type.type === 'dyn') {
    return { withinMs: NAMED_INSTANT_MAX_MS, until };
  }
  report.add('MODEL_SEQUENCE_UNTIL', place, `until needs an instant, not a ${until.type.type}`, {
    expected: "an instant such as 'order.deadline' or 'order.time + days(10)', or a duration such as 10d",
  });
  return null;
}

/** Whether what names an earlier step reads nothing that may be another one by then; if not, that is in the report. */
function isMatchable({ report, names }: StepContext, expression: Expression, place: YamlNode): boolean {
  const { params, owner } = expression.reads;
  const profile = [...expression.reads.profile, ...owner];
  const chosen = names.params.find((param) => param.by !== null && params.includes(param.name));
  if (profile.length === 0 && chosen === undefined) return true;
  const what = profile.length > 0 ? `${names.scope}.${profile[0] ?? ''}` : `params.${chosen?.name ?? ''}`;
  const message = `what names an earlier step is asked again with every event that comes late, so it cannot read ${what}`;
  report.add('MODEL_SEQUENCE_READS', place, message, {
    expected: `${what} in the where of the model, in a level, or in a step that names no earlier one`,
  });
  return false;
}

function expressionsOf({ join, until }: SequenceStep): Expression[] {
  return [join, until].filter((expression) => expression !== null);
}

/** Parameters that are the same for all keys. */
function constantsOf({ params }: ModelNames): { readonly [name: string]: Value } {
  return Object.fromEntries(
    params.filter(({ by }) => by === null).map(({ name, fallback }) => [name, fallback]),
  );
}

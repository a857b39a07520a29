// Why a model warned about a key, or why not: what the engine holds on it, taken apart and put into plain data.
import { nameOf } from '../../alerts/wording.js';
import type { HeldEvent, HeldIndicator, Inspection } from '../../engine/inspection.js';
import type { Transition } from '../../engine/output.js';
import { asJson } from '../../engine/transition.js';
import { keyId, type Json } from '../../events/event.js';
import { formatInstant } from '../../events/timestamp.js';
import { dissectModel, type DissectedModel } from '../../model/dissection.js';
import { isEnvelopeName } from '../../model/expression/term.js';
import { judge, needsFor, type Need } from '../../model/judgement.js';
import { unitsOf } from '../../model/lint-units.js';
import {
  rank,
  type Level,
  type Model,
  type WindowIndicator,
  type WindowOperator,
} from '../../model/model.js';
import { Masking } from '../masking.js';
import { explainedCondition, explainedNeed, type Measures } from './explained-conditions.js';
import { NAMED_MAX, type ExplainRun } from './explain-run.js';
import type {
  ExplainedEvent,
  ExplainedIndicator,
  ExplainedLevel,
  ExplainedTransition,
  Explanation,
} from './explanation.js';

/** Explains a run that has ended; it cannot be stepped any more after it. */
export function explain(run: ExplainRun): Explanation {
  const { model, rules, key } = run;
  const { catalogue } = rules;
  const held = run.inspect();
  const parts = dissectModel(model, catalogue);
  const measures = measuresOf(model);
  const shownNow = run.transitions.slice(-NAMED_MAX);
  const { transitionsTotal: total } = run;
  const silent = [...run.silentSources].sort(([a], [b]) => (a < b ? -1 : 1));
  const id = keyId(key);
  const explanation: Explanation = {
    at: formatInstant(held.clock),
    zone: catalogue.calendar.zone,
    revision: rules.revision,
    model: factsOf(model),
    key: {
      scope: model.scope,
      id,
      name: nameOf({ scope: model.scope, key: id, profile: held.profile }, catalogue),
      known: held.known || run.isSeen,
      registered: instantOrNull(held.registered),
    },
    profile: allBounded(
      Object.fromEntries(Object.entries(held.profile).filter(([, value]) => value !== null)),
    ),
    params: model.params.map(({ name, type, by }) => ({
      name,
      value: asJson(held.scope.params[name] ?? null),
      type: type.type,
      by,
      chosen_by: by === null ? null : (held.profile[by] ?? null),
    })),
    applies: held.applies,
    where: parts.where === null ? null : explainedCondition(judge(parts.where, held.scope), measures),
    level: held.shown,
    since: instantOrNull(run.transitions.at(-1)?.clock ?? NaN),
    episode: held.episode === null ? null : { ...episodeOf(held.episode) },
    transitions: { total, newest: shownNow.map(transitionOf) },
    indicators: held.indicators.map((one) => indicatorOf(one, run, held, measures)),
    score: held.score === null ? null : { ...held.score, sources: sourcesOf(model) },
    levels: levelsOf(held, parts, measures),
    gaps: held.gaps
      .slice(-NAMED_MAX)
      .map(({ from, to }) => ({ from: formatInstant(from), to: formatInstant(to) })),
    rests_on: held.restsOn,
    silent_sources: silent.map(([source, since]) => ({ source, since: formatInstant(since) })),
    // Time passes in it, so it comes last.
    outlook: outlookOf(run, held.shown),
  };
  return new Masking().masked(explanation as unknown as { [name: string]: Json }) as unknown as Explanation;
}

function factsOf({ name, title, summary, item, stratum, forMs, holdMs }: Model): Explanation['model'] {
  return { name, title, summary, item, stratum, for_ms: forMs, hold_ms: holdMs };
}

function episodeOf({ warning, raised, quiet }: NonNullable<Inspection['episode']>) {
  return { warning, raised: formatInstant(raised), quiet };
}

function sourcesOf({ score }: Model): { readonly [line: string]: string } {
  return Object.fromEntries(
    (score?.lines ?? []).map(({ name, expression }) => [name, expression.source.trim()]),
  );
}

/** Length in JSON beyond which a value is shown by its beginning. */
const VALUE_LENGTH_MAX = 2_000;

function bounded(value: Json): Json {
  const text = JSON.stringify(value);
  return text.length <= VALUE_LENGTH_MAX ? value : `${text.slice(0, VALUE_LENGTH_MAX)}…`;
}

function allBounded(values: { readonly [name: string]: Json }): { [name: string]: Json } {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, bounded(value)]));
}

function instantOrNull(ms: number): string | null {
  return Number.isFinite(ms) ? formatInstant(ms) : null;
}

function transitionOf({
  clock,
  level,
  previous,
  reason,
  warning,
  indicators,
}: Transition): ExplainedTransition {
  return {
    clock: formatInstant(clock),
    level,
    previous,
    reason,
    warning,
    indicators: allBounded(indicators),
  };
}

/** Operators that count things, with what they count. */
const COUNTED: { readonly [operator in WindowOperator]?: string } = {
  count: '件',
  distinct: '个',
  streak: '次',
  changes: '次',
  sequence: '次',
  missed: '次',
  keys: '个',
  silent: '个',
};
const UNIT_NAMES: { readonly [unit: string]: string } = {
  'an amount in yuan': '元',
  'a number of seconds': '秒',
  'a count': '件',
};

function measuresOf(model: Model): Measures {
  const found = unitsOf(model);
  const units = new Map<string, string>();
  const whole = new Set<string>();
  for (const indicator of model.indicators) {
    const { name } = indicator;
    const counted = indicator.kind === 'window' ? COUNTED[indicator.operator] : undefined;
    const unit = counted ?? UNIT_NAMES[found.get(name) ?? ''];
    if (unit !== undefined) units.set(name, unit);
    const isPlain = indicator.kind === 'window' && indicator.baseline === null && !indicator.versus;
    if (isPlain && counted !== undefined && !indicator.approx) whole.add(name);
  }
  if (model.score !== null) units.set('score', '分');
  return { names: new Set(model.indicators.map(({ name }) => name)), units, whole };
}

function levelsOf(held: Inspection, parts: DissectedModel, measures: Measures): ExplainedLevel[] {
  const applies = parts.where === null ? [] : needsFor(judge(parts.where, held.scope), true);
  return parts.levels.map(({ level, condition, clear }, index): ExplainedLevel => {
    const state = held.levels[index] as Inspection['levels'][number];
    const judged = judge(condition, held.scope);
    const own = needsFor(judged, true);
    const needs = own === null || applies === null ? null : [...applies, ...own];
    return {
      level,
      on: state.on,
      condition: explainedCondition(judged, measures),
      holds: state.condition,
      clear: clear === null ? null : explainedCondition(judge(clear, held.scope), measures),
      timer:
        state.timer === null ? null : { kind: state.timer.kind, until: formatInstant(state.timer.until) },
      unknown_since: instantOrNull(state.unknownSince),
      needs: rank(level) > rank(held.shown) ? needsOf(needs, measures) : undefined,
    };
  });
}

function needsOf(needs: readonly Need[] | null, measures: Measures): ExplainedLevel['needs'] {
  if (needs === null) return null;
  const explained = needs.map((need) => explainedNeed(need, measures));
  // Of two demands on one figure the farther one says both.
  return explained.filter((one, index) => {
    if (one.by === null || one.indicator === null) return true;
    return !explained.some((other, at) => {
      const isSame = at !== index && other.indicator === one.indicator && other.by !== null;
      if (!isSame || Math.sign(other.by) !== Math.sign(one.by as number)) return false;
      const [further, own] = [Math.abs(other.by), Math.abs(one.by as number)];
      return further > own || (further === own && at < index);
    });
  });
}

function outlookOf(run: ExplainRun, shown: Level): Explanation['outlook'] {
  const { transitions, until, complete } = run.lookAhead(shown !== 'none');
  return { transitions: transitions.map(transitionOf), until: instantOrNull(until), complete };
}

function indicatorOf(
  { indicator, value, unprimed, events, total, nextChange, open }: HeldIndicator,
  run: ExplainRun,
  { clock, panes, scope }: Inspection,
  { units }: Measures,
): ExplainedIndicator {
  const { name, type } = indicator;
  const common = {
    name,
    value: bounded(asJson(value)),
    type: type.type,
    unit: units.get(name) ?? null,
    unprimed,
    next_change: instantOrNull(nextChange),
  };
  if (indicator.kind === 'value') {
    const { expression } = indicator;
    const read = run.model.indicators.filter((one) => expression.reads.indicators.includes(one.name));
    return {
      ...common,
      ...NO_WINDOW,
      expression: expression.source.trim(),
      reads: allBounded(
        Object.fromEntries(read.map((one) => [one.name, asJson(scope.values[one.index] ?? null)])),
      ),
    };
  }
  const shown = (event: HeldEvent) => eventOf(event, indicator, run);
  return {
    ...common,
    operator: indicator.operator,
    expression: indicator.argument?.source.trim() ?? null,
    reads: {},
    from: indicator.from,
    where: indicator.where?.source.trim() ?? null,
    over_ms: indicator.overMs,
    every_ms: indicator.panes?.everyMs ?? null,
    densest_ms: indicator.densestMs,
    basis: indicator.basis,
    window: windowOf(indicator, clock),
    events: { total, newest: events.map(shown) },
    panes: panes[name] ?? null,
    open:
      open === null
        ? null
        : {
            total: open.total,
            newest: open.matches.map(({ first, step, until }) => ({
              first: shown(first),
              step: step + 1,
              not: indicator.sequence?.steps[step]?.not ?? false,
              until: formatInstant(until),
            })),
          },
  };
}

const NO_WINDOW = {
  operator: 'value',
  from: [],
  where: null,
  over_ms: null,
  every_ms: null,
  densest_ms: null,
  basis: null,
  window: null,
  events: { total: 0, newest: [] },
  panes: null,
  open: null,
};

/** What the figure looks at: events after the first instant, up to the clock. */
function windowOf({ overMs, panes }: WindowIndicator, clock: number): { from: string; to: string } {
  const from = clock - overMs;
  return { from: formatInstant(panes === null ? from : panes.startOf(from)), to: formatInstant(clock) };
}

function eventOf(
  { id, stream, time, at }: HeldEvent,
  indicator: WindowIndicator,
  run: ExplainRun,
): ExplainedEvent {
  const event = run.event(id);
  const read = [indicator.where, indicator.argument].flatMap((one) => one?.reads.event ?? []);
  const names = [...new Set(read)].filter((name) => !isEnvelopeName(name));
  return {
    id,
    stream,
    time: formatInstant(time),
    at: formatInstant(at),
    key: event === undefined || event.key === run.key ? null : event.key,
    fields:
      event === undefined
        ? null
        : allBounded(Object.fromEntries(names.map((name) => [name, event.data[name] ?? null] as const))),
  };
}

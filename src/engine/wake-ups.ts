// Which wake-ups a model can do without while no level is on or on its way: those that cannot bring one about.
import { KEY_SCOPES } from '../events/event.js';
import { directionsOf, type Direction } from '../model/expression/direction.js';
import { parseSyntax, type Syntax } from '../model/expression/syntax.js';
import type { Model, WindowIndicator, WindowOperator } from '../model/model.js';

/** Figures that only fall, or stay, when the oldest entry leaves; none of them becomes null by it. */
const FALLS_BY_LEAVING: ReadonlySet<WindowOperator> = new Set([
  'count',
  'distinct',
  'streak',
  'changes',
  'increase',
]);

/**
 * By indicator index: whether an entry that leaves its window by time can never make a condition of the model true.
 * That holds where the figure only falls by it, and every condition only rises with the figure.
 */
export function quietWindows(model: Model): readonly boolean[] {
  const influences = model.levels.map((rule) => throughValues(model, rule.condition.source));
  return model.indicators.map(
    (indicator) =>
      indicator.kind === 'window' &&
      (FALLS_BY_LEAVING.has(indicator.operator) || hasEventsOnly(indicator)) &&
      // The figures of a sketch step up where it goes over to exact ones.
      !indicator.approx &&
      indicator.baseline === null &&
      // What leaves this window joins the one before.
      !indicator.versus &&
      influences.every((influence) => (influence.get(indicator.name) ?? 'rises') === 'rises'),
  );
}

/** Whether a sequence is completed by events alone: a `not` completes by time. */
function hasEventsOnly({ sequence }: WindowIndicator): boolean {
  return sequence?.steps.every((step) => !step.not) === true;
}

/** By indicator index: whether its rise (true) or its fall (false) may make a condition true; null where neither. */
export type Outlook = readonly (boolean | null)[];

/**
 * What to hope for of each window, so that one look at the best that leaving entries can bring tells whether a
 * condition can become true by it. Null for models that cannot be looked at so: with a score, or where a condition or a
 * computed value reads the clock, may fail, or does not follow its windows in one direction.
 */
export function outlookOf(model: Model): Outlook | null {
  if (model.score !== null) return null;
  const expressions = model.levels.map((rule) => rule.condition);
  for (const indicator of model.indicators) {
    if (indicator.kind !== 'value') continue;
    if (indicator.sample !== null) return null;
    expressions.push(indicator.expression);
  }
  if (expressions.some(({ reads, source }) => reads.now || !isTame(parseSyntax(source)))) return null;
  const influences = model.levels.map((rule) => throughValues(model, rule.condition.source));
  const outlook: (boolean | null)[] = [];
  for (const { name, index, kind } of model.indicators) {
    const directions = new Set(influences.flatMap((influence) => influence.get(name) ?? []));
    if (kind !== 'window' || directions.size === 0) outlook[index] = null;
    else if (directions.size > 1 || directions.has('either')) return null;
    else outlook[index] = directions.has('rises');
  }
  return outlook;
}

/** A literal factor that takes no number of a window out of range. */
const FACTOR_MAX = 1e6;

const CONSTANT: ReadonlySet<string> = new Set(['params', ...KEY_SCOPES]);

/** Whether an expression over numbers can yield no error of its own: null and the decided apart, it adds and compares. */
function isTame(syntax: Syntax): boolean {
  switch (syntax.op) {
    case 'literal':
    case 'name':
      return true;
    case 'and':
    case 'or':
      return isTame(syntax.left) && isTame(syntax.right);
    case 'not':
    case 'negate':
      return isTame(syntax.operand);
    case 'member':
      // A parameter or a fact of the profile: neither changes by what leaves a window.
      return syntax.object.op === 'name' && CONSTANT.has(syntax.object.name);
    case 'binary':
      return isTame(syntax.left) && isTame(syntax.right) && isTameOperator(syntax);
    default:
      return false;
  }
}

function isTameOperator({ operator, left, right }: Syntax & { op: 'binary' }): boolean {
  if (operator === '*') return isFactor(left) || isFactor(right);
  if (operator === '/') return isFactor(right);
  return operator !== '%' && operator !== 'in';
}

function isFactor(syntax: Syntax): boolean {
  if (syntax.op !== 'literal' || typeof syntax.value !== 'number') return false;
  return syntax.value >= 1 / FACTOR_MAX && syntax.value <= FACTOR_MAX;
}

/** The directions of a condition in window indicators, those that it reads through computed ones included. */
function throughValues(model: Model, source: string): ReadonlyMap<string, Direction> {
  const influence = new Map<string, Direction>();
  const add = (name: string, direction: Direction) => {
    const known = influence.get(name);
    influence.set(name, known === undefined || known === direction ? direction : 'either');
  };
  for (const [name, direction] of directionsOf(source)) {
    if (name === 'score' && model.score !== null) {
      // Every measure rises with what it reads, and null counts like the least.
      for (const { expression } of model.score.lines) {
        for (const [inner, within] of throughValues(model, expression.source)) {
          add(inner, compose(direction, within));
        }
      }
      continue;
    }
    const indicator = model.indicators.find((candidate) => candidate.name === name);
    if (indicator?.kind !== 'value') {
      add(name, direction);
      continue;
    }
    for (const [inner, within] of throughValues(model, indicator.expression.source)) {
      add(inner, compose(direction, within));
    }
  }
  return influence;
}

function compose(outer: Direction, inner: Direction): Direction {
  if (outer === 'either' || inner === 'either') return 'either';
  return outer === inner ? 'rises' : 'falls';
}

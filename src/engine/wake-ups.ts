// Which windows of a model need no wake-up when an entry leaves while no level is on or on its way.
import { directionsOf, type Direction } from '../model/expression/direction.js';
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

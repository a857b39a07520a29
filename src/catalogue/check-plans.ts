// Checks the terms of response plans against each other, where they are in the same unit.
import type { Catalogue, Plan } from './catalogue.js';
import { parseTerm } from './duration.js';
import type { FileFault } from './file-fault.js';

const GRAVEST_FIRST = ['red', 'orange', 'yellow', 'blue'];
const TERMS = [
  ['sign_within', 'signWithin'],
  ['feedback_within', 'feedbackWithin'],
  ['close_within', 'closeWithin'],
] as const;

/** Terms of a level in the wrong order, and graver levels that are given more time than lesser ones. */
export function checkPlans({ plans }: Catalogue): FileFault[] {
  return [...plans.values()].flatMap((plan) => [...termsOf(plan), ...lenientOf(plan)]);
}

function termsOf({ id, levels }: Plan): FileFault[] {
  return GRAVEST_FIRST.flatMap((level) => {
    const step = levels[level];
    if (step === undefined) return [];
    return TERMS.slice(1).flatMap(([key, field], index): FileFault[] => {
      const [earlierKey, earlier] = TERMS[index] ?? TERMS[0];
      if (!isLonger(step[earlier], step[field])) return [];
      return [
        warning('CATALOGUE_PLAN_TERMS', [id, 'levels', level, key], {
          message: `${key} is ${step[field]}, ${earlierKey} is ${step[earlier]}`,
          expected: `at least as long as ${earlierKey}`,
        }),
      ];
    });
  });
}

function lenientOf({ id, levels }: Plan): FileFault[] {
  const given = GRAVEST_FIRST.filter((level) => levels[level] !== undefined);
  return given.slice(0, -1).flatMap((level, index) => {
    const lesser = given[index + 1] ?? level;
    return TERMS.flatMap(([key, field]): FileFault[] => {
      const [own, next] = [levels[level]?.[field], levels[lesser]?.[field]];
      if (own === undefined || next === undefined || !isLonger(own, next)) return [];
      return [
        warning('CATALOGUE_PLAN_LENIENT', [id, 'levels', level, key], {
          message: `${level} leaves ${own}, ${lesser} only ${next}`,
          expected: `at most ${next}`,
        }),
      ];
    });
  });
}

/** Whether one term is longer than another of the same unit. */
function isLonger(one: string, other: string): boolean {
  const [a, b] = [parseTerm(one), parseTerm(other)];
  if (a === null || b === null) return false;
  if (a.unit === 'seconds' && b.unit === 'seconds') return a.seconds > b.seconds;
  if (a.unit === 'workdays' && b.unit === 'workdays') return a.days > b.days;
  return a.unit === 'workhours' && b.unit === 'workhours' && a.hours > b.hours;
}

function warning(
  code: 'CATALOGUE_PLAN_TERMS' | 'CATALOGUE_PLAN_LENIENT',
  path: FileFault['path'],
  words: Pick<FileFault, 'message'> & { readonly expected: string },
): FileFault {
  return { code, file: 'plans.yaml', severity: 'warning', path, on: 'value', ...words };
}

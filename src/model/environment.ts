// What the expressions of one model may name, by where they stand.
import { workdaysBetween } from '../catalogue/calendar.js';
import type { Catalogue } from '../catalogue/catalogue.js';
import type { SourceName } from '../events/event.js';
import type { Field, Fields } from '../events/fields.js';
import { profileFields } from '../events/profile.js';
import { sourceFields } from '../events/sources.js';
import { ExpressionError, type Environment, type IndicatorSymbol } from './expression/expression.js';
import type { ModelScope, Param } from './model.js';

/** What all expressions of a model share. */
export interface ModelNames {
  readonly scope: ModelScope;
  readonly params: readonly Param[];
  readonly catalogue: Catalogue;
}

/** For a model's `where`: the profile alone. */
export function profileEnvironment({ scope, catalogue }: ModelNames): Environment {
  const { calendar, lists } = catalogue;
  return {
    ...ownNames(scope),
    params: {},
    indicators: [],
    now: false,
    lists,
    zone: calendar.zone,
    workdays: (t1, t2) =>
      workdaysBetween(calendar, t1, t2) ??
      new ExpressionError(
        'EXPR_CALENDAR',
        `the calendar knows working days from ${calendar.firstYear} to ${calendar.lastYear} only`,
      ),
  };
}

/**
 * A profile's name is that of its scope. Wider scopes know of themselves their codes alone; a device, whose it is.
 */
function ownNames(scope: ModelScope): Pick<Environment, 'profile' | 'profileNames' | 'subject' | 'codes'> {
  switch (scope) {
    case 'subject':
    case 'place':
      return { profile: profileFields, profileNames: [scope] };
    case 'device':
      return { profile: profileFields, profileNames: [scope], subject: profileFields };
    default:
      return { profile: {}, profileNames: [], codes: scope.split('+') };
  }
}

/** Whether a scope is wider than the keys that events come with. */
export function isWider(scope: ModelScope): boolean {
  return scope === 'region' || scope === 'industry' || scope === 'region+industry';
}

/** For what an indicator takes from its events: decided once, on arrival, so without a clock and other indicators. */
export function eventEnvironment(names: ModelNames, from: readonly SourceName[]): Environment {
  const environment = {
    ...profileEnvironment(names),
    params: paramTypes(names.params),
    event: fieldsOfAll(from),
  };
  // In wider scopes the profile of the subject comes with the event.
  return isWider(names.scope) ? { ...environment, subject: profileFields } : environment;
}

/** For levels, clears and computed values: indicators, parameters, profile and the clock. */
export function figureEnvironment(names: ModelNames, indicators: readonly IndicatorSymbol[]): Environment {
  return { ...profileEnvironment(names), params: paramTypes(names.params), indicators, now: true };
}

function paramTypes(params: readonly Param[]): Environment['params'] {
  return Object.fromEntries(params.map((param) => [param.name, param.type]));
}

/** The fields of several streams together: optional where one lacks it, dyn where they disagree on its type. */
export function fieldsOfAll(from: readonly SourceName[]): Fields {
  const merged = new Map<string, Field>();
  const all = from.map(sourceFields);
  for (const fields of all) {
    for (const [name, field] of Object.entries(fields)) {
      const known = merged.get(name);
      const agrees = known === undefined || JSON.stringify(known.type) === JSON.stringify(field.type);
      merged.set(name, {
        ...field,
        type: agrees ? field.type : { type: 'dyn' },
        optional: all.some((other) => other[name]?.optional ?? true),
      });
    }
  }
  return Object.fromEntries(merged);
}

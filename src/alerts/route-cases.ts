// Tests of routes, run: each case is routed as a warning is, and exactly those expected must hear of it.
import type { Catalogue } from '../catalogue/catalogue.js';
import type { RouteCase, TestedWarning } from '../model/route-tests.js';
import type { RoutedWarning } from './route-conditions.js';
import { routeOf, type Recipient } from './routing.js';

/** A difference between what was expected and what came, with its line in the file. */
export interface RouteFailure {
  readonly line: number;
  readonly message: string;
}

export interface RouteCaseResult {
  readonly name: string;
  readonly line: number;
  readonly failures: readonly RouteFailure[];
}

export interface RouteTestResult {
  readonly cases: readonly RouteCaseResult[];
  /** Rules that decide no case. */
  readonly unreached: readonly string[];
}

/** Runs cases against the routes of a catalogue. */
export function runRouteTests(cases: readonly RouteCase[], catalogue: Catalogue): RouteTestResult {
  const deciding = new Set<string | null>();
  const results = cases.map((one): RouteCaseResult => {
    const route = routeOf(routedWarning(one.warning), catalogue);
    for (const { by } of route.items) deciding.add(by);
    const by = route.items[0]?.by ?? null;
    const failures = compare(one, route.recipients);
    if (one.by !== null && one.by !== by) {
      failures.push({ line: one.line, message: `expected by ${one.by}, came by ${by ?? 'nothing'}` });
    }
    return { name: one.name, line: one.line, failures };
  });
  const names = catalogue.routes.rules.map(({ name }) => name);
  return { cases: results, unreached: names.filter((name) => !deciding.has(name)) };
}

/** A warning that is raised at a level, with nothing but what its route depends on. */
export function routedWarning({
  item,
  merges,
  region,
  level,
  model,
  scope,
  tags,
}: TestedWarning): RoutedWarning {
  const task = merges.length === 0 ? {} : { task: { withinWorkdays: 1, items: merges, warnings: [] } };
  const key = scope === 'region' || scope === 'region+industry' ? (region ?? '') : '';
  const profile = { tags: [...tags], ...(region === null ? {} : { region }) };
  return { item, ...task, level, previous: 'none', model, scope, key, profile };
}

interface Told {
  readonly role: string;
  readonly channels: readonly string[];
}

function compare({ expect, line }: RouteCase, recipients: readonly Recipient[]): RouteFailure[] {
  const came = new Map<string, Told>();
  for (const { department, role, channel } of recipients) {
    came.set(department, { role, channels: [...(came.get(department)?.channels ?? []), channel] });
  }
  const failures = expect.flatMap((wanted): RouteFailure[] => {
    const told = came.get(wanted.department);
    came.delete(wanted.department);
    if (told !== undefined && words(told) === words(wanted)) return [];
    const actual = told === undefined ? 'nothing' : words(told);
    const message = `expected ${wanted.department} ${words(wanted)}, came ${actual}`;
    return [{ line: wanted.line, message }];
  });
  const others = [...came].map(([department, told]) => ({
    line,
    message: `came ${department} ${words(told)}, expected nothing`,
  }));
  return [...failures, ...others];
}

function words({ role, channels }: Told): string {
  return `${role === 'lead' ? 'as lead' : 'in copy'} by ${[...channels].sort().join(', ')}`;
}

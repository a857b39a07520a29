// Explains routes: who would hear of a warning, by which channels, why, and what was passed over.
import { routedWarning } from '../alerts/route-cases.js';
import type { Unmet } from '../alerts/route-conditions.js';
import { isTaken, routeOf, type ItemRoute, type Recipient, type Route } from '../alerts/routing.js';
import type { Catalogue } from '../catalogue/catalogue.js';
import { FALLBACK, USUAL } from '../catalogue/routes-schema.js';
import { isRegionCode } from '../events/identifiers.js';
import { CodedError } from '../events/coded-error.js';
import { visible } from '../model/format-diagnostic.js';
import { nearest } from '../model/nearest.js';
import type { TestedWarning } from '../model/route-tests.js';
import { defaults } from './environment.js';
import { loadRulesAt } from './named-rules.js';

export interface ExplainedRoute {
  readonly warning: TestedWarning;
  readonly route: Route;
  /** Whether a route takes every item, so that no fallback is needed. */
  readonly taken: boolean;
  /** Who hears of it, a department a line; nothing else unless explained. */
  readonly lines: readonly string[];
}

/**
 * Routes a warning by the rules of a folder.
 * @param explain whether the lines say why, and what was passed over
 * @throws CodedError USAGE for a region that is none, InvalidFiles for faulty rules
 */
export async function explainRoute(
  warning: TestedWarning,
  rulesDir: string | undefined,
  explain: boolean,
): Promise<ExplainedRoute> {
  if (warning.region !== null && !isRegionCode(warning.region)) {
    const shown = JSON.stringify(warning.region);
    throw new CodedError('USAGE', `--region is ${shown}; a region code has 2, 4, 6, 9 or 12 digits.`);
  }
  const { rules } = await loadRulesAt(rulesDir ?? defaults().rules);
  const { catalogue } = rules;
  const route = routeOf(routedWarning(warning), catalogue);
  const lines = [
    ...recipientLines(route.recipients, catalogue, explain),
    ...route.items.filter((one) => !isTaken(one)).map((one) => untakenLine(one, catalogue)),
    ...(explain ? route.items.flatMap((one) => passedLines(one, catalogue)) : []),
  ];
  return { warning, route, taken: route.items.every(isTaken), lines: lines.map(visible) };
}

function recipientLines(recipients: readonly Recipient[], catalogue: Catalogue, explain: boolean): string[] {
  const byDepartment = new Map<string, Recipient[]>();
  for (const one of recipients) {
    byDepartment.set(one.department, [...(byDepartment.get(one.department) ?? []), one]);
  }
  return [...byDepartment].flatMap(([department, told]) => {
    const role = told[0]?.role === 'lead' ? 'leads' : 'in copy';
    const channels = told.map(({ channel }) => channel).join(', ');
    const reasons = new Set(told.map((one) => reasonOf(one, catalogue)));
    return [
      `${named(catalogue, department)}: ${role}, by ${channels}`,
      ...(explain ? [...reasons].map((reason) => `  since ${reason}`) : []),
    ];
  });
}

/** For example `the usual route of food-operation: office of market-regulation for region 330199002 城西街道`. */
function reasonOf({ reason }: Recipient, catalogue: Catalogue): string {
  const { by, item, of, prefix } = reason;
  const route =
    by === USUAL
      ? `the usual route of ${item ?? ''}`
      : by === FALLBACK
        ? `the fallback, since nothing takes ${item ?? ''}`
        : `the rule ${ruleNamed(catalogue, by)} for ${item ?? ''}`;
  if (prefix === null) return `${route}: named there`;
  const where =
    prefix === '' ? 'all regions' : `region ${prefix} ${catalogue.regions.get(prefix) ?? ''}`.trim();
  return `${route}: answers for ${of} in ${where}`;
}

function untakenLine({ item, known, absent, by }: ItemRoute, catalogue: Catalogue): string {
  const lead = absent.find(({ role }) => role === 'lead')?.department ?? '';
  const near = nearest(item, catalogue.items.keys());
  const why = known
    ? `no office of ${lead} takes it`
    : `the catalogue has no such item${near === undefined ? '' : `, did you mean ${near}?`}`;
  const result = by === null ? 'nobody leads, and there is no fallback' : 'the fallback takes it';
  return `${item}: ${why}; ${result} (ALERT_NO_ROUTE)`;
}

function passedLines(
  { item, passedRules, passedOffices, absent }: ItemRoute,
  catalogue: Catalogue,
): string[] {
  const rules = passedRules.map(({ rule, because }) => {
    const why =
      because === 'decided'
        ? 'a rule before it decides'
        : because === 'nobody-leads'
          ? 'nobody would lead'
          : conditionText(because);
    return `  rule ${ruleNamed(catalogue, rule)}: ${why}`;
  });
  const offices = passedOffices.map(({ office, because }) => {
    const found = catalogue.departments.get(office);
    const why =
      because === 'level'
        ? `takes ${(found?.levels ?? []).join(', ')} only`
        : `does not handle items of ${catalogue.items.get(item)?.level ?? ''} level`;
    return `  office ${named(catalogue, office)}: ${why}`;
  });
  const none = absent.map(
    ({ department }) => `  ${named(catalogue, department)}: has no office that takes it`,
  );
  const lines = [...rules, ...offices, ...none];
  return lines.length === 0 ? [] : [`passed over for ${item}:`, ...lines];
}

function conditionText({ condition, asked, found }: Unmet): string {
  const has = found.length === 0 ? 'none' : found.join(', ');
  return `asks for ${condition} ${asked.join(', ')}, the warning has ${has}`;
}

function named(catalogue: Catalogue, department: string): string {
  return `${department} ${catalogue.departments.get(department)?.name ?? ''}`.trim();
}

function ruleNamed(catalogue: Catalogue, name: string): string {
  return `${name} ${catalogue.routes.rules.find((rule) => rule.name === name)?.title ?? ''}`.trim();
}

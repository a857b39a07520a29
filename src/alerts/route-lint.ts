// Proves of a catalogue that every warning has somebody who leads, that every rule decides something, and that every
// department is reached by something; what cannot be proved is named.
//
// Rules only ask for what a warning has, never for what it lacks. So what is taken without tags, of no model and on no
// scope is taken with any; and where the barest warning that a rule describes goes elsewhere, every other one does.
import type { Catalogue, Department, RouteRule } from '../catalogue/catalogue.js';
import type { Path } from '../catalogue/fault.js';
import { isWithin, regionPrefix } from '../catalogue/region.js';
import type { CatalogueFileName } from '../catalogue/schema.js';
import type { Code } from '../events/codes.js';
import { SCOPES } from '../events/event.js';
import { LEVELS, type Level } from '../model/model.js';
import type { RoutedWarning } from './route-conditions.js';
import { isTaken, routeOf } from './routing.js';

/** What is wrong, and where in the catalogue. */
export interface RouteFault {
  readonly code: Code;
  readonly severity: 'error' | 'warning';
  readonly file: CatalogueFileName;
  readonly path: Path;
  readonly on: 'value' | 'key';
  readonly message: string;
  readonly expected?: string;
}

/** Regions that a message names before it counts the rest. */
const NAMED_MAX = 5;
const SHOWN_LEVELS: readonly Level[] = [...LEVELS].reverse().filter((level) => level !== 'none');
/** A name that no rule asks for. */
const OTHER = '';

/** @param models names of the models of the rule set */
export function lintRoutes(catalogue: Catalogue, models: readonly string[]): RouteFault[] {
  const classes = regionClasses(catalogue);
  return [...gapsOf(catalogue, classes), ...idleRules(catalogue, models), ...unreached(catalogue, classes)];
}

/** A warning with nothing but what is given. */
function bare(item: string, region: string | null, level: Level): RoutedWarning {
  const profile = region === null ? {} : { region };
  return { item, level, previous: 'none', model: OTHER, scope: OTHER, key: '', profile };
}

/** Regions that no office and no rule tells apart, by one of them; null stands for a warning without a region. */
type RegionClasses = ReadonlyMap<string | null, readonly (string | null)[]>;

function regionClasses(catalogue: Catalogue): RegionClasses {
  const prefixes = [...prefixesIn(catalogue)].sort((a, b) => b.length - a.length);
  const regions = catalogue.regions.size > 0 ? [...catalogue.regions.keys()] : prefixes;
  const firsts = new Map<string, string>();
  const classes = new Map<string | null, (string | null)[]>([[null, [null]]]);
  for (const region of regions) {
    const longest = prefixes.find((prefix) => isWithin(regionPrefix(region), prefix)) ?? '';
    const first = firsts.get(longest) ?? region;
    firsts.set(longest, first);
    classes.set(first, [...(classes.get(first) ?? []), region]);
  }
  return classes;
}

/** Every prefix that an office or a rule names. */
function prefixesIn({ departments, routes }: Catalogue): Set<string> {
  const ofOffices = [...departments.values()].flatMap(({ region }) => region ?? []).map(regionPrefix);
  return new Set([...ofOffices, ...routes.rules.flatMap(({ match }) => match.region ?? [])]);
}

/** Every item in every region at every level; gaps alike are one fault. */
function gapsOf(catalogue: Catalogue, classes: RegionClasses): RouteFault[] {
  return [...catalogue.items.values()].flatMap(({ id, lead }) => {
    const byLevels = new Map<string, (string | null)[]>();
    for (const [region, alike] of classes) {
      const levels = SHOWN_LEVELS.filter((level) => {
        const [route] = routeOf(bare(id, region, level), catalogue).items;
        return route === undefined || !isTaken(route);
      });
      if (levels.length === 0) continue;
      const key = levels.join(', ');
      byLevels.set(key, [...(byLevels.get(key) ?? []), ...alike]);
    }
    return [...byLevels].map(([levels, regions]) => gap(catalogue, id, lead, levels, regions));
  });
}

function gap(
  catalogue: Catalogue,
  item: string,
  lead: string,
  levels: string,
  regions: readonly (string | null)[],
): RouteFault {
  const { fallback } = catalogue.routes;
  const inOrder = [...regions].sort((a, b) => ((a ?? '') < (b ?? '') ? -1 : 1));
  const where = inOrder.slice(0, NAMED_MAX).map((region) => {
    if (region === null) return 'without a region';
    const name = catalogue.regions.get(region);
    return name === undefined ? region : `${region} ${name}`;
  });
  const more = regions.length > NAMED_MAX ? ` and ${regions.length - NAMED_MAX} more` : '';
  const left = fallback === null ? 'nobody leads' : 'only the fallback takes';
  return {
    code: 'ROUTE_GAP',
    // A warning without a region is a matter of its data; a region that nobody answers for is a hole in the catalogue.
    severity: fallback === null && regions.some((region) => region !== null) ? 'error' : 'warning',
    file: 'items.yaml',
    path: [item, 'lead'],
    on: 'value',
    message: `${left} ${levels} warnings of "${item}" here: ${where.join(', ')}${more}`,
    expected: `an office of "${lead}" that takes them`,
  };
}

/** Rules that decide nothing that they describe. */
function idleRules(catalogue: Catalogue, models: readonly string[]): RouteFault[] {
  return catalogue.routes.rules.flatMap((rule, index): RouteFault[] => {
    const deciding = new Set<string>();
    for (const warning of described(rule, index, catalogue, models)) {
      const by = routeOf(warning, catalogue).items[0]?.by ?? null;
      if (by === rule.name) return [];
      deciding.add(by ?? 'nothing');
    }
    const earlier = catalogue.routes.rules.slice(0, index).filter(({ name }) => deciding.has(name));
    const names = earlier.map(({ name }) => `"${name}"`).join(', ');
    return [
      {
        code: 'ROUTE_NEVER',
        severity: 'warning',
        file: 'routes.yaml',
        path: ['routes', index, 'name'],
        on: 'value',
        message:
          earlier.length > 0
            ? `all that the rule "${rule.name}" describes is decided by ${names} before it`
            : `there is no warning that the rule "${rule.name}" would decide`,
        expected:
          earlier.length > 0
            ? `the rule before ${names}`
            : 'conditions that fit each other and the catalogue',
      },
    ];
  });
}

/** The barest warnings that a rule describes: with one of the values it asks for, and nothing it does not ask for. */
function* described(
  { match }: RouteRule,
  index: number,
  catalogue: Catalogue,
  models: readonly string[],
): Generator<RoutedWarning> {
  const before = catalogue.routes.rules.slice(0, index);
  const free = (values: readonly string[], condition: 'model' | 'scope') =>
    match[condition] ?? apart(values, new Set(before.flatMap((rule) => rule.match[condition] ?? [])));
  const items = [...catalogue.items.values()].filter(
    ({ id, domain }) => (match.item?.includes(id) ?? true) && (match.domain?.includes(domain) ?? true),
  );
  const levels = SHOWN_LEVELS.filter((level) => match.level?.includes(level) ?? true);
  for (const { id } of items)
    for (const level of levels)
      for (const model of free(models, 'model'))
        for (const scope of free(SCOPES, 'scope'))
          for (const region of match.region ?? [null])
            for (const tag of match.tag ?? [null]) {
              const profile = {
                ...(region === null ? {} : { region }),
                ...(tag === null ? {} : { tags: [tag] }),
              };
              yield { item: id, level, previous: 'none', model, scope, key: region ?? '', profile };
            }
}

/** The values that earlier rules ask for, and one that they do not, as far as there are such. */
function apart(values: readonly string[], asked: ReadonlySet<string>): string[] {
  const other = values.find((value) => !asked.has(value)) ?? (asked.size === 0 ? OTHER : undefined);
  return other === undefined ? [...asked] : [other];
}

/** Departments to which no item, office, rule, fallback or urging leads. */
function unreached(catalogue: Catalogue, classes: RegionClasses): RouteFault[] {
  const { routes, departments, items } = catalogue;
  const reached = new Set<string>(routes.fallback?.departments ?? []);
  for (const { to } of routes.rules)
    for (const one of to) if (typeof one === 'object') reached.add(one.department);
  for (const id of items.keys())
    for (const region of classes.keys())
      for (const level of SHOWN_LEVELS)
        for (const { department } of routeOf(bare(id, region, level), catalogue).recipients)
          reached.add(department);
  for (const { superior } of departments.values()) if (superior !== undefined) reached.add(superior);
  for (const { urge } of catalogue.plans.values()) for (const { to } of urge) reached.add(to);
  return [...departments.values()].filter(({ id }) => !reached.has(id)).map(outOfReach);
}

function outOfReach({ id, officeOf }: Department): RouteFault {
  const expected =
    officeOf === undefined
      ? 'an item, a rule of routes.yaml or the fallback that names it'
      : `items of "${officeOf}" whose administrative level fits its region, and a region and levels no longer prefix takes`;
  return {
    code: 'ROUTE_UNREACHED',
    severity: 'warning',
    file: 'departments.yaml',
    path: [id],
    on: 'key',
    message: `no route, fallback or urging ever reaches "${id}"`,
    expected,
  };
}

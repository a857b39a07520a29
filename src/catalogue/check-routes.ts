// Checks offices and routes across the files of the catalogue: names, regions, who of two offices would answer.
import type { Catalogue, Department, RouteRule } from './catalogue.js';
import type { Code } from '../events/codes.js';
import { unknownDepartment, unknownName, type FileFault } from './file-fault.js';
import type { Path } from './fault.js';
import { isWithin, regionPrefix } from './region.js';

const DEPARTMENTS = 'departments.yaml';
const ROUTES = 'routes.yaml';

/** Offices: of which department, in a known region, and two of one department never for the same warnings. */
export function checkOffices(catalogue: Catalogue): FileFault[] {
  return [...catalogue.departments.values()].flatMap((department) => {
    const { id, officeOf, region } = department;
    const place = region === undefined ? [] : unknownRegion(catalogue, DEPARTMENTS, [id, 'region'], region);
    if (officeOf === undefined) return place;
    const path = [id, 'office_of'];
    const unknown = unknownDepartment(catalogue, DEPARTMENTS, path, officeOf);
    if (unknown.length > 0) return [...place, ...unknown];
    const of = catalogue.departments.get(officeOf)?.officeOf;
    const chain =
      of === undefined
        ? []
        : [wrong('CATALOGUE_OFFICE', path, `"${officeOf}" is itself an office`, `office_of: ${of}`)];
    return [...place, ...chain, ...rivals(catalogue, department)];
  });
}

function wrong(code: Code, path: Path, message: string, expected: string): FileFault {
  return { file: DEPARTMENTS, code, severity: 'error', path, on: 'value', message, expected };
}

/** Offices before this one that answer for the same warnings. */
function rivals(catalogue: Catalogue, office: Department): FileFault[] {
  const prefix = regionPrefix(office.region ?? '');
  const beside = catalogue.offices.get(office.officeOf ?? '')?.get(prefix) ?? [];
  const before = beside.slice(0, beside.indexOf(office)).filter((one) => one.officeOf === office.officeOf);
  const levels = (one: Department) => one.levels ?? ['red', 'orange', 'yellow', 'blue'];
  return before.flatMap((one) => {
    const both = levels(office).filter((level) => levels(one).includes(level));
    if (both.length === 0) return [];
    const message = `"${one.id}" takes ${both.join(', ')} warnings of this region, too`;
    return [
      wrong(
        'CATALOGUE_OFFICES_ALIKE',
        [office.id, office.levels === undefined ? 'region' : 'levels'],
        message,
        'one office for each',
      ),
    ];
  });
}

/** A region is known where it is in regions.yaml, or one in it lies within; without that file all are. */
function unknownRegion(
  catalogue: Catalogue,
  file: FileFault['file'],
  path: Path,
  region: string,
): FileFault[] {
  const among = [...catalogue.regions.keys()];
  const prefix = regionPrefix(region);
  if (among.length === 0 || among.some((code) => isWithin(regionPrefix(code), prefix))) return [];
  return [
    unknownName('CATALOGUE_REGION_UNKNOWN', file, path, region, 'region % in catalogue/regions.yaml', among),
  ];
}

/** Routes: each name once, nothing named that the catalogue lacks, backups that end. Models are checked by who has them. */
export function checkRoutes(catalogue: Catalogue): FileFault[] {
  const { rules, fallback, backup } = catalogue.routes;
  const seen = new Set<string>();
  return [
    ...rules.flatMap((rule, index) => {
      const path = ['routes', index];
      const again = seen.has(rule.name) ? [twice(path, rule.name)] : [];
      seen.add(rule.name);
      return [...again, ...checkMatch(catalogue, path, rule), ...checkTargets(catalogue, path, rule)];
    }),
    ...(fallback?.departments ?? []).flatMap((department, index) =>
      unknownDepartment(catalogue, ROUTES, ['fallback', 'departments', index], department),
    ),
    ...[...backup.keys()].flatMap((channel): FileFault[] => {
      if (!returns(backup, channel)) return [];
      const message = `"${channel}" is, through its backups, a backup of itself`;
      return [
        {
          file: ROUTES,
          code: 'ROUTE_BACKUP_CYCLE',
          severity: 'error',
          path: ['backup', channel],
          on: 'value',
          message,
        },
      ];
    }),
  ];
}

function twice(path: Path, name: string): FileFault {
  const message = `another rule before it is called "${name}"`;
  return {
    file: ROUTES,
    code: 'ROUTE_NAME_TWICE',
    severity: 'error',
    path: [...path, 'name'],
    on: 'value',
    message,
    expected: 'a name of its own',
  };
}

function checkMatch(catalogue: Catalogue, path: Path, { match }: RouteRule): FileFault[] {
  const domains = [...new Set([...catalogue.items.values()].map(({ domain }) => domain))];
  const items = [...catalogue.items.keys()];
  // Where the file has a single value instead of a list, the place is that of the value.
  const at = (condition: string, index: number) => [...path, 'match', condition, index];
  return [
    ...(match.domain ?? []).flatMap((domain, index) =>
      domains.includes(domain)
        ? []
        : [
            unknownName(
              'ROUTE_ITEM_UNKNOWN',
              ROUTES,
              at('domain', index),
              domain,
              'item of the domain %',
              domains,
            ),
          ],
    ),
    ...(match.item ?? []).flatMap((item, index) =>
      catalogue.items.has(item)
        ? []
        : [
            unknownName(
              'ROUTE_ITEM_UNKNOWN',
              ROUTES,
              at('item', index),
              item,
              'item % in catalogue/items.yaml',
              items,
            ),
          ],
    ),
    ...(match.region ?? []).flatMap((region, index) =>
      unknownRegion(catalogue, ROUTES, at('region', index), region),
    ),
  ];
}

function checkTargets(catalogue: Catalogue, path: Path, { to }: RouteRule): FileFault[] {
  return to.flatMap((target, index) =>
    typeof target === 'string'
      ? []
      : unknownDepartment(catalogue, ROUTES, [...path, 'to', index, 'department'], target.department),
  );
}

/** Whether a channel comes back to itself by way of its backups. */
function returns(backup: ReadonlyMap<string, string>, channel: string): boolean {
  const seen = new Set<string>();
  let next = backup.get(channel);
  while (next !== undefined && !seen.has(next)) {
    if (next === channel) return true;
    seen.add(next);
    next = backup.get(next);
  }
  return false;
}

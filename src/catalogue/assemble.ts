// From the content of the catalogue's files to the catalogue: look-up maps, and checks across files.
import type {
  Calendar,
  Catalogue,
  Department,
  GeographicPlace,
  Item,
  LocalDate,
  Plan,
  PlanStep,
  Routes,
} from './catalogue.js';
import { basesInForce } from './catalogue.js';
import { checkOffices, checkRoutes } from './check-routes.js';
import { checkPlans } from './check-plans.js';
import { drawRulesOf } from './draw-rules.js';
import { unknownDepartment, type FileFault } from './file-fault.js';
import { officesOf } from './jurisdiction.js';
import { pushRulesOf } from './push.js';
import { queueRulesOf } from './queue.js';
import { regionPrefix } from './region.js';
import { retentionOf } from './retention.js';
import type { CatalogueContent } from './schema.js';
import { parseTags } from './tag-expression.js';
import { URGED_BY_ROLE, USUAL_URGING, type UrgeStep } from './urging.js';

type ItemContent = NonNullable<CatalogueContent['items.yaml']>[string];
type DepartmentContent = NonNullable<CatalogueContent['departments.yaml']>[string];
type RoutesContent = NonNullable<CatalogueContent['routes.yaml']>;
type PlanContent = NonNullable<CatalogueContent['plans.yaml']>[string];
type CalendarContent = NonNullable<CatalogueContent['calendar.yaml']>;

/** Builds the look-ups. References between files are checked by `crossCheck`. */
export function assembleCatalogue(content: CatalogueContent): Catalogue {
  const departments = mapOf(content['departments.yaml'], departmentOf);
  return {
    items: mapOf(content['items.yaml'], itemOf),
    departments,
    offices: officesOf(departments.values()),
    routes: routesOf(content['routes.yaml']),
    regions: mapOf(content['regions.yaml'], (_code, named) =>
      typeof named === 'string' ? named : named.name,
    ),
    regionPlaces: placesOf(content['regions.yaml'] ?? {}),
    plans: mapOf(content['plans.yaml'], planOf),
    calendar: calendarOf(content['calendar.yaml']),
    lists: mapOf(content['lists.yaml'], (_id, list): ReadonlySet<string> => new Set(list.values)),
    push: pushRulesOf(content['push.yaml']),
    queue: queueRulesOf(content['queue.yaml']),
    draws: drawRulesOf(content['draws.yaml']),
    evaluation: content['evaluation.yaml'] ?? null,
    retention: retentionOf(content['retention.yaml']),
  };
}

/** Where the regions lie of which that is said. */
function placesOf(regions: NonNullable<CatalogueContent['regions.yaml']>): Map<string, GeographicPlace> {
  const places = new Map<string, GeographicPlace>();
  for (const [code, named] of Object.entries(regions)) {
    if (typeof named === 'string') continue;
    places.set(code, { longitude: named.longitude, latitude: named.latitude });
  }
  return places;
}

function mapOf<T, R>(
  content: { readonly [id: string]: T } | undefined,
  build: (id: string, record: T) => R,
): Map<string, R> {
  return new Map(Object.entries(content ?? {}).map(([id, record]) => [id, build(id, record)]));
}

function itemOf(id: string, { subjects, ...rest }: ItemContent): Item {
  if (subjects === undefined) return { id, ...rest };
  // The schema has read the expression already.
  const read = subjects.tags === undefined ? null : parseTags(subjects.tags);
  return {
    id,
    ...rest,
    subjects: { test: read?.ok === true ? read.test : null, industry: subjects.industry },
  };
}

function departmentOf(
  id: string,
  { office_of: officeOf, inspections_per_week: perWeek, ...rest }: DepartmentContent,
): Department {
  return { id, ...rest, superior: rest.superior ?? officeOf, officeOf, perWeek };
}

function routesOf(content: RoutesContent | undefined): Routes {
  const rules = (content?.routes ?? []).map((rule) => ({
    ...rule,
    match: { ...rule.match, region: rule.match.region?.map(regionPrefix) },
  }));
  return {
    rules,
    fallback: content?.fallback ?? null,
    backup: new Map(Object.entries(content?.backup ?? {})),
  };
}

function planOf(id: string, plan: PlanContent): Plan {
  const levels: { [level: string]: PlanStep } = {};
  for (const [level, step] of Object.entries(plan.levels)) {
    if (step === undefined) continue;
    levels[level] = {
      action: step.action,
      signWithin: step.sign_within,
      feedbackWithin: step.feedback_within,
      closeWithin: step.close_within,
    };
  }
  const { title, urge = USUAL_URGING, judgement } = plan;
  return { id, title, levels, urge, ...(judgement === undefined ? {} : { judgement }) };
}

const HOUR_MS = 3_600_000;
/** Office hours where the calendar names none. */
const USUAL_HOURS: Calendar['hours'] = [
  [9 * HOUR_MS, 12 * HOUR_MS],
  [14 * HOUR_MS, 18 * HOUR_MS],
];

/** Without a calendar file no day is known; loading refuses that case, so nothing ever runs on it. */
function calendarOf(content: CalendarContent | undefined): Calendar {
  const [firstYear, lastYear] = content?.years ?? [1, 0];
  return {
    zone: content?.zone ?? 'Asia/Shanghai',
    firstYear,
    lastYear,
    holidays: new Set(content?.holidays),
    workdays: new Set(content?.workdays),
    hours: content?.hours ?? USUAL_HOURS,
  };
}

/**
 * Checks what no single file shows: departments that items and departments name, cycles among superiors,
 * days that are both holiday and working day, offices and routes that name nothing, and items without a legal basis in
 * force.
 * @param today the day on which each item must have one; not checked where undefined
 */
export function crossCheck(catalogue: Catalogue, today?: LocalDate): FileFault[] {
  return [
    ...checkDepartments(catalogue),
    ...checkOffices(catalogue),
    ...checkItems(catalogue),
    ...checkUrging(catalogue),
    ...checkPlans(catalogue),
    ...checkCaps(catalogue),
    ...checkRoutes(catalogue),
    ...(today === undefined ? [] : checkBases(catalogue, today)),
    ...checkCalendar(catalogue.calendar),
  ];
}

function checkItems(catalogue: Catalogue): FileFault[] {
  return [...catalogue.items.values()].flatMap((item) => [
    ...unknownDepartment(catalogue, 'items.yaml', [item.id, 'lead'], item.lead),
    ...item.cooperating.flatMap((department, index) =>
      unknownDepartment(catalogue, 'items.yaml', [item.id, 'cooperating', index], department),
    ),
  ]);
}

function checkCaps(catalogue: Catalogue): FileFault[] {
  return [...(catalogue.push.cap?.departments.keys() ?? [])].flatMap((department) =>
    unknownDepartment(catalogue, 'push.yaml', ['cap', 'departments', department], department),
  );
}

/** Departments that plans and draws urge by. */
function checkUrging(catalogue: Catalogue): FileFault[] {
  const unknown = (file: 'plans.yaml' | 'draws.yaml', path: readonly string[], urge: readonly UrgeStep[]) =>
    urge.flatMap(({ to }, index) =>
      URGED_BY_ROLE.has(to) ? [] : unknownDepartment(catalogue, file, [...path, 'urge', index, 'to'], to),
    );
  return [
    ...[...catalogue.plans.values()].flatMap(({ id, urge }) => unknown('plans.yaml', [id], urge)),
    ...unknown('draws.yaml', [], catalogue.draws.urge),
  ];
}

function checkDepartments(catalogue: Catalogue): FileFault[] {
  return [...catalogue.departments.values()].flatMap((department) => {
    if (department.superior === undefined) return [];
    // By default the department whose office it is, which is checked as such.
    if (department.superior === department.officeOf && !catalogue.departments.has(department.superior))
      return [];
    const path = [department.id, 'superior'];
    const unknown = unknownDepartment(catalogue, 'departments.yaml', path, department.superior);
    if (unknown.length > 0 || !isOwnSuperior(catalogue, department)) return unknown;
    const message = `"${department.id}" is, through its superiors, a superior of itself`;
    return [
      { file: 'departments.yaml', code: 'CATALOGUE_CYCLE', severity: 'error', path, on: 'value', message },
    ];
  });
}

function isOwnSuperior(catalogue: Catalogue, department: Department): boolean {
  const seen = new Set<string>();
  let superior = department.superior;
  while (superior !== undefined && !seen.has(superior)) {
    if (superior === department.id) return true;
    seen.add(superior);
    superior = catalogue.departments.get(superior)?.superior;
  }
  return false;
}

/** Bases of the past stand beside those of today, as evidence of old warnings; an item without any of today is a gap. */
function checkBases(catalogue: Catalogue, today: LocalDate): FileFault[] {
  return [...catalogue.items.values()].flatMap((item): FileFault[] =>
    basesInForce(item, today).length > 0
      ? []
      : [
          {
            file: 'items.yaml',
            code: 'CATALOGUE_BASIS_EXPIRED',
            severity: 'warning',
            path: [item.id, 'legal'],
            on: 'value',
            message: `the item "${item.id}" has no legal basis in force on ${today}`,
            expected: 'a basis whose from and until include that day',
          },
        ],
  );
}

function checkCalendar(calendar: Calendar): FileFault[] {
  return [...calendar.workdays].flatMap((day, index): FileFault[] =>
    calendar.holidays.has(day)
      ? [
          {
            file: 'calendar.yaml',
            code: 'CATALOGUE_DAY_TWICE',
            severity: 'error',
            path: ['workdays', index],
            on: 'value',
            message: `${day} is under both holidays and workdays`,
            expected: 'each day under one of them',
          },
        ]
      : [],
  );
}

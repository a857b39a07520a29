// Jurisdiction (管辖): which office of a department answers for a region, an item and a level.
import type { Catalogue, Department, Item } from './catalogue.js';
import { regionPrefix } from './region.js';

/** Lengths of the regions whose offices handle the items of an administrative level; 9 and 12 are outposts (派出机构). */
const OFFICE_LENGTHS: { readonly [level in Item['level']]: readonly number[] } = {
  province: [2],
  city: [4],
  county: [6, 9, 12],
};

/** An office that covers the region and does not get the warning. */
export interface PassedOffice {
  readonly office: string;
  readonly prefix: string;
  /** `level`: it does not take warnings of this level; `rank`: it does not handle items of this administrative level. */
  readonly because: 'level' | 'rank';
}

export interface Jurisdiction {
  /** Null where no office answers. */
  readonly office: Department | null;
  /** The region prefix by which it answers; empty where it answers for all regions. */
  readonly prefix: string;
  /** Those with a longer prefix that do not get it. */
  readonly passed: readonly PassedOffice[];
}

/** Who answers, by department and region prefix. At one prefix the offices come before the department itself. */
export function officesOf(departments: Iterable<Department>): Catalogue['offices'] {
  const offices = new Map<string, Map<string, Department[]>>();
  const own: [string, Department][] = [];
  const all: [string, Department][] = [];
  for (const department of departments) {
    own.push([department.id, department]);
    if (department.officeOf !== undefined) all.push([department.officeOf, department]);
  }
  for (const [of, department] of [...all, ...own]) {
    const prefix = regionPrefix(department.region ?? '');
    const byPrefix = offices.get(of) ?? new Map<string, Department[]>();
    byPrefix.set(prefix, [...(byPrefix.get(prefix) ?? []), department]);
    offices.set(of, byPrefix);
  }
  return offices;
}

/**
 * The office of a department that answers for a warning: the one with the longest region prefix that handles items of
 * the administrative level and takes warnings of the level.
 * @param prefixes of its region, as `prefixesOf` gives them
 */
export function officeFor(
  catalogue: Pick<Catalogue, 'offices'>,
  department: string,
  rank: Item['level'],
  prefixes: readonly string[],
  level: string,
): Jurisdiction {
  const byPrefix = catalogue.offices.get(department);
  const passed: PassedOffice[] = [];
  for (const prefix of prefixes) {
    for (const office of byPrefix?.get(prefix) ?? []) {
      const handles = prefix === '' || OFFICE_LENGTHS[rank].includes(prefix.length);
      const takes = office.levels === undefined || office.levels.includes(level);
      if (handles && takes) return { office, prefix, passed };
      passed.push({ office: office.id, prefix, because: handles ? 'level' : 'rank' });
    }
  }
  return { office: null, prefix: '', passed };
}

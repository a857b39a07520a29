// What warnings would ask of departments week by week, against the inspections that they can make.
import type { Catalogue } from '../../catalogue/catalogue.js';
import { keyOf, type RaisedWarning } from './raised.js';
import type { Weeks } from './weeks.js';

export interface DepartmentWeek {
  /** Its first day, local. */
  readonly week: string;
  readonly warnings: number;
  /** Subjects with a warning of that week: a visit each, however many warnings it has. */
  readonly subjects: number;
  /** Subjects that wait at its end, where the capacity is known. */
  readonly waiting: number | null;
}

export interface DepartmentLoad {
  readonly department: string;
  readonly name: string | null;
  /** Inspections a week; null where the catalogue does not say. */
  readonly capacity: number | null;
  readonly warnings: number;
  /** Subjects a week, on average over all weeks. */
  readonly mean: number;
  readonly most: number;
  /** Weeks that bring more subjects than can be inspected; null without a capacity. */
  readonly over: number | null;
  readonly weeks: readonly DepartmentWeek[];
}

/**
 * The load of each department that leads an item with a warning, the most loaded first. What waits at the end of a week is
 * max(0, what waited before + what came - capacity): the recursion of D. V. Lindley, The theory of queues with a single
 * server, Mathematical Proceedings of the Cambridge Philosophical Society 48 (1952) 277-289. A subject that is warned
 * about again while it waits counts again, so it is the most that may wait.
 * @param begins of all weeks, epoch ms ascending
 */
export function loadOf(
  warnings: readonly Pick<RaisedWarning, 'item' | 'scope' | 'key' | 'raised'>[],
  { items, departments, queue }: Pick<Catalogue, 'items' | 'departments' | 'queue'>,
  begins: readonly number[],
  weeks: Weeks,
): DepartmentLoad[] {
  const byDepartment = new Map<string, Map<number, { warnings: number; keys: Set<string> }>>();
  for (const warning of warnings) {
    const department = items.get(warning.item)?.lead ?? warning.item;
    const own = byDepartment.get(department) ?? new Map<number, { warnings: number; keys: Set<string> }>();
    byDepartment.set(department, own);
    const begin = weeks.beginOf(warning.raised);
    const week = own.get(begin) ?? { warnings: 0, keys: new Set<string>() };
    own.set(begin, week);
    week.warnings++;
    week.keys.add(keyOf(warning));
  }
  const loads = [...byDepartment].map(([id, own]) => {
    const department = departments.get(id);
    const capacity = department?.perWeek ?? queue.perWeek;
    const rows = rowsOf(begins, own, capacity, weeks);
    const subjects = rows.map((row) => row.subjects);
    return {
      department: id,
      name: department?.name ?? null,
      capacity,
      warnings: rows.reduce((sum, row) => sum + row.warnings, 0),
      mean: rows.length === 0 ? 0 : subjects.reduce((sum, one) => sum + one, 0) / rows.length,
      most: subjects.reduce((most, one) => Math.max(most, one), 0),
      over: capacity === null ? null : subjects.filter((one) => one > capacity).length,
      weeks: rows,
    };
  });
  return loads.sort((a, b) => b.warnings - a.warnings || (a.department < b.department ? -1 : 1));
}

function rowsOf(
  begins: readonly number[],
  own: ReadonlyMap<number, { readonly warnings: number; readonly keys: ReadonlySet<string> }>,
  capacity: number | null,
  weeks: Weeks,
): DepartmentWeek[] {
  let waited = 0;
  return begins.map((begin) => {
    const subjects = own.get(begin)?.keys.size ?? 0;
    if (capacity !== null) waited = Math.max(0, waited + subjects - capacity);
    return {
      week: weeks.dateOf(begin),
      warnings: own.get(begin)?.warnings ?? 0,
      subjects,
      waiting: capacity === null ? null : waited,
    };
  });
}

// Warnings counted: by the gravest level that each reached, by model, department, week and subject.
import type { Catalogue } from '../../catalogue/catalogue.js';
import { LEVELS, rank, type Level } from '../../model/model.js';
import { loadOf, type DepartmentLoad } from './load.js';
import { keyOf, type RaisedWarning } from './raised.js';
import type { Weeks } from './weeks.js';

/** Of a warning what is counted. */
export type CountedWarning = Pick<RaisedWarning, 'model' | 'item' | 'scope' | 'key' | 'raised' | 'level'>;

/** How many warnings there are, by the gravest level that each reached. */
export type LevelCounts = { readonly [level in Exclude<Level, 'none'>]: number } & { readonly total: number };

export interface WarningCounts {
  readonly warnings: LevelCounts;
  /** By the department that leads the item. */
  readonly departments: readonly ({ readonly department: string; readonly name: string } & LevelCounts)[];
  readonly weeks: readonly ({ readonly week: string } & LevelCounts)[];
  /** The subjects with the gravest and most warnings. */
  readonly subjects: readonly {
    readonly scope: string;
    readonly key: string;
    readonly total: number;
    readonly gravest: Level;
    readonly models: readonly string[];
  }[];
  readonly load: readonly DepartmentLoad[];
}

const SUBJECTS_SHOWN = 20;

/** @param begins of all weeks of the span, epoch ms ascending */
export function countWarnings(
  warnings: readonly CountedWarning[],
  catalogue: Pick<Catalogue, 'items' | 'departments' | 'queue'>,
  begins: readonly number[],
  weeks: Weeks,
): WarningCounts {
  const { items, departments } = catalogue;
  const leadOf = ({ item }: CountedWarning) => items.get(item)?.lead ?? item;
  const byWeek = countedBy(warnings, ({ raised }) => weeks.dateOf(weeks.beginOf(raised)));
  return {
    warnings: countsOf(warnings),
    departments: [...countedBy(warnings, leadOf)]
      .map(([id, counts]) => ({ department: id, name: departments.get(id)?.name ?? id, ...counts }))
      .sort((a, b) => b.total - a.total || (a.department < b.department ? -1 : 1)),
    weeks: begins.map((begin) => {
      const week = weeks.dateOf(begin);
      return { week, ...(byWeek.get(week) ?? countsOf([])) };
    }),
    subjects: subjectsOf(warnings),
    load: loadOf(warnings, catalogue, begins, weeks),
  };
}

/** Warnings by level under whatever name each has. */
export function countedBy(
  warnings: readonly CountedWarning[],
  nameOf: (warning: CountedWarning) => string,
): Map<string, LevelCounts> {
  const groups = new Map<string, CountedWarning[]>();
  for (const warning of warnings) {
    const name = nameOf(warning);
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [warning]);
    else group.push(warning);
  }
  return new Map([...groups].map(([name, group]) => [name, countsOf(group)]));
}

/** Warnings by level. */
export function countsOf(warnings: readonly Pick<CountedWarning, 'level'>[]): LevelCounts {
  const counts = { total: 0, red: 0, orange: 0, yellow: 0, blue: 0 };
  for (const { level } of warnings) {
    counts.total++;
    if (level !== 'none') counts[level]++;
  }
  return counts;
}

function subjectsOf(warnings: readonly CountedWarning[]): WarningCounts['subjects'] {
  const subjects = new Map<
    string,
    { scope: string; key: string; total: number; gravest: number; models: Set<string> }
  >();
  for (const warning of warnings) {
    const { scope, key, level, model } = warning;
    const name = keyOf(warning);
    const one = subjects.get(name) ?? { scope, key, total: 0, gravest: 0, models: new Set() };
    subjects.set(name, one);
    one.total++;
    one.gravest = Math.max(one.gravest, rank(level));
    one.models.add(model);
  }
  return [...subjects.values()]
    .sort((a, b) => b.gravest - a.gravest || b.total - a.total || (a.key < b.key ? -1 : 1))
    .slice(0, SUBJECTS_SHOWN)
    .map(({ models, gravest, ...one }) => {
      return { ...one, gravest: LEVELS[gravest] ?? 'none', models: [...models].sort() };
    });
}

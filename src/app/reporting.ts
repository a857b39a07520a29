// What came of warnings, as a report: from a running system, or from a data folder that nobody has open.
import { DRAWN_TITLE } from '../alerts/drawn-task.js';
import { OutcomeTally, type DepartmentOutcome, type ModelOutcome } from '../alerts/outcome.js';
import type { AlertState } from '../alerts/state.js';
import { localTime } from '../alerts/wording.js';
import { DRAWN_MODEL } from '../evidence/draw.js';
import type { RuleSet } from '../model/ruleset.js';
import type { WarningBook } from '../pipeline/warning-book.js';
import { readStores } from './folder-reading.js';
import type { Place } from './place.js';
import { table } from './terminal-table.js';

/** The report as GET /v1/report answers it. */
export interface Report {
  readonly at: string | null;
  readonly models: readonly {
    readonly model: string;
    readonly title: string | null;
    readonly warnings: number;
    readonly confirmed: number;
    readonly not_confirmed: number;
    readonly precision: ModelOutcome['precision'];
    readonly hours_to_sign: number | null;
    readonly hours_to_feedback: number | null;
    readonly harms: number;
    readonly hours_of_lead: number | null;
    readonly deadlines_kept: number;
    readonly deadlines_missed: number;
  }[];
  readonly departments: readonly {
    readonly department: { readonly id: string; readonly name: string | null };
    readonly open: number;
    readonly overdue: number;
    readonly handled: number;
  }[];
}

/** What of it somebody may see. */
export interface Shown {
  warning(state: AlertState): boolean;
  department(id: string): boolean;
}

/** A report, and up to which instant, epoch ms, its figures hold if nothing comes in. */
export interface Reckoned {
  readonly report: Report;
  readonly holdsUntil: number;
}

const ALL: Shown = { warning: () => true, department: () => true };

/** Adds every warning up, a page at a time. @param clock of the log, epoch ms */
export async function reportOn(
  book: WarningBook,
  rules: RuleSet,
  clock: number,
  shown: Shown = ALL,
): Promise<Reckoned> {
  const tally = new OutcomeTally(clock);
  for await (const page of book.all()) for (const state of page) if (shown.warning(state)) tally.add(state);
  const titles = new Map([
    ...rules.models.map(({ name, title }) => [name, title] as const),
    [DRAWN_MODEL, DRAWN_TITLE],
  ]);
  const report: Report = {
    at: Number.isFinite(clock) ? new Date(clock).toISOString() : null,
    models: tally.models.map((one) => modelRow(one, titles.get(one.model) ?? null)),
    departments: tally.departments
      .filter(({ department }) => shown.department(department))
      .map((one) => departmentRow(one, rules)),
  };
  return { report, holdsUntil: tally.holdsUntil };
}

function modelRow(one: ModelOutcome, title: string | null): Report['models'][number] {
  return {
    model: one.model,
    title,
    warnings: one.warnings,
    confirmed: one.confirmed,
    not_confirmed: one.notConfirmed,
    precision: one.precision,
    hours_to_sign: one.hoursToSign,
    hours_to_feedback: one.hoursToFeedback,
    harms: one.harms,
    hours_of_lead: one.hoursOfLead,
    deadlines_kept: one.deadlinesKept,
    deadlines_missed: one.deadlinesMissed,
  };
}

function departmentRow(
  { department: id, ...counts }: DepartmentOutcome,
  { catalogue }: RuleSet,
): Report['departments'][number] {
  return { department: { id, name: catalogue.departments.get(id)?.name ?? null }, ...counts };
}

/**
 * The report of a deployment, by the rules that it ran last, as JSON and as lines for a terminal.
 * @throws CodedError as `readStores` does
 */
export async function reportOf(
  place: Place,
): Promise<{ readonly report: Report; readonly lines: readonly string[] }> {
  const read = await readStores(place, 'GET /v1/report', async ({ book, rules, clock }) => {
    const { report } = await reportOn(book, rules, clock);
    return { report, lines: reportLines(report, rules.catalogue.calendar.zone) };
  });
  return read ?? { report: { at: null, models: [], departments: [] }, lines: [NOTHING] };
}

const NOTHING = '尚无预警。';

const MODEL_HEAD = [
  '模型',
  '预警',
  '属实',
  '不属实',
  '准确率',
  '95%置信区间',
  '签收用时',
  '反馈用时',
  '损害',
  '提前',
  '按时',
  '超期',
];
const DEPARTMENT_HEAD = ['部门', '在办', '其中超期', '已反馈'];

/** The report for a terminal. @param zone of local time */
export function reportLines({ at, models, departments }: Report, zone: string): string[] {
  if (models.length === 0) return [NOTHING];
  const until = at === null ? '' : `（截至 ${localTime(Date.parse(at), zone)}）`;
  const modelRows = models.map((one) => [
    one.title ?? one.model,
    String(one.warnings),
    String(one.confirmed),
    String(one.not_confirmed),
    one.precision === null ? '—' : percent(one.precision.value),
    one.precision === null ? '—' : `${percent(one.precision.low)}—${percent(one.precision.high)}`,
    hours(one.hours_to_sign),
    hours(one.hours_to_feedback),
    String(one.harms),
    hours(one.hours_of_lead),
    String(one.deadlines_kept),
    String(one.deadlines_missed),
  ]);
  const departmentRows = departments.map(({ department: { id, name }, open, overdue, handled }) => [
    name ?? id,
    String(open),
    String(overdue),
    String(handled),
  ]);
  return [
    `各模型预警成效${until}`,
    ...table([MODEL_HEAD, ...modelRows]),
    '属实、不属实以部门反馈为准；用时为自预警起的中位数；损害为反馈属实且发生损害的件数，提前为自预警到损害发生的中位数，负数为损害在先；按时、超期为各项办理时限的件数。',
    '',
    '各部门办理情况',
    ...table([DEPARTMENT_HEAD, ...departmentRows]),
  ];
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)}%`;
}

function hours(value: number | null): string {
  return value === null ? '—' : `${value.toFixed(1)} 小时`;
}

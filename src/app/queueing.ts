// The ranked queue of a department: of a running system, or of a data folder that nobody has open.
import { DateTime } from 'luxon';
import { titleOf } from '../alerts/drawn-task.js';
import type { AlertState } from '../alerts/state.js';
import { rankedQueue, waitingOf, type Ranked } from '../alerts/work-queue.js';
import { levelName, localTime, nameOf } from '../alerts/wording.js';
import { CodedError } from '../events/coded-error.js';
import type { RuleSet } from '../model/ruleset.js';
import type { TakenRecord } from '../pipeline/alert-round.js';
import { decodeJson } from '../pipeline/checkpoint.js';
import type { WarningBook } from '../pipeline/warning-book.js';
import type { Log } from '../ports/log.js';
import { readStores } from './folder-reading.js';
import type { Place } from './place.js';
import { table } from './terminal-table.js';

/** The queue as GET /v1/queue answers it. */
export interface QueueView {
  readonly at: string | null;
  readonly department: { readonly id: string; readonly name: string | null };
  /** Inspections a week; null where the catalogue does not say. */
  readonly per_week: number | null;
  /** Subjects that it gave a finding on since Monday. */
  readonly visited: number;
  readonly total: number;
  readonly suspended: number;
  readonly items: readonly {
    readonly rank: number;
    readonly warning: string;
    readonly level: string;
    readonly level_name: string;
    readonly name: string;
    readonly title: string;
    readonly points: number;
    readonly parts: readonly {
      readonly factor: string;
      readonly points: number;
      readonly of: number;
      readonly text: string;
    }[];
    readonly visit: number;
    readonly this_week: boolean | null;
    readonly text: string;
  }[];
}

/** From what a queue is made. */
export interface QueueSource {
  readonly book: WarningBook;
  readonly rules: RuleSet;
  /** The log of actions that were taken. */
  readonly taken: Log;
  /** Of the log, epoch ms. */
  readonly clock: number;
}

/** Open warnings of one department that are ranked; those beyond are the least grave. */
const RANKED_MAX = 20_000;
/** Actions that are read back at a time, and at most. */
const ACTIONS_PAGE = 1_000;
const ACTIONS_MAX = 50_000;

/** Ranks what waits for a department. */
export async function queueOf(
  { book, rules, taken, clock }: QueueSource,
  department: string,
  { offset, limit }: { readonly offset: number; readonly limit: number },
  isVisible: (state: AlertState) => boolean = () => true,
): Promise<QueueView> {
  const { catalogue } = rules;
  const { items: open } = await book.visible([department], 0, RANKED_MAX, isVisible);
  const states = new Map(open.map((state) => [state.warning, state]));
  const waiting = open.flatMap((state) => waitingOf(state, department) ?? []);
  const of = catalogue.departments.get(department);
  const perWeek = of?.perWeek ?? catalogue.queue.perWeek;
  const visited = await visitedSince(mondayOf(clock, catalogue.calendar.zone), department, { book, taken });
  const ranked = rankedQueue(waiting, { perWeek, visited }, catalogue, clock);
  return {
    at: Number.isFinite(clock) ? new Date(clock).toISOString() : null,
    department: { id: department, name: of?.name ?? null },
    per_week: perWeek,
    visited: visited.size,
    total: ranked.length,
    suspended: open.filter((state) => state.suspended !== undefined).length,
    items: ranked
      .slice(offset, offset + limit)
      .map((one) => rowOf(one, states.get(one.waiting.warning) as AlertState, rules)),
  };
}

function rowOf(
  { waiting, rank, points, parts, visit, fits, text }: Ranked,
  { latest: { transition } }: AlertState,
  { models, catalogue }: RuleSet,
): QueueView['items'][number] {
  const title = titleOf(
    transition,
    models.find(({ name }) => name === transition.model),
  );
  const { warning, level } = waiting;
  const level_name = levelName(level, transition);
  const name = nameOf(transition, catalogue);
  return { rank, warning, level, level_name, name, title, points, parts, visit, this_week: fits, text };
}

function mondayOf(clock: number, zone: string): number {
  return Number.isFinite(clock) ? DateTime.fromMillis(clock, { zone }).startOf('week').toMillis() : Infinity;
}

/** Keys of the warnings that a department gave a finding on since an instant: the log of actions, read from its end. */
async function visitedSince(
  since: number,
  department: string,
  { book, taken }: Pick<QueueSource, 'book' | 'taken'>,
): Promise<ReadonlySet<string>> {
  const warnings = new Set<string>();
  const end = await taken.end(0);
  const least = Math.max(0, end - ACTIONS_MAX);
  for (let to = end; to > least; to -= ACTIONS_PAGE) {
    const from = Math.max(least, to - ACTIONS_PAGE);
    const records = await taken.read(0, from, to - from);
    const acts = records.map(({ value }) => decodeJson<TakenRecord>(value).taken);
    for (const act of acts) {
      const isFinding = act.result === 'confirmed' || act.result === 'not-confirmed';
      if (act.at >= since && act.department === department && isFinding) warnings.add(act.warning);
    }
    // They are logged in the order in which they were taken.
    if ((acts[0]?.at ?? -Infinity) < since) break;
  }
  const keys = new Set<string>();
  for (const warning of warnings) {
    const transition = (await book.get(warning))?.latest.transition;
    if (transition !== undefined) keys.add(`${transition.scope}:${transition.key}`);
  }
  return keys;
}

/**
 * The queue of a department in a deployment, by the rules that it ran last, as JSON and as lines for a terminal.
 * @throws CodedError USAGE where there is no such department, and as `readStores` does
 */
export async function queueIn(
  place: Place,
  department: string,
  limit: number,
): Promise<{ readonly queue: QueueView | null; readonly lines: readonly string[] }> {
  const read = await readStores(place, 'GET /v1/queue', async ({ stores, book, rules, clock }) => {
    const { departments, calendar } = rules.catalogue;
    if (!departments.has(department)) {
      const known = [...departments.keys()].join(', ');
      throw new CodedError('USAGE', `There is no department "${department}"; there are ${known}.`);
    }
    const source = { book, rules, clock, taken: stores.logs.actions };
    const queue = await queueOf(source, department, { offset: 0, limit });
    return { queue, lines: queueLines(queue, calendar.zone) };
  });
  return read ?? { queue: null, lines: ['尚无预警。'] };
}

const HEAD = ['名次', '得分', '本周', '等级', '预警'];

/** The queue for a terminal. @param zone of local time */
export function queueLines(
  { at, department, total, suspended, items, ...week }: QueueView,
  zone: string,
): string[] {
  const until = at === null ? '' : `（截至 ${localTime(Date.parse(at), zone)}）`;
  const rows = items.map((one) => [
    String(one.rank),
    one.points.toFixed(2),
    one.this_week === null ? '—' : one.this_week ? '是' : '否',
    one.level_name,
    `${one.name}：${one.title}`,
  ]);
  return [
    `${department.name ?? department.id}待办 ${total} 条${until}`,
    weekText(week),
    ...(suspended === 0 ? [] : [`另有 ${suspended} 条中止计时，不参加排序。`]),
    ...(items.length === 0 ? [] : ['', ...table([HEAD, ...rows]), '', ...items.map(({ text }) => text)]),
  ];
}

/** How much fits the week, in a sentence. */
function weekText({ per_week: perWeek, visited }: Pick<QueueView, 'per_week' | 'visited'>): string {
  if (perWeek === null) return '每周可检查几家没有写明，不标注本周可查的。';
  return `每周可检查 ${perWeek} 家，本周已查 ${visited} 家，还可查 ${Math.max(0, perWeek - visited)} 家。`;
}

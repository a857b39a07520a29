// The open warnings of a department in the order in which to visit their subjects, and how many fit its week.
import type { Catalogue } from '../catalogue/catalogue.js';
import { QUEUE_FACTORS, type QueueFactor, type QueueRules } from '../catalogue/queue.js';
import { rank, type Level } from '../model/model.js';
import { isOpen, type DutyKind } from './duty.js';
import { DUTY_NAMES } from './notices.js';
import { isOver, type AlertState } from './state.js';
import { DRAWN_NAME, LEVEL_NAMES, localTime } from './wording.js';

/** A warning that waits for a department. Instants are epoch ms. */
export interface Waiting {
  readonly warning: string;
  /** Whom a visit would be to; warnings on the same are dealt with by one visit. */
  readonly key: string;
  readonly level: Level;
  /** Whether a random draw called for it. */
  readonly isDrawn?: true;
  readonly raised: number;
  /** What the department owes next; null where nothing is due. */
  readonly due: { readonly kind: DutyKind; readonly at: number } | null;
  /** Credit class of the subject; null where none is known. */
  readonly credit: string | null;
}

/** One factor of a rank. */
export interface QueuePart {
  readonly factor: QueueFactor;
  /** To a hundredth; those of all factors sum to the points of the rank. */
  readonly points: number;
  /** The most that the factor gives. */
  readonly of: number;
  readonly text: string;
}

export interface Ranked {
  readonly waiting: Waiting;
  /** From 1. */
  readonly rank: number;
  readonly points: number;
  readonly parts: readonly QueuePart[];
  /** Which visit it belongs to, from 1. */
  readonly visit: number;
  /** Whether that visit fits the week; null where the capacity is not known. */
  readonly fits: boolean | null;
  /** Why it stands where it does, in Chinese. */
  readonly text: string;
}

/** What a department can do in a week, and has done of it. */
export interface Capacity {
  /** Visits a week; null where that is not known. */
  readonly perWeek: number | null;
  /** Keys that it gave a finding on this week. */
  readonly visited: ReadonlySet<string>;
}

/** Points are reckoned in whole hundredths, so that the parts sum to the whole. */
const HUNDREDTHS = 100;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/**
 * What a warning asks of a department; null where it does not wait for a visit by it: the department has no part in it
 * or only hears of it, has given its finding, or the clocks stand still.
 */
export function waitingOf(state: AlertState, department: string): Waiting | null {
  const party = state.parties.find((one) => one.department === department);
  if (party?.acting !== true || party.stage === 'fed-back' || isOver(state)) return null;
  if (state.withheld !== undefined || state.suspended !== undefined) return null;
  const { scope, key, profile, draw } = state.latest.transition;
  const owed = state.duties.filter((duty) => isOpen(duty) && duty.department === department);
  const due = owed
    .flatMap(({ kind, due: at }) => (at === null ? [] : [{ kind, at }]))
    .reduce<Waiting['due']>((least, one) => (least === null || one.at < least.at ? one : least), null);
  const { credit } = profile;
  return {
    warning: state.warning,
    key: `${scope}:${key}`,
    level: state.level,
    ...(draw === undefined ? {} : { isDrawn: true as const }),
    raised: state.raised,
    due,
    credit: typeof credit === 'string' ? credit : null,
  };
}

/**
 * Ranks warnings: by points, of equal ones the graver level, the earlier deadline, the older, the lesser id; so the order
 * is total, and a warning never falls behind another by becoming graver, older, nearer its deadline or worse in credit.
 * The first visits that fit what is left of the week are marked. A subject that was visited this week takes no new visit.
 * @param now epoch ms
 */
export function rankedQueue(
  all: readonly Waiting[],
  { perWeek, visited }: Capacity,
  { queue, calendar: { zone } }: Pick<Catalogue, 'queue' | 'calendar'>,
  now: number,
): Ranked[] {
  const judged = all.map((waiting) => {
    const parts = QUEUE_FACTORS.map((factor) => partOf(factor, waiting, { queue, zone, now }));
    return { waiting, parts, points: sum(parts) };
  });
  judged.sort((a, b) => b.points - a.points || compare(a.waiting, b.waiting));
  const left = perWeek === null ? null : Math.max(0, perWeek - visited.size);
  const visits = new Map<string, { readonly number: number; readonly place: number }>();
  let places = 0;
  return judged.map(({ waiting, parts, points }, index) => {
    let visit = visits.get(waiting.key);
    if (visit === undefined) {
      if (!visited.has(waiting.key)) places += 1;
      visit = { number: visits.size + 1, place: visited.has(waiting.key) ? 0 : places };
      visits.set(waiting.key, visit);
    }
    const fits = left === null ? null : visit.place <= left;
    const text = `第 ${index + 1} 位，${points} 分：${parts.map(sentenceOf).join('；')}`;
    return { waiting, rank: index + 1, points, parts, visit: visit.number, fits, text };
  });
}

function sum(parts: readonly QueuePart[]): number {
  const hundredths = parts.reduce((total, { points }) => total + Math.round(points * HUNDREDTHS), 0);
  return hundredths / HUNDREDTHS;
}

function compare(a: Waiting, b: Waiting): number {
  const byLevel = rank(b.level) - rank(a.level);
  if (byLevel !== 0) return byLevel;
  const [dueA, dueB] = [a.due?.at ?? Infinity, b.due?.at ?? Infinity];
  if (dueA !== dueB) return dueA < dueB ? -1 : 1;
  if (a.raised !== b.raised) return a.raised - b.raised;
  return a.warning < b.warning ? -1 : a.warning > b.warning ? 1 : 0;
}

interface Measure {
  readonly queue: QueueRules;
  readonly zone: string;
  readonly now: number;
}

function partOf(factor: QueueFactor, waiting: Waiting, measure: Measure): QueuePart {
  const of = measure.queue.weights[factor];
  const { share, text } = MEASURES[factor](waiting, measure);
  return { factor, of, text, points: Math.round(of * share * HUNDREDTHS) / HUNDREDTHS };
}

const MEASURES: {
  readonly [factor in QueueFactor]: (
    waiting: Waiting,
    measure: Measure,
  ) => { readonly share: number; readonly text: string };
} = {
  level: ({ level, isDrawn }, { queue }) => ({
    share: level === 'none' ? 0 : queue.levels[level],
    text: level === 'none' ? '预警已解除，尚未反馈' : isDrawn === true ? DRAWN_NAME : LEVEL_NAMES[level],
  }),
  age: ({ raised }, { queue, now }) => ({
    share: within01((now - raised) / queue.fullAgeMs),
    text: `发出已${spanText(now - raised)}`,
  }),
  deadline: ({ due }, { queue, zone, now }) => {
    if (due === null) return { share: 0, text: '没有到期事项' };
    const by = `应于 ${localTime(due.at, zone).slice(0, 16)} 前${DUTY_NAMES[due.kind]}`;
    const isPast = now > due.at;
    return {
      share: within01(1 - (due.at - now) / queue.nearMs),
      text: `${by}，${isPast ? '已超期' : '还有'}${spanText(Math.abs(due.at - now))}`,
    };
  },
  credit: ({ credit }, { queue }) => ({
    share: (credit === null ? undefined : queue.credit[credit]) ?? queue.creditUnknown,
    text: credit === null ? '信用等级不明' : `信用等级 ${credit}`,
  }),
};

function within01(share: number): number {
  return Math.min(1, Math.max(0, share));
}

function spanText(ms: number): string {
  const hours = Math.max(0, ms) / HOUR_MS;
  if (hours < 1) return '不到一小时';
  return ms < 2 * DAY_MS ? ` ${Math.floor(hours)} 小时` : ` ${Math.floor(ms / DAY_MS)} 天`;
}

function sentenceOf({ text, points, of }: QueuePart): string {
  return `${text}（${points}/${of}）`;
}

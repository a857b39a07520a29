// How right warnings were and how early: precision, recall, lead times, and the first k of a week, with their intervals.
import { LEVELS, rank, type Level } from '../../model/model.js';
import { bootstrap, medianOf, shareOf, type BootstrapOptions, type Estimate } from './bootstrap.js';
import { judge, type Judged, type Observed, type OutcomeBook } from './outcomes.js';
import { quantile } from './quantile.js';
import { keyOf, levelAt, type RaisedWarning } from './raised.js';

const DAY_MS = 86_400_000;

/** A share with what it is a share of. */
export interface CountedShare extends Estimate {
  readonly count: number;
  readonly of: number;
}

/** From the first warning to what happened, over the outcomes that were foreseen; in days. */
export interface LeadTimes {
  readonly foreseen: number;
  readonly median: Estimate | null;
  readonly quartiles: readonly [lower: number | null, upper: number | null];
  /** Which share of them has at most so many days. */
  readonly within: readonly { readonly days: number; readonly share: number }[];
  /** All of them, ascending; at most a thousand, evenly taken. */
  readonly days: readonly number[];
}

export interface Accuracy {
  /** Warnings that came to the level. */
  readonly warnings: number;
  /** Of those, the ones whose horizon ends after what is known. */
  readonly undecided: number;
  /** False ones within a week after an outcome on the same key: they answer to it rather than foresee the next. */
  readonly echoes: number;
  /** Right ones among those that are decided. */
  readonly precision: CountedShare | null;
  /** Foreseen ones among all outcomes. */
  readonly recall: CountedShare | null;
  readonly lead: LeadTimes;
}

const LEAD_DAYS = [7, 30, 90];
const LEADS_SHOWN = 1_000;
const ECHO_MS = 7 * DAY_MS;

/**
 * @param warnings of those who are judged together, such as one model
 * @param least warnings count from when they came to this level
 */
export function accuracyOf(
  warnings: readonly RaisedWarning[],
  outcomes: OutcomeBook,
  observed: Observed,
  least: Level,
  options: BootstrapOptions,
): Accuracy {
  const judged = judge(warnings, outcomes, observed, least);
  const clusters = clustersOf(judged);
  const place = (key: string) => clusters.get(key) as number;
  const decided = judged.warnings.filter(({ right }) => right !== null);
  const share = (parts: readonly { readonly key: string; readonly is: boolean }[]): CountedShare | null => {
    const counted = parts.map(({ key, is }) => ({ cluster: place(key), count: is ? 1 : 0, of: 1 }));
    const estimate = bootstrap(clusters.size, parts.length, shareOf(counted), options);
    const count = parts.filter(({ is }) => is).length;
    return estimate === null ? null : { ...estimate, count, of: parts.length };
  };
  const leads = judged.outcomes.flatMap(({ key, leadMs }) =>
    leadMs === null ? [] : [{ cluster: place(key), value: leadMs / DAY_MS }],
  );
  const isEcho = (key: string, at: number) => {
    const last = outcomes.lastUpTo(key, at);
    return last !== undefined && at - last.time <= ECHO_MS;
  };
  return {
    warnings: judged.warnings.length,
    undecided: judged.warnings.length - decided.length,
    echoes: decided.filter(({ right, key, at }) => right === false && isEcho(key, at)).length,
    precision: share(decided.map(({ key, right }) => ({ key, is: right === true }))),
    recall: share(judged.outcomes.map(({ key, by }) => ({ key, is: by !== null }))),
    lead: {
      ...leadTimes(leads.map(({ value }) => value)),
      median: bootstrap(clusters.size, leads.length, medianOf(leads), options),
    },
  };
}

/** Subjects that have a warning or an outcome, numbered. */
function clustersOf({ warnings, outcomes }: Judged): ReadonlyMap<string, number> {
  const clusters = new Map<string, number>();
  for (const { key } of [...warnings, ...outcomes]) if (!clusters.has(key)) clusters.set(key, clusters.size);
  return clusters;
}

function leadTimes(days: readonly number[]): Omit<LeadTimes, 'median'> {
  const sorted = [...days].sort((a, b) => a - b);
  const step = Math.max(1, Math.ceil(sorted.length / LEADS_SHOWN));
  return {
    foreseen: sorted.length,
    quartiles: [quantile(sorted, 0.25), quantile(sorted, 0.75)],
    within:
      sorted.length === 0
        ? []
        : LEAD_DAYS.map((most) => {
            return { days: most, share: sorted.filter((one) => one <= most).length / sorted.length };
          }),
    days: sorted.filter((_, index) => index % step === 0),
  };
}

/** Precision among the first k of each week. */
export interface FirstOfWeek {
  readonly k: number;
  /** Weeks whose horizon is known. */
  readonly weeks: number;
  readonly precision: CountedShare | null;
}

/**
 * Precision at k: at the beginning of each week the subjects whose warnings stand are ranked, gravest level first, then by
 * how many stand, then by which stands longest, and of the first k it is counted to how many something happens within the
 * horizon; summed over the weeks whose horizon is known. Where fewer stand, fewer count. C. D. Manning, P. Raghavan and
 * H. Schütze, Introduction to Information Retrieval (2008), section 8.4. The interval holds the ranking fixed.
 * @param weeks their beginnings, epoch ms ascending
 */
export function precisionAt(
  ks: readonly number[],
  warnings: readonly RaisedWarning[],
  outcomes: OutcomeBook,
  { fromMs, untilMs, horizonMs }: Observed,
  weeks: readonly number[],
  options: BootstrapOptions,
): FirstOfWeek[] {
  const known = weeks.filter((week) => week >= fromMs && week + horizonMs <= untilMs);
  const judged = warnings.filter(({ scope }) => outcomes.scopes.has(scope));
  const clusters = new Map<string, number>();
  for (const warning of judged) {
    const key = keyOf(warning);
    if (!clusters.has(key)) clusters.set(key, clusters.size);
  }
  const parts = ks.map(() => new Map<string, { count: number; of: number }>());
  for (const week of known) {
    for (const [place, key] of rankedAt(judged, week).entries()) {
      const followed = outcomes.firstAfter(key, week);
      const isRight = followed !== undefined && followed.time <= week + horizonMs;
      for (const [index, k] of ks.entries()) {
        if (place >= k) continue;
        const of = parts[index]?.get(key) ?? { count: 0, of: 0 };
        parts[index]?.set(key, { count: of.count + (isRight ? 1 : 0), of: of.of + 1 });
      }
    }
  }
  return ks.map((k, index) => {
    const own = [...(parts[index] ?? [])].map(([key, part]) => ({
      cluster: clusters.get(key) ?? 0,
      ...part,
    }));
    const estimate = bootstrap(clusters.size, own.length, shareOf(own), options);
    const sum = (of: (part: (typeof own)[number]) => number) =>
      own.reduce((total, part) => total + of(part), 0);
    const counted = { count: sum(({ count }) => count), of: sum(({ of }) => of) };
    return { k, weeks: known.length, precision: estimate === null ? null : { ...estimate, ...counted } };
  });
}

/** The keys whose warnings stand once an instant has passed, those to be looked at first in front. */
function rankedAt(warnings: readonly RaisedWarning[], instant: number): string[] {
  const standing = new Map<string, { level: Level; count: number; since: number }>();
  for (const warning of warnings) {
    if (warning.raised > instant || warning.ended <= instant) continue;
    const key = keyOf(warning);
    const level = levelAt(warning, instant);
    const one = standing.get(key) ?? { level: 'none', count: 0, since: Infinity };
    standing.set(key, {
      level: rank(level) > rank(one.level) ? level : one.level,
      count: one.count + 1,
      since: Math.min(one.since, warning.raised),
    });
  }
  return [...standing]
    .sort(
      ([a, one], [b, other]) =>
        rank(other.level) - rank(one.level) ||
        other.count - one.count ||
        one.since - other.since ||
        (a < b ? -1 : 1),
    )
    .map(([key]) => key);
}

/** The levels at which warnings may be judged, the mildest first. */
export const JUDGED_LEVELS = LEVELS.slice(1);

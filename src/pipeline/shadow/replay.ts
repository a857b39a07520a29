// Replay: stored history evaluated again under given rules, into a namespace of its own, and compared with what was said.
import type { Transition } from '../../engine/output.js';
import { STREAMS, type LogRecord, type StreamName } from '../../events/event.js';
import { reachOf, type Reach } from '../../model/reach.js';
import type { RuleSet } from '../../model/ruleset.js';
import type { History } from '../../ports/history.js';
import type { StateStore } from '../../ports/state.js';
import { mergedHistory } from '../history/merged-history.js';
import { releasedOf, type ReleasedStream, type ReleasedUntil } from '../retention/released.js';
import { compareEpisodes, countRaised, Episodes, type Comparison } from './episodes.js';
import type { RaisedCount, RaisedSubject } from './episodes.js';
import type { Said } from './said.js';
import { Shadow } from './shadow.js';

export interface ReplayOptions {
  readonly rules: RuleSet;
  readonly history: History;
  /** Offsets by partition below which everything is decided: the history ends there. */
  readonly ends: readonly number[];
  /** What is reported lies from here on, epoch ms, */
  readonly fromMs: number;
  /** and before here. */
  readonly toMs: number;
  /** How long before `fromMs` it begins; undefined for as long as the rules reach back, Infinity for all history. */
  readonly warmUpMs?: number | undefined;
  /** Whether a model is asked for: others may have to run for it, and are not reported. */
  readonly isAsked: (model: string) => boolean;
  /** Empty, and of this run alone. */
  readonly state: StateStore;
  readonly nonce: () => string;
  readonly cachedKeys: number;
  /** Takes the transitions of the span, in order. */
  readonly take: (transitions: readonly Transition[]) => Promise<void>;
  /** What the deployment said, from its beginning. */
  readonly said: AsyncIterable<readonly Said[]>;
  /** How far events went at the end of their term; asked once everything was read. */
  readonly released: () => Promise<ReleasedUntil>;
  /** Hears after each batch how many events were stepped, and the instant that was reached. */
  readonly onProgress: (events: number, clock: number) => void;
}

export interface ReplaySummary {
  readonly revision: string;
  readonly from: number;
  readonly to: number;
  /** From when on all events were read; null where all history was. */
  readonly since: number | null;
  /** What went of the events since then, so that warnings which rest on it may be missing, and be called gone. */
  readonly released: readonly ReleasedStream[];
  /** Models whose levels may rest on what lies before that. */
  readonly lasting: Reach['lasting'];
  /** Events stepped, those of the warm-up among them. */
  readonly events: number;
  /** Of the span. */
  readonly transitions: number;
  readonly models: readonly RaisedCount[];
  readonly subjects: readonly RaisedSubject[];
  readonly comparison: Comparison;
  /** Alerts for operators in the span, by code. */
  readonly alerts: readonly { readonly code: string; readonly count: number }[];
}

const SUBJECTS_SHOWN = 20;
const DIFFERENCES_NAMED = 1_000;

/** Streams that make profiles: what was said once counts for good, so they are read from the beginning. */
export const OF_PROFILES: readonly StreamName[] = STREAMS.filter(
  (stream) => stream === 'registration' || stream === 'credit-change',
);

/**
 * Steps the history in the order in which it was stepped, from a warm-up before the span to its end, and compares the
 * warnings of the span with those of the deployment. Nothing but `take` and `onProgress` hears of it.
 * @throws CodedError REPLAY_LIMIT, and as the stores do
 */
export async function replay(options: ReplayOptions): Promise<ReplaySummary> {
  const { rules, history, ends, fromMs, toMs, isAsked, take, onProgress } = options;
  const reach = reachOf(rules);
  const sinceMs = await sinceOf(options, reach);
  const replayed = new Episodes(fromMs, toMs);
  const alerts = new Map<string, number>();
  const shadow = new Shadow({
    ...options,
    onAlert: ({ code, clock, count }) => {
      if (clock >= fromMs && clock < toMs) alerts.set(code, (alerts.get(code) ?? 0) + count);
    },
  });
  let transitions = 0;
  const hear = async (said: readonly Transition[]) => {
    const asked = said.filter(({ model }) => isAsked(model));
    for (const transition of asked) replayed.hear(transition);
    const inSpan = asked.filter(({ clock }) => clock >= fromMs && clock < toMs);
    transitions += inSpan.length;
    if (inSpan.length > 0) await take(inSpan);
  };
  let events = 0;
  const asked = { sinceMs, always: OF_PROFILES, ends, beforeMs: toMs };
  for await (const page of mergedHistory(history, asked)) {
    const records = page.map(({ record }) => record);
    await hear(await shadow.step(records));
    events += records.filter(({ kind }) => kind === 'event').length;
    onProgress(events, (records[records.length - 1] as LogRecord).at);
  }
  await hear(await shadow.end(toMs));
  const before = await episodesSaid(options);
  return {
    revision: rules.revision,
    from: fromMs,
    to: toMs,
    since: sinceMs === -Infinity ? null : sinceMs,
    released: releasedOf(await options.released(), rules.models, sinceMs),
    lasting: sinceMs === -Infinity ? [] : reach.lasting,
    events,
    transitions,
    ...countRaised(replayed.all, fromMs, SUBJECTS_SHOWN),
    comparison: compareEpisodes(replayed.all, before.all, fromMs, DIFFERENCES_NAMED),
    alerts: [...alerts].sort().map(([code, count]) => ({ code, count })),
  };
}

async function episodesSaid({ said, fromMs, toMs, isAsked }: ReplayOptions): Promise<Episodes> {
  const episodes = new Episodes(fromMs, toMs);
  for await (const page of said) {
    for (const one of page) if (isAsked(one.model)) episodes.hear(one);
  }
  return episodes;
}

/** From when on everything is read. A span in which nobody listened may not count, so it makes the warm-up longer. */
export async function sinceOf(
  { history, ends, fromMs, warmUpMs }: Pick<ReplayOptions, 'history' | 'ends' | 'fromMs' | 'warmUpMs'>,
  reach: Pick<Reach, 'ms' | 'skipsGaps'>,
): Promise<number> {
  if (warmUpMs !== undefined) return fromMs - warmUpMs;
  if (!reach.skipsGaps) return fromMs - reach.ms;
  const gaps: { readonly from: number; readonly to: number }[] = [];
  // All partitions have the same.
  const asked = { begin: 0, end: ends[0] ?? 0, sinceMs: Infinity, always: [] };
  for await (const page of history.read(0, asked)) {
    for (const { record } of page) if (record.kind === 'gap') gaps.push({ from: record.from, to: record.at });
  }
  let since = fromMs - reach.ms;
  for (const { from, to } of gaps.filter((gap) => gap.from < fromMs).sort((a, b) => b.to - a.to)) {
    if (to <= since) break;
    since -= Math.min(to, fromMs) - from;
  }
  return since;
}

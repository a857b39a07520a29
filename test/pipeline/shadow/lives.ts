// Replays of simulated lives in memory: the logs of some partitions, what a live run says of them, and its replay.
import { openMemory } from '../../../src/adapters/memory/memory.js';
import type { Transition } from '../../../src/engine/output.js';
import { canonicalJson } from '../../../src/events/canonical.js';
import { encodeRecord } from '../../../src/events/codec.js';
import type { LogRecord } from '../../../src/events/event.js';
import { loadRules } from '../../../src/model/load.js';
import type { RuleSet } from '../../../src/model/ruleset.js';
import { LoggedHistory } from '../../../src/pipeline/history/logged-history.js';
import { replay, type ReplaySummary } from '../../../src/pipeline/shadow/replay.js';
import { CATALOGUE } from '../../simulation/models.js';
import { FEEDS, merged, runTogether, type Feed } from '../../simulation/strata-runs.js';

/** What an undisturbed live run says of the logs of some partitions, which must end beyond all that is of interest. */
export function liveTransitions(rules: RuleSet, logs: readonly LogRecord[][]): Transition[] {
  const feed = FEEDS['round robin']?.([merged(logs)], 0) as Feed;
  return runTogether(rules, feed, { ends: false, namespace: 'live' });
}

export interface Replayed {
  readonly transitions: readonly Transition[];
  readonly summary: ReplaySummary;
}

export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
  readonly warmUpMs?: number | undefined;
}

/** Replays a span of the logs in pages of an odd size, with few keys at hand. */
export async function replayed(
  rules: RuleSet,
  logs: readonly LogRecord[][],
  said: readonly Transition[],
  span: Span,
): Promise<Replayed> {
  const stores = openMemory();
  const events = stores.log('events');
  for (const [partition, log] of logs.entries()) await events.append(partition, log.map(encodeRecord));
  const transitions: Transition[] = [];
  let nonce = 0;
  const summary = await replay({
    ...{ rules, ...span, ends: logs.map(({ length }) => length) },
    history: new LoggedHistory(events, logs.length, 7),
    isAsked: () => true,
    state: stores.state,
    nonce: () => `n${nonce++}`,
    cachedKeys: 3,
    take: async (some) => void transitions.push(...some),
    released: () => Promise.resolve(new Map()),
    said: [said] as unknown as AsyncIterable<readonly Transition[]>,
    onProgress: () => undefined,
  });
  return { transitions, summary };
}

/** Those of a span, each as a text without positions. */
export function within(transitions: readonly Transition[], { fromMs, toMs }: Span): string[] {
  return transitions.filter(({ clock }) => clock >= fromMs && clock < toMs).map(plain);
}

/**
 * The same of a run that has not read what lies before an instant: left open is when an episode opened that is older than
 * the span, and which older events stand behind a figure without making it, as those before an absence do.
 */
export function withinApart(transitions: readonly Transition[], span: Span, sinceMs: number): string[] {
  return transitions
    .filter(({ clock }) => clock >= span.fromMs && clock < span.toMs)
    .map((one) => {
      const events = one.contributions.events.filter(({ time }) => time >= sinceMs);
      const read = { ...one, contributions: { events, total: 0, hash: '' } };
      return plain(one.raised >= span.fromMs ? read : { ...read, warning: '', ordinal: 0, raised: 0 });
    });
}

function plain({ contributions, ...rest }: Transition): string {
  const events = contributions.events.map(({ id, time }) => ({ id, time }));
  return canonicalJson({ ...rest, contributions: { ...contributions, events } });
}

const HEAD = `title: 题
summary: 述
item: item
plan: plan
advise: 议
`;

/** Models by name, each as its YAML from the scope on. */
export function rulesOf(models: { readonly [name: string]: string }): RuleSet {
  const files = new Map<string, string>(Object.entries(CATALOGUE));
  for (const [name, text] of Object.entries(models))
    files.set(`${name}.yaml`, `model: ${name}\n${HEAD}${text.trim()}\n`);
  const { rules, diagnostics } = loadRules(files);
  const errors = diagnostics.filter((one) => one.severity === 'error');
  if (rules === null || errors.length > 0) throw new Error(JSON.stringify(errors, null, 1));
  return rules;
}

// Warnings as episodes that reach into a span, and what one run says of them that another does not.
import { CodedError } from '../../events/coded-error.js';
import { LEVELS, rank, type Level } from '../../model/model.js';
import type { Said } from './said.js';

/** Episodes of one run that are held in memory. */
export const EPISODES_MAX = 1_000_000;

export interface Episode {
  readonly warning: string;
  readonly model: string;
  readonly scope: string;
  readonly key: string;
  /** When it opened; epoch ms like all instants here. */
  readonly raised: number;
  /** When its level came to none; Infinity where it stands at the end of the span. */
  ended: number;
  /** The gravest level that it had within the span. */
  level: Level;
}

/** Takes the transitions of a run in their order and keeps the episodes that reach into a span. */
export class Episodes {
  private readonly open = new Map<string, Episode>();
  private readonly closed: Episode[] = [];

  /** @param fromMs, toMs the span, its end excluded */
  constructor(
    private readonly fromMs: number,
    private readonly toMs: number,
  ) {}

  get all(): readonly Episode[] {
    return [...this.closed, ...this.open.values()];
  }

  /** @throws CodedError REPLAY_LIMIT */
  hear({ warning, model, scope, key, level, clock, raised }: Said): void {
    if (clock >= this.toMs) return;
    const known = this.open.get(warning);
    if (level === 'none') {
      this.open.delete(warning);
      if (clock < this.fromMs) return;
      this.closed.push({ ...(known ?? { warning, model, scope, key, raised, level: 'none' }), ended: clock });
      return;
    }
    if (known === undefined) {
      if (this.open.size + this.closed.length >= EPISODES_MAX)
        throw new CodedError('REPLAY_LIMIT', `There are more than ${EPISODES_MAX} warnings in the span.`);
      this.open.set(warning, { warning, model, scope, key, raised, ended: Infinity, level });
    } else if (clock <= this.fromMs || rank(level) > rank(known.level)) known.level = level;
  }
}

/** What became of a warning in a replay. */
export const CHANGES = ['same', 'earlier', 'later', 'new', 'gone'] as const;
export type Change = (typeof CHANGES)[number];

export interface ComparedModel {
  readonly model: string;
  readonly changes: { readonly [change in Change]: number };
  /** Of those that both have: whose gravest level is another now. */
  readonly graver: number;
  readonly milder: number;
}

/** One warning that the replay and the deployment do not have alike. */
export interface Difference {
  readonly change: Exclude<Change, 'same'>;
  readonly model: string;
  readonly scope: string;
  readonly key: string;
  /** As the replay has it; null where it is gone. */
  readonly replayed: { readonly raised: number; readonly level: Level } | null;
  /** As it was; null where it is new. */
  readonly before: { readonly raised: number; readonly level: Level } | null;
}

export interface Comparison {
  /** By model, in the order of their names. */
  readonly models: readonly ComparedModel[];
  /** The first of them, by the instant at which they were raised. */
  readonly differences: readonly Difference[];
}

/**
 * Compares the episodes of two runs, key by key of each model: those that opened at the same instant, or both before the
 * span, are the same; of others that overlap the replayed one is earlier or later, also where one overlaps several; what
 * overlaps nothing is new or gone.
 * @param most differences that are named
 */
export function compareEpisodes(
  replayed: readonly Episode[],
  before: readonly Episode[],
  fromMs: number,
  most: number,
): Comparison {
  const models = new Map<string, Counting>();
  const differences: Difference[] = [];
  const grouped = new Map<string, [replayed: Episode[], before: Episode[]]>();
  for (const [side, episodes] of [replayed, before].entries()) {
    for (const episode of episodes) {
      const name = `${episode.model}\n${episode.scope}:${episode.key}`;
      const group = grouped.get(name) ?? [[], []];
      grouped.set(name, group);
      (group[side] as Episode[]).push(episode);
    }
  }
  for (const [ours, theirs] of grouped.values()) {
    for (const [one, other] of pairsOf(ours, theirs, fromMs)) {
      const model = ((one ?? other) as Episode).model;
      const counting = models.get(model) ?? new Counting();
      models.set(model, counting);
      const difference = counting.count(one, other, fromMs);
      if (difference !== null) differences.push(difference);
    }
  }
  differences.sort((a, b) => raisedOf(a) - raisedOf(b) || order(a.model, b.model) || order(a.key, b.key));
  return {
    models: [...models].sort(([a], [b]) => order(a, b)).map(([model, one]) => ({ model, ...one.counts })),
    differences: differences.slice(0, most),
  };
}

type Pair = readonly [replayed: Episode | null, before: Episode | null];

function pairsOf(ours: readonly Episode[], theirs: readonly Episode[], fromMs: number): Pair[] {
  const left = [...theirs].sort((a, b) => a.raised - b.raised);
  const rest: Episode[] = [];
  const pairs: Pair[] = [];
  const take = (one: Episode, fits: (other: Episode) => boolean): boolean => {
    const index = left.findIndex(fits);
    const [other] = index < 0 ? [] : left.splice(index, 1);
    if (other !== undefined) pairs.push([one, other]);
    return other !== undefined;
  };
  const began = ({ raised }: Episode) => Math.max(raised, fromMs - 1);
  for (const one of [...ours].sort((a, b) => a.raised - b.raised)) {
    if (!take(one, (other) => began(other) === began(one))) rest.push(one);
  }
  const overlapping = (one: Episode, all: readonly Episode[]) =>
    all.find((other) => other.raised < one.ended && one.raised < other.ended) ?? null;
  for (const one of rest) {
    const isPaired = take(one, (other) => overlapping(one, [other]) !== null);
    // Where one warning would be several, none of these tells of anything that nobody was warned of.
    if (!isPaired) pairs.push([one, overlapping(one, theirs)]);
  }
  return [...pairs, ...left.map((other): Pair => [overlapping(other, ours), other])];
}

class Counting {
  private readonly changes = { same: 0, earlier: 0, later: 0, new: 0, gone: 0 };
  private graver = 0;
  private milder = 0;

  get counts() {
    return { changes: this.changes, graver: this.graver, milder: this.milder };
  }

  count(replayed: Episode | null, before: Episode | null, fromMs: number): Difference | null {
    const change = changeOf(replayed, before, fromMs);
    this.changes[change]++;
    if (replayed !== null && before !== null) {
      if (rank(replayed.level) > rank(before.level)) this.graver++;
      if (rank(replayed.level) < rank(before.level)) this.milder++;
    }
    if (change === 'same') return null;
    const { model, scope, key } = (replayed ?? before) as Episode;
    const shown = (one: Episode | null) => (one === null ? null : { raised: one.raised, level: one.level });
    return { change, model, scope, key, replayed: shown(replayed), before: shown(before) };
  }
}

function changeOf(replayed: Episode | null, before: Episode | null, fromMs: number): Change {
  if (before === null) return 'new';
  if (replayed === null) return 'gone';
  if (replayed.raised === before.raised || Math.max(replayed.raised, before.raised) < fromMs) return 'same';
  return replayed.raised < before.raised ? 'earlier' : 'later';
}

function raisedOf({ replayed, before }: Difference): number {
  return (replayed ?? before)?.raised ?? 0;
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** How many warnings a model raised within the span, by the gravest level that they had there. */
export interface RaisedCount {
  readonly model: string;
  readonly total: number;
  readonly levels: { readonly [level: string]: number };
}

export interface RaisedSubject {
  readonly scope: string;
  readonly key: string;
  readonly total: number;
  readonly gravest: Level;
}

/** Counts by model, and the keys with most warnings, the gravest first. */
export function countRaised(
  episodes: readonly Episode[],
  fromMs: number,
  most: number,
): { readonly models: readonly RaisedCount[]; readonly subjects: readonly RaisedSubject[] } {
  const models = new Map<string, { [level: string]: number }>();
  const subjects = new Map<string, { scope: string; key: string; total: number; gravest: Level }>();
  for (const { model, scope, key, raised, level } of episodes) {
    if (raised < fromMs) continue;
    const levels = models.get(model) ?? Object.fromEntries(LEVELS.slice(1).map((name) => [name, 0]));
    levels[level] = (levels[level] ?? 0) + 1;
    models.set(model, levels);
    const name = `${scope}:${key}`;
    const subject = subjects.get(name) ?? { scope, key, total: 0, gravest: 'none' };
    subject.total++;
    if (rank(level) > rank(subject.gravest)) subject.gravest = level;
    subjects.set(name, subject);
  }
  const total = (levels: { [level: string]: number }) =>
    Object.values(levels).reduce((sum, one) => sum + one, 0);
  return {
    models: [...models]
      .sort(([a], [b]) => order(a, b))
      .map(([model, levels]) => ({ model, total: total(levels), levels })),
    subjects: [...subjects.values()]
      .sort((a, b) => rank(b.gravest) - rank(a.gravest) || b.total - a.total || order(a.key, b.key))
      .slice(0, most),
  };
}

// What another set of rules would change: two runs over one history, warning by warning and subject by subject.
import type { Transition } from '../../engine/output.js';
import { CHANGES, compareEpisodes, Episodes } from '../shadow/episodes.js';
import type { Change, ComparedModel, Difference } from '../shadow/episodes.js';

/** A subject whose warnings are not the same, and how many are which. */
export interface ChangedSubject {
  readonly scope: string;
  readonly key: string;
  readonly changes: { readonly [change in Exclude<Change, 'same'>]: number };
  /** Of the earlier ones together, of the later ones below 0: hours that are won. */
  readonly hoursWon: number;
}

export interface RulesComparison {
  readonly models: readonly ComparedModel[];
  /** All warnings by what became of them. */
  readonly changes: { readonly [change in Change]: number };
  /** The first, by the instant at which they were raised. */
  readonly differences: readonly Difference[];
  /** Those with most changes. */
  readonly subjects: readonly ChangedSubject[];
  /** How many subjects there are with changes. */
  readonly subjectsChanged: number;
}

const HOUR_MS = 3_600_000;
const DIFFERENCES_NAMED = 1_000;
const SUBJECTS_NAMED = 200;

/** Hears the transitions of both runs in their order. */
export class RulesComparing {
  readonly former: Episodes;
  readonly latter: Episodes;

  /** @param toMs the last instant that belongs to the span; Infinity for all */
  constructor(
    private readonly fromMs: number,
    toMs: number,
  ) {
    this.former = new Episodes(fromMs, toMs + 1);
    this.latter = new Episodes(fromMs, toMs + 1);
  }

  /** @throws CodedError REPLAY_LIMIT */
  hear(side: 'former' | 'latter', transition: Transition): void {
    this[side].hear(transition);
  }

  /** Warnings of the former rules that stand at the end, by model. */
  standing(): ReadonlyMap<string, number> {
    const counts = new Map<string, number>();
    for (const { model, ended } of this.former.all)
      if (ended === Infinity) counts.set(model, (counts.get(model) ?? 0) + 1);
    return counts;
  }

  compared(): RulesComparison {
    const { latter, former, fromMs } = this;
    const { models, differences } = compareEpisodes(latter.all, former.all, fromMs, Infinity);
    const subjects = subjectsOf(differences);
    const sum = (change: Change) => models.reduce((total, { changes }) => total + changes[change], 0);
    return {
      models,
      changes: Object.fromEntries(
        CHANGES.map((change) => [change, sum(change)]),
      ) as RulesComparison['changes'],
      differences: differences.slice(0, DIFFERENCES_NAMED),
      subjects: subjects.slice(0, SUBJECTS_NAMED),
      subjectsChanged: subjects.length,
    };
  }
}

function subjectsOf(differences: readonly Difference[]): ChangedSubject[] {
  const subjects = new Map<
    string,
    { scope: string; key: string; changes: { [change in Difference['change']]: number }; hoursWon: number }
  >();
  for (const { scope, key, change, replayed, before } of differences) {
    const name = `${scope}:${key}`;
    const none = { earlier: 0, later: 0, new: 0, gone: 0 };
    const one = subjects.get(name) ?? { scope, key, changes: none, hoursWon: 0 };
    subjects.set(name, one);
    one.changes[change]++;
    if (replayed !== null && before !== null) one.hoursWon += (before.raised - replayed.raised) / HOUR_MS;
  }
  const total = ({ changes }: ChangedSubject) =>
    Object.values(changes).reduce((sum, count) => sum + count, 0);
  return [...subjects.values()].sort(
    (a, b) =>
      total(b) - total(a) || Math.abs(b.hoursWon) - Math.abs(a.hoursWon) || (nameOf(a) < nameOf(b) ? -1 : 1),
  );
}

function nameOf({ scope, key }: ChangedSubject): string {
  return `${scope}:${key}`;
}

// What a model in the shadow warned of beside what live models did: the subjects of both or of one, and who was first.
import { quantile } from '../measures/quantile.js';
import { keyOf } from '../measures/raised.js';
import type { Episode } from './episodes.js';

/** Of an episode what is compared. */
export type Spell = Pick<Episode, 'scope' | 'key' | 'raised' | 'ended'>;

export interface BesideLive {
  /** Subjects with a warning that reaches into the span, by who warned of them. */
  readonly subjects: { readonly both: number; readonly onlyShadow: number; readonly onlyLive: number };
  /**
   * The subjects of both, each by its first warning in the shadow during which a live one stood, against the first of
   * those; together they are `both`.
   */
  readonly order: {
    readonly earlier: number;
    readonly atOnce: number;
    readonly later: number;
    /** The live warning is older than the span: the model in the shadow could not have been earlier. */
    readonly already: number;
    /** Their warnings never stood at the same time. */
    readonly apart: number;
  };
  /** By how much the model in the shadow was earlier, median over `earlier`, `atOnce` and `later`; below 0 where later. */
  readonly hoursEarlier: number | null;
}

const HOUR_MS = 3_600_000;

/**
 * @param shadow, live episodes that reach into the span, in any order
 * @param fromMs when the span begins, epoch ms
 */
export function besideLive(shadow: readonly Spell[], live: readonly Spell[], fromMs: number): BesideLive {
  const [ours, theirs] = [bySubject(shadow), bySubject(live)];
  const order = { earlier: 0, atOnce: 0, later: 0, already: 0, apart: 0 };
  const hours: number[] = [];
  let both = 0;
  for (const [subject, own] of ours) {
    const others = theirs.get(subject);
    if (others === undefined) continue;
    both++;
    const lead = leadOf(own, others, fromMs);
    if (typeof lead === 'string') order[lead]++;
    else {
      order[lead > 0 ? 'earlier' : lead < 0 ? 'later' : 'atOnce']++;
      hours.push(lead / HOUR_MS);
    }
  }
  return {
    subjects: { both, onlyShadow: ours.size - both, onlyLive: theirs.size - both },
    order,
    hoursEarlier: quantile(
      hours.sort((a, b) => a - b),
      0.5,
    ),
  };
}

/** By how many ms the first of ours that meets one of theirs was earlier. @param ours, theirs ascending by `raised` */
function leadOf(
  ours: readonly Spell[],
  theirs: readonly Spell[],
  fromMs: number,
): number | 'already' | 'apart' {
  for (const one of ours) {
    const met = theirs.find(({ raised, ended }) => raised < one.ended && one.raised < ended);
    if (met !== undefined) return met.raised < fromMs ? 'already' : met.raised - one.raised;
  }
  return 'apart';
}

function bySubject(spells: readonly Spell[]): Map<string, Spell[]> {
  const found = new Map<string, Spell[]>();
  for (const spell of [...spells].sort((a, b) => a.raised - b.raised)) {
    const all = found.get(keyOf(spell));
    if (all === undefined) found.set(keyOf(spell), [spell]);
    else all.push(spell);
  }
  return found;
}

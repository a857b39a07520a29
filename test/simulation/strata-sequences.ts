// Sequences at the keys of the simulated strata: every first event is tried against all that is known.
import type { Entry } from './strata-holding.js';
import type { ReferenceIndicator, ReferenceStep } from './strata-model.js';

/** A match, and the instant of its last step, which may be yet to come. */
interface Match {
  readonly completion: number;
  readonly entries: readonly Entry[];
}

/** How long something can matter to an indicator: to a sequence for as long as all its steps may take together. */
export function spanOf({ over, sequence = [] }: ReferenceIndicator): number {
  return sequence.slice(1).reduce((total, { within }) => total + (within ?? over), over);
}

/** The matches of a sequence among the entries of its indicator. */
export function matchesOf(indicator: ReferenceIndicator, entries: readonly Entry[]): Match[] {
  const { sequence = [], over } = indicator;
  const ordered = [...entries].sort((a, b) => a.placement - b.placement || (a.id < b.id ? -1 : 1));
  return ordered
    .filter(({ serves }) => serves.includes(0))
    .flatMap((first) => matchFrom(first, ordered, sequence, over) ?? []);
}

function matchFrom(
  first: Entry,
  ordered: readonly Entry[],
  sequence: readonly ReferenceStep[],
  over: number,
): Match | null {
  const taken: (Entry | null)[] = [first];
  let instant = first.placement;
  for (const [step, { not, join, within = over }] of sequence.entries()) {
    if (step === 0) continue;
    const before = taken.at(-1) ?? null;
    const found = ordered.find(
      (one) =>
        (one.placement > instant || (before !== null && one.placement === instant && one.id > before.id)) &&
        one.serves.includes(step) &&
        join?.(
          one.data,
          taken.map((entry) => entry?.data ?? null),
        ) !== false,
    );
    const came = found !== undefined && found.placement <= instant + within;
    if (came === (not === true)) return null;
    taken.push(not === true ? null : (found ?? null));
    instant = not === true ? instant + within : (found?.placement ?? NaN);
  }
  return { completion: instant, entries: taken.filter((one) => one !== null) };
}

/** Those that count at a clock. */
export function matchesAt(indicator: ReferenceIndicator, entries: readonly Entry[], clock: number): Match[] {
  return matchesOf(indicator, entries).filter(
    ({ completion }) => completion > clock - indicator.over && completion <= clock,
  );
}

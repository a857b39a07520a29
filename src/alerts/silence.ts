// Which sources are silent now, by the warnings that say so; what rests on their silence alone is withheld meanwhile.
import type { Transition, TransitionReason } from '../engine/output.js';
import { rank, type Level } from '../model/model.js';

/** By source, the warnings that stand on it. Plain JSON, part of the checkpoint. */
export type SilencePlain = { readonly [source: string]: readonly string[] };

/** Why a warning is recorded and not sent. */
export type WithheldReason = 'source-silent';

/** What departments have not been told of a warning. */
export interface Withheld {
  /** The silent sources that it rests on, ascending. */
  readonly sources: readonly string[];
  /** The level that they know. */
  readonly told: Level;
}

export class Silence {
  private readonly warnings: Map<string, Set<string>>;

  constructor(plain: SilencePlain = {}) {
    this.warnings = new Map(Object.entries(plain).map(([source, warnings]) => [source, new Set(warnings)]));
  }

  get size(): number {
    return this.warnings.size;
  }

  has(source: string): boolean {
    return this.warnings.has(source);
  }

  /** Those of the sources that are silent. */
  among(sources: readonly string[]): string[] {
    return sources.filter((source) => this.has(source));
  }

  /** Hears what is said of a source, and of nothing else. @returns the source where it speaks again, else null */
  hear({ scope, key, warning, level }: Transition): string | null {
    if (scope !== 'source') return null;
    const standing = this.warnings.get(key);
    if (level !== 'none') {
      if (standing === undefined) this.warnings.set(key, new Set([warning]));
      else standing.add(warning);
      return null;
    }
    if (standing?.delete(warning) !== true || standing.size > 0) return null;
    this.warnings.delete(key);
    return key;
  }

  get plain(): SilencePlain {
    return Object.fromEntries([...this.warnings].map(([source, warnings]) => [source, [...warnings]]));
  }
}

/** A transition as somebody hears it who knows an earlier level. */
export function heardFrom(told: Level, transition: Transition): Transition {
  const { level } = transition;
  const risen: TransitionReason = told === 'none' ? 'raised' : 'escalated';
  const lowered: TransitionReason = level === 'none' ? transition.reason : 'de-escalated';
  return { ...transition, previous: told, reason: rank(level) > rank(told) ? risen : lowered };
}

// Why departments are not told of a warning now: its sources are silent, somebody muted it, or a red one stands above it.
import type { Transition, TransitionReason } from '../engine/output.js';
import { rank, type Level, type WarningLevel } from '../model/model.js';
import type { Actor } from './action.js';

/** By source, the warnings that stand on it. Plain JSON, part of the checkpoint. */
export type SilencePlain = { readonly [source: string]: readonly string[] };

/** Why a warning is recorded and not sent. */
export type WithheldReason = 'source-silent' | 'muted' | 'inhibited';

/** What departments have not been told of a warning. */
export interface Withheld {
  /** What it waits for, ascending: silent sources, `mute:<id>`, `warning:<id>` of a red one. */
  readonly sources: readonly string[];
  /** The level that they know. */
  readonly told: Level;
}

/** Which warnings somebody does not want to be told of; each field that is given must fit. */
export interface MuteMatch {
  readonly domain?: string | undefined;
  readonly item?: string | undefined;
  readonly model?: string | undefined;
  readonly key?: string | undefined;
  /** A prefix of the region code. */
  readonly region?: string | undefined;
  readonly levels?: readonly WarningLevel[] | undefined;
}

/** A silence that somebody ordered (静默). Instants are epoch ms. */
export interface Mute {
  readonly id: string;
  readonly author: Actor;
  readonly reason: string;
  readonly since: number;
  readonly until: number;
  readonly match: MuteMatch;
}

const MUTE = 'mute:';
const RED = 'warning:';

/** How what waits for a mute is named. */
export function muteSource(id: string): string {
  return MUTE + id;
}

/** Why a warning waits that waits for some sources. */
export function reasonOf([first = '']: readonly string[]): WithheldReason {
  if (first.startsWith(MUTE)) return 'muted';
  return first.startsWith(RED) ? 'inhibited' : 'source-silent';
}

export interface SilenceOptions {
  readonly mutes?: Iterable<Mute>;
  /** The red warnings that stand, by `placeOf`, as far as they are at hand; changed in place. */
  readonly reds?: Map<string, readonly string[]>;
  /** Levels that a red warning of the same place holds back. */
  readonly inhibited?: readonly Level[];
  readonly domainOf?: (item: string) => string | undefined;
}

/** Warnings of one item on one key share a place. */
export function placeOf({ item, scope, key }: Pick<Transition, 'item' | 'scope' | 'key'>): string {
  return `${item} ${scope}:${key}`;
}

export class Silence {
  private readonly warnings: Map<string, Set<string>>;
  private readonly mutes: readonly Mute[];
  private readonly reds: Map<string, readonly string[]>;

  constructor(
    plain: SilencePlain = {},
    private readonly options: SilenceOptions = {},
  ) {
    this.warnings = new Map(Object.entries(plain).map(([source, warnings]) => [source, new Set(warnings)]));
    this.mutes = [...(options.mutes ?? [])];
    this.reds = options.reds ?? new Map<string, readonly string[]>();
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

  /** What stands against telling of a transition, ascending. */
  against(transition: Transition): string[] {
    const { restsOn = [], level, warning, draw } = transition;
    // An inspection by lot is made whatever else stands on the subject.
    const inhibited = draw === undefined && this.options.inhibited?.includes(level) === true;
    const reds = inhibited ? (this.reds.get(placeOf(transition)) ?? []) : [];
    return [
      ...this.among(restsOn),
      ...this.mutes.filter((mute) => this.isMuted(mute, transition)).map(({ id }) => muteSource(id)),
      ...reds.filter((red) => red !== warning).map((red) => RED + red),
    ].sort();
  }

  /** Those of what a warning waited for that it still waits for, once one of them is gone. */
  left(sources: readonly string[], gone: string): string[] {
    return sources.filter(
      (source) => source !== gone && (source.startsWith(MUTE) || source.startsWith(RED) || this.has(source)),
    );
  }

  /** Hears what is said of a source, or of a red warning, and of nothing else. @returns what nothing waits for any more */
  hear(transition: Transition): string[] {
    const source = this.hearSource(transition);
    const red = this.hearRed(transition);
    return [...(source === null ? [] : [source]), ...(red === null ? [] : [red])];
  }

  get plain(): SilencePlain {
    return Object.fromEntries([...this.warnings].map(([source, warnings]) => [source, [...warnings]]));
  }

  private hearSource({ scope, key, warning, level }: Transition): string | null {
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

  private hearRed(transition: Transition): string | null {
    const { warning, level, quiet } = transition;
    const place = placeOf(transition);
    const standing = this.reds.get(place) ?? [];
    const stands = standing.includes(warning);
    if (level === 'red') {
      if (!stands && !quiet) this.reds.set(place, [...standing, warning]);
      return null;
    }
    if (!stands) return null;
    this.reds.set(
      place,
      standing.filter((red) => red !== warning),
    );
    return RED + warning;
  }

  private isMuted({ match, since, until }: Mute, transition: Transition): boolean {
    const { clock, item, model, key, level, profile } = transition;
    const { region } = profile;
    return (
      clock >= since &&
      clock < until &&
      fits(match.item, item) &&
      fits(match.model, model) &&
      fits(match.key, key) &&
      fits(match.domain, this.options.domainOf?.(item)) &&
      (match.levels === undefined || level === 'none' || match.levels.includes(level)) &&
      (match.region === undefined || (typeof region === 'string' && region.startsWith(match.region)))
    );
  }
}

function fits(wanted: string | undefined, found: string | undefined): boolean {
  return wanted === undefined || wanted === found;
}

/** A transition as somebody hears it who knows an earlier level. */
export function heardFrom(told: Level, transition: Transition): Transition {
  const { level } = transition;
  const risen: TransitionReason = told === 'none' ? 'raised' : 'escalated';
  const lowered: TransitionReason = level === 'none' ? transition.reason : 'de-escalated';
  return { ...transition, previous: told, reason: rank(level) > rank(told) ? risen : lowered };
}

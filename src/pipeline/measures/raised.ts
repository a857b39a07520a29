// Warnings as a run raised them: when each reached which level, and what it rests on.
import type { Contribution, Transition } from '../../engine/output.js';
import { CodedError } from '../../events/coded-error.js';
import { rank, type Level } from '../../model/model.js';

/** Warnings of one run that are held in memory. */
export const RAISED_MAX = 1_000_000;

/** Instants are epoch ms. */
export interface RaisedWarning {
  readonly warning: string;
  readonly model: string;
  readonly scope: string;
  readonly key: string;
  readonly item: string;
  readonly raised: number;
  /** When its level came to none; Infinity where it stands at the end of the run. */
  ended: number;
  /** The gravest level that it had. */
  level: Level;
  /** Each level that it came to, in order; the last is none where it ended. */
  readonly steps: { readonly at: number; readonly level: Level }[];
  /** The events behind it when it was raised, of those whose evidence was asked for. */
  readonly evidence: readonly Contribution[];
}

/** Its key with the scope, `subject:shop:1`. */
export function keyOf({ scope, key }: { readonly scope: string; readonly key: string }): string {
  return `${scope}:${key}`;
}

/** When a warning first stood at a level or a graver one; Infinity for never. */
export function reached({ steps }: RaisedWarning, least: Level): number {
  return steps.find(({ level }) => rank(level) >= rank(least))?.at ?? Infinity;
}

/** The level at which a warning stands once an instant has passed. */
export function levelAt({ steps }: RaisedWarning, instant: number): Level {
  return steps.findLast(({ at }) => at <= instant)?.level ?? 'none';
}

/** Takes transitions in their order and keeps the warnings that were raised in a span. */
export class RaisedWarnings {
  private readonly open = new Map<string, RaisedWarning>();
  private readonly every: RaisedWarning[] = [];

  /**
   * @param fromMs warnings that were raised before are left out
   * @param wantsEvidence whether the events behind the warnings of a key are kept
   */
  constructor(
    private readonly fromMs: number,
    private readonly wantsEvidence: (key: string) => boolean = () => false,
  ) {}

  /** In the order in which they were raised. */
  get all(): readonly RaisedWarning[] {
    return this.every;
  }

  /** @throws CodedError REPLAY_LIMIT */
  hear(transition: Transition): void {
    const { warning, level, clock, raised } = transition;
    if (raised < this.fromMs) return;
    const one = this.open.get(warning) ?? this.opened(transition);
    if (one === undefined) return;
    one.steps.push({ at: clock, level });
    if (rank(level) > rank(one.level)) one.level = level;
    if (level !== 'none') return;
    one.ended = clock;
    this.open.delete(warning);
  }

  private opened(transition: Transition): RaisedWarning | undefined {
    const { warning, model, scope, key, item, level, raised } = transition;
    if (level === 'none') return undefined;
    if (this.every.length >= RAISED_MAX)
      throw new CodedError('REPLAY_LIMIT', `There are more than ${RAISED_MAX} warnings in the span.`);
    // Asking for the contributions orders and hashes them.
    const evidence = this.wantsEvidence(keyOf(transition)) ? transition.contributions.events : [];
    const one = { warning, model, scope, key, item, raised, ended: Infinity, level, steps: [], evidence };
    this.open.set(warning, one);
    this.every.push(one);
    return one;
  }
}

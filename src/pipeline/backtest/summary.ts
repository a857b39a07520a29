// What a backtest came to: counts only, nothing of any event.
import type { Strata } from '../../engine/strata.js';
import type { Event } from '../../events/event.js';
import type { OperatorAlert, Transition, Verdict } from '../../engine/output.js';
import { LEVELS, rank, type WarningLevel } from '../../model/model.js';

/** Warnings of one model by the gravest level that each reached. */
export interface WarningCount {
  readonly model: string;
  readonly total: number;
  readonly red: number;
  readonly orange: number;
  readonly yellow: number;
  readonly blue: number;
}

export interface BacktestSummary {
  readonly revision: string;
  /** Events that were stepped, duplicates included. */
  readonly events: number;
  /** Clock at the end, epoch ms; null where there was neither an event nor an end given. */
  readonly clock: number | null;
  readonly duplicates: number;
  /** Events taken back by a revocation or an amendment, whichever came first. */
  readonly revoked: number;
  /** Events that were to be taken back and never came: named wrongly, or sent under another subject. */
  readonly unmet: number;
  /** Events that were not stepped, and revocations that the engine refused, by code. */
  readonly refused: readonly CodeCount[];
  readonly transitions: number;
  /** Episodes, in order of model. */
  readonly warnings: readonly WarningCount[];
  /** Events outside every window on arrival, in order of model. */
  readonly late: readonly { readonly model: string; readonly count: number }[];
  readonly operatorAlerts: readonly CodeCount[];
}

export interface CodeCount {
  readonly code: string;
  readonly count: number;
}

type Grave = { [level in WarningLevel]: number };

export class Tally {
  private transitions = 0;
  private duplicates = 0;
  private revoked = 0;
  /** Keys and ids of the events that revocations and amendments wait for. */
  private readonly awaited = new Set<string>();
  private readonly refused = new Map<string, number>();
  private readonly alerts = new Map<string, number>();
  /** Rank reached by the warnings that stand. */
  private readonly standing = new Map<string, { readonly model: string; reached: number }>();
  private readonly byModel = new Map<string, Grave>();

  refusedFor(code: string, count = 1): void {
    this.refused.set(code, (this.refused.get(code) ?? 0) + count);
  }

  /** @param cause the event whose step said it */
  heard(output: Verdict | OperatorAlert, cause: Event | undefined): void {
    if (output.kind === 'operator') {
      this.alerts.set(output.code, (this.alerts.get(output.code) ?? 0) + output.count);
    } else if (output.verdict === 'duplicate') this.duplicates++;
    else if (output.verdict === 'refused') this.refusedFor(output.code);
    else this.tookBack(output, cause);
  }

  /** What is not known yet is taken back when it comes; until then its id is awaited on that key. */
  private tookBack({ verdict, original }: Verdict, cause: Event | undefined): void {
    if (verdict === 'tombstoned') this.awaited.delete(`${cause?.key} ${cause?.id}`);
    if (verdict === 'tombstoned' || original !== null) this.revoked++;
    const target = cause?.revokes ?? cause?.amends;
    if (target !== undefined && original === null) this.awaited.add(`${cause?.key} ${target}`);
  }

  warned({ warning, model, level, previous }: Transition): void {
    this.transitions++;
    const reached = Math.max(rank(level), rank(previous), this.standing.get(warning)?.reached ?? 0);
    this.standing.set(warning, { model, reached });
    if (level === 'none') this.settle(warning);
  }

  summary({ rules, counters, clock }: Strata): BacktestSummary {
    for (const warning of [...this.standing.keys()]) this.settle(warning);
    const models = [...this.byModel].sort(([a], [b]) => (a < b ? -1 : 1));
    const late = [...counters.late].sort(([a], [b]) => (a < b ? -1 : 1));
    return {
      revision: rules.revision,
      events: counters.events,
      clock: Number.isFinite(clock) ? clock : null,
      duplicates: this.duplicates,
      revoked: this.revoked,
      unmet: this.awaited.size,
      refused: byCode(this.refused),
      transitions: this.transitions,
      warnings: models.map(([model, { red, orange, yellow, blue }]) => {
        return { model, total: red + orange + yellow + blue, red, orange, yellow, blue };
      }),
      late: late.map(([model, count]) => ({ model, count })),
      operatorAlerts: byCode(this.alerts),
    };
  }

  private settle(warning: string): void {
    const ended = this.standing.get(warning);
    const level = LEVELS[ended?.reached ?? 0] ?? 'none';
    this.standing.delete(warning);
    if (ended === undefined || level === 'none') return;
    const grave = this.byModel.get(ended.model) ?? { red: 0, orange: 0, yellow: 0, blue: 0 };
    grave[level]++;
    this.byModel.set(ended.model, grave);
  }
}

function byCode(counts: ReadonlyMap<string, number>): CodeCount[] {
  return [...counts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([code, count]) => ({ code, count }));
}

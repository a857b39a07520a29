// Reports that were reckoned already: they hold until something comes in, or a deadline passes.
import { Recent } from '../events/recent.js';
import type { RuleSet } from '../model/ruleset.js';
import type { WarningBook } from '../pipeline/warning-book.js';
import { reportOn, type Report, type Reckoned, type Shown } from './reporting.js';

export interface ReportCacheOptions {
  readonly book: WarningBook;
  readonly rules: RuleSet;
  /** Of the log, epoch ms. */
  readonly clock: () => number;
  /** How far the alert side has come: at one place every warning is the same. */
  readonly position: () => number;
}

/** Kinds of callers whose reports are kept, at most twice as many. */
const KEPT = 100;

export class ReportCache {
  private readonly kept = new Recent<string, Reckoned & { readonly position: number }>(KEPT);

  constructor(private readonly options: ReportCacheOptions) {}

  /** @param scope names what is shown: the same name, the same warnings and departments */
  async report(scope: string, shown: Shown): Promise<Report> {
    const { book, rules, clock, position } = this.options;
    const now = clock();
    const known = this.kept.get(scope);
    if (known !== undefined && known.position === position() && now <= known.holdsUntil)
      return { ...known.report, at: Number.isFinite(now) ? new Date(now).toISOString() : null };
    const before = position();
    const reckoned = await reportOn(book, rules, now, shown);
    // What came in while it was read is in a part of it, perhaps.
    if (position() === before) this.kept.set(scope, { ...reckoned, position: before });
    return reckoned.report;
  }
}

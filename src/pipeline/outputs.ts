// What the steps of a batch said: transitions are frozen, verdicts and alerts for the operators go to their logs.
import type { Origin, WarningRecord } from '../alerts/inbox.js';
import type { Output, Transition, Verdict } from '../engine/output.js';
import type { ChainHead } from '../evidence/chain.js';
import type { Logs } from '../ports/log.js';
import { encodeJson } from './checkpoint.js';
import type { Freezer, Said } from './freezer.js';
import type { Stage } from './stage.js';

interface Emitted {
  readonly stage: Stage;
  readonly origin: Origin;
  readonly output: Output;
}

/** A verdict as the archive reads it. */
export interface VerdictRecord {
  readonly origin: Origin;
  readonly verdict: Verdict;
}

/** Transitions that stand in their log, where their steps are done again. */
export interface Standing {
  /**
   * The head of the chain after a transition that stands; null for one that is to be frozen and written.
   * @param head of its chain before it
   * @throws CodedError REBUILD_DIFFERS where something else stands in its place
   */
  headAfter(origin: Origin, transition: Transition, head: ChainHead): ChainHead | null;
}

export class Outputs {
  private emitted: Emitted[] = [];
  /** Verdicts written since the last checkpoint, and those before it since the start, by `verdict code`. */
  private written: Verdict[] = [];
  private readonly counts = new Map<string, number>();

  constructor(
    private readonly logs: Logs,
    private readonly partition: number,
    private readonly freezer: Freezer,
    private readonly standing?: Standing | undefined,
  ) {}

  /** Verdicts since the start, by `verdict code`; both from short lists of the engine. */
  get verdicts(): ReadonlyMap<string, number> {
    return this.counts;
  }

  push(stage: Stage, origin: Origin, output: Output): void {
    this.emitted.push({ stage, origin, output });
  }

  /** Forgets what no checkpoint has: its step begins anew. */
  clear(): void {
    this.emitted = [];
    this.written = [];
  }

  /** Writes all but transitions; durable once it resolves. @returns these, frozen */
  async write(): Promise<WarningRecord[]> {
    const verdicts: Uint8Array[] = [];
    const operator: Uint8Array[] = [];
    const said: Said[] = [];
    for (const { stage, origin, output } of this.emitted.splice(0)) {
      if (output.kind === 'transition') {
        const head = this.standing?.headAfter(origin, output, stage.chain) ?? null;
        if (head === null) said.push({ stage, origin, transition: output });
        else stage.chain = head;
      } else if (output.kind === 'verdict') {
        verdicts.push(encodeJson({ origin, verdict: output } satisfies VerdictRecord));
        this.written.push(output);
      } else operator.push(encodeJson({ origin, alert: output }));
    }
    if (verdicts.length > 0) await this.logs.verdicts.append(this.partition, verdicts);
    if (operator.length > 0) await this.logs.operator.append(0, operator);
    return this.freezer.freezeAll(said);
  }

  /** The checkpoint stands: what a failed one decides again is not counted again. */
  committed(): void {
    for (const { verdict, code } of this.written.splice(0)) {
      const name = `${verdict} ${code}`;
      this.counts.set(name, (this.counts.get(name) ?? 0) + 1);
    }
  }
}

// Rebuild: makes the state of a deployment anew from its logs. Every consumer does its steps again, from the first
// record on or from its checkpoint, and writes what its target logs do not hold yet; nothing is said twice.
import type { WarningRecord } from '../../alerts/inbox.js';
import type { ChainHead } from '../../evidence/chain.js';
import type { LogName, WideLogName, WideLogs } from '../../ports/log.js';
import type { SealSigner } from '../../ports/seal-signer.js';
import { Alert } from '../alert.js';
import { checkpointOf } from '../checkpoint.js';
import { Evaluate } from '../evaluate.js';
import type { EvaluateOptions } from '../evaluate-options.js';
import { Sealing } from '../sealing.js';
import { EvaluateDerived } from '../wide/evaluate-derived.js';
import { Outlet } from '../wide/outlet.js';
import { sourcesOf, type PartitionCounts } from '../wide/partition.js';
import { Sequence } from '../wide/sequence.js';
import { DeliveriesRestoring } from './deliveries.js';
import { restoreHandOvers, restoreTicks } from './places.js';
import { restoreRetention } from './retention.js';
import { StandingLog, type Placed } from './standing-log.js';
import { StandingTransitions } from './standing-transitions.js';
import type { Surveyed } from './survey.js';

export interface RebuildOptions extends Omit<
  EvaluateOptions,
  'logs' | 'partition' | 'recent' | 'outlet' | 'standing' | 'evidenceKey'
> {
  readonly logs: WideLogs;
  readonly partitions: PartitionCounts;
  /** The offset of the first record that a partition of a log still has. */
  readonly begin: (name: LogName | WideLogName, partition: number) => Promise<number>;
  readonly surveyed: Surveyed;
  readonly evidenceKey: Uint8Array;
  readonly signer: SealSigner;
  /** The digest of the files of a revision that ran; undefined where they are not at hand. */
  readonly manifestDigest: (revision: string) => Promise<string | undefined>;
  /** Epoch ms of this machine's clock. */
  readonly now: () => number;
  readonly onProgress: (progress: Progress) => void;
}

/** How far one part of the work has come, in records of a log. */
export interface Progress {
  readonly part: string;
  readonly done: number;
  /** As far as it is known. */
  readonly of: number;
}

interface Worker {
  readonly position: number;
  open(): Promise<void>;
  run(): Promise<number>;
}

interface StageHeads {
  readonly stages: readonly { readonly chain: ChainHead }[];
}

const SINGLE = ['transitions', 'inbox', 'operator', 'deliveries', 'actions', 'withheld', 'cases'] as const;

/** The logs that hold what steps said, and which of it stands. */
export class Rebuild {
  private readonly standing = new StandingTransitions();
  private readonly standingLogs = new Map<LogName | WideLogName, StandingLog>();
  private readonly logs: WideLogs;

  constructor(private readonly options: RebuildOptions) {
    const { logs } = options;
    const names = [...SINGLE, 'verdicts', 'derived'] as const;
    for (const name of names) this.standingLogs.set(name, new StandingLog(logs[name]));
    this.logs = { ...logs, ...Object.fromEntries(this.standingLogs) };
  }

  /** Reads what stands; before anything else. */
  async survey(): Promise<void> {
    const { partitions } = this.options;
    await Promise.all([
      ...SINGLE.filter((name) => name !== 'transitions').map((name) => this.read(name, 0)),
      this.read('transitions', 0, (record: Placed) => {
        if (record.kind === 'warning') this.standing.hear(record as WarningRecord);
      }),
      ...range(partitions.events).map((partition) => this.read('verdicts', partition)),
      ...range(partitions.derived).map((partition) => this.read('derived', partition)),
    ]);
  }

  /** Whether the evidence that stands was made with the key that is given; known once what stands was read. */
  get isSaltedRight(): boolean {
    return this.standing.isSaltedWith(this.options.evidenceKey, this.options.hashing);
  }

  /**
   * Does all steps again. It may be interrupted at any instant, and begun again with what stands read anew.
   * @throws CodedError REBUILD_DIFFERS, SEALS_DIFFER where the logs hold something else than their steps say;
   *   CHECKPOINT_FENCED where another one came in between
   */
  async run(): Promise<void> {
    const { state, nonce, surveyed } = this.options;
    const restoring = new DeliveriesRestoring(this.options);
    await restoring.begin();
    await this.evaluate();
    await this.checkChains();
    const sequence = await this.sequence();
    await this.alert();
    const waiting = await restoring.restore();
    this.say('deliveries without a result', waiting, waiting);
    await this.seal(sequence.clock);
    const holds = await restoreRetention(this.options);
    this.say('holds that stand', holds, holds);
    await restoreTicks(state, nonce, surveyed);
    await restoreHandOvers(state, nonce, this.standingLogs.get('operator')?.origins(0) ?? {});
  }

  private async evaluate(): Promise<void> {
    const { options, logs, standing } = this;
    const { partitions } = options;
    const common = { ...options, logs, standing };
    const outlet = () => new Outlet(logs, partitions.derived);
    const ends = await Promise.allSettled(
      range(partitions.events).map(async (partition) => {
        const worker = new Evaluate({ ...common, partition, outlet: outlet() });
        await this.finish(`evaluate events/${partition}`, worker, await logs.events.end(partition));
      }),
    );
    // Where one fails, none of the others still writes when that is said: whoever begins again would be fenced by it.
    for (const end of ends) if (end.status === 'rejected') throw end.reason;
    const above = range(partitions.derived).map((partition) => ({
      partition,
      worker: new EvaluateDerived({ ...common, partition, outlet: outlet() }),
    }));
    for (const { worker } of above) await worker.open();
    // Strata say things to higher ones in the same log, so each is asked until none has anything to do.
    for (let idle = false; !idle;) {
      idle = true;
      for (const { partition, worker } of above) {
        const end = await logs.derived.end(partition);
        if ((await this.drain(`evaluate derived/${partition}`, worker, end)) > 0) idle = false;
      }
    }
  }

  /** Everything that stands was said again. */
  private async checkChains(): Promise<void> {
    const { state, partitions } = this.options;
    const check = async (namespace: string, partition: number, stratum: number) => {
      const meta = await checkpointOf<StageHeads>(state, namespace);
      for (const [index, { chain }] of (meta?.stages ?? []).entries())
        this.standing.check(`${stratum + index}/${partition}`, chain);
    };
    for (const partition of range(partitions.events)) await check(`evaluate/${partition}`, partition, 0);
    for (const partition of range(partitions.derived)) await check(`derived/${partition}`, partition, 1);
  }

  private async sequence(): Promise<Sequence> {
    const { options, logs } = this;
    const { partitions, rules } = options;
    const sources = sourcesOf(rules.strata, partitions);
    const sequence = new Sequence({ ...options, logs, sources, partitions: partitions.derived });
    await this.finish('order', sequence, await logs.transitions.end(0));
    return sequence;
  }

  private async alert(): Promise<void> {
    const { options, logs } = this;
    // Time passes by the marks of the inbox alone.
    const alert = new Alert({ ...options, logs, clock: () => -Infinity });
    await this.finish('alert', alert, await logs.inbox.end(0));
  }

  private async seal(clock: number): Promise<void> {
    const { options } = this;
    const sealing = new Sealing(options);
    await sealing.open();
    for (;;) {
      const done = await sealing.run(clock);
      this.say('seals', sealing.seals, sealing.seals);
      if (done === 0) return;
    }
  }

  private async finish(part: string, worker: Worker, end: number): Promise<void> {
    await worker.open();
    await this.drain(part, worker, end);
  }

  /** Lets it work until there is nothing to do. @returns how much it did */
  private async drain(part: string, worker: Worker, end: number): Promise<number> {
    for (let sum = 0; ;) {
      const done = await worker.run();
      this.say(part, worker.position, end);
      if (done === 0) return sum;
      sum += done;
    }
  }

  private async read(
    name: (typeof SINGLE)[number] | 'verdicts' | 'derived',
    partition: number,
    hear?: (record: Placed) => void,
  ): Promise<void> {
    const begin = await this.options.begin(name, partition);
    await this.standingLogs.get(name)?.survey(partition, begin, hear);
    const end = await this.options.logs[name].end(partition);
    this.say(`read ${name}/${partition}`, end, end);
  }

  private say(part: string, done: number, of: number): void {
    this.options.onProgress({ part, done, of });
  }
}

function range(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}

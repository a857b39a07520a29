// Primer: after a change of rules, reads the history under the new ones and appends what it says of each key.
import type { WarningRecord } from '../alerts/inbox.js';
import { awaitsHistory, type Generation } from '../engine/generation.js';
import { Priming, type Told } from '../engine/priming.js';
import { decodeRecord } from '../events/codec.js';
import type { LogRecord } from '../events/event.js';
import type { RuleSet } from '../model/ruleset.js';
import type { History } from '../ports/history.js';
import type { Log, Logs } from '../ports/log.js';
import type { Probe } from './checkpoint.js';
import type { Evaluate } from './evaluate.js';
import type { Ingest } from './ingest.js';
import { mergedHistory, type MergedRecord } from './history/merged-history.js';
import { behind } from './log-pages.js';
import { ToldWarnings } from './told-warnings.js';

/** A change of rules whose history is to be told. */
export interface Task {
  readonly epoch: number;
  /** When it took effect. */
  readonly at: number;
  /** By partition, the offset behind the history. */
  readonly cuts: readonly number[];
  readonly rules: RuleSet;
  /** Of the new rules, by stratum. */
  readonly generations: readonly Generation[];
  /** Transitions that are not in the inbox yet. */
  readonly waiting: readonly WarningRecord[];
}

/** What is to be told, and to whom. */
export interface Telling {
  /** The change that waits for its history; null for none. @param done the epoch that was told whole here */
  task(done: number): Promise<Task | null>;
  /** The rules of a revision that a log names. @throws CodedError where they are not at hand */
  rulesNamed(revision: string): Promise<RuleSet>;
  /** Whether all of it was told before. */
  isTold(task: Task): Promise<boolean>;
  /** Appends what the history says; each record is made with its arrival. */
  tell(records: readonly ToldRecord[]): Promise<void>;
  /** Says that all of it has been told. */
  end(task: Task): Promise<void>;
}

export interface ToldRecord extends Told {
  readonly kind: 'prime';
}

export interface PrimerOptions {
  readonly inbox: Log;
  /** What the events log held, wherever it is kept by now. */
  readonly history: History;
  readonly telling: Telling;
  /** The partition that steps a key. */
  readonly partitionOf?: (key: string) => number;
  readonly probe: Probe;
  /** Records a batch, of the history and of what is appended. */
  readonly batch: number;
}

interface Work {
  readonly task: Task;
  readonly priming: Priming;
  readonly warnings: ToldWarnings;
  readonly history: AsyncIterator<readonly MergedRecord[]>;
  told: Iterator<Told> | null;
}

/**
 * What is still to be done follows from the logs and from the checkpoints alone: a change of rules whose end of the
 * telling was not said is told again, from its first record on; what a key was told before is passed over.
 */
export class Primer {
  private work: Work | null = null;
  /** The epoch that has been told whole. */
  private done = 0;

  constructor(private readonly options: PrimerOptions) {}

  /** Whether history is being read or told. */
  get busy(): boolean {
    return this.work !== null;
  }

  /** Does one batch. @returns 0 when there is nothing to do */
  async run(): Promise<number> {
    const { telling } = this.options;
    const task = await telling.task(this.done);
    if (task === null || task.epoch === this.done) {
      await this.close();
      return 0;
    }
    if (this.work?.task.epoch !== task.epoch) {
      await this.close();
      if (await telling.isTold(task)) {
        this.done = task.epoch;
        return 0;
      }
      if (!task.generations.some(awaitsHistory)) {
        await telling.end(task);
        this.done = task.epoch;
        return 1;
      }
      this.work = this.begin(task);
    }
    const { work } = this;
    return work.told === null ? this.read(work) : this.tell(work, work.told);
  }

  /** Leaves off; what is told next is told from its first record on. */
  async close(): Promise<void> {
    const { work } = this;
    this.work = null;
    await work?.history.return?.();
  }

  private begin(task: Task): Work {
    const { inbox, history, batch, telling, partitionOf } = this.options;
    const { rules, generations, cuts } = task;
    const named = (revision: string) => telling.rulesNamed(revision);
    const warnings = new ToldWarnings(inbox, task.at, task.waiting, batch, named);
    const rulesOf = (revision: string) => warnings.rulesOf(revision);
    const spread = { partitions: cuts.length, partitionOf };
    const priming = new Priming(rules, generations, rulesOf, spread);
    const whole = { sinceMs: -Infinity, always: [], beforeMs: Infinity, ends: cuts, page: batch };
    const records = mergedHistory(history, whole)[Symbol.asyncIterator]();
    return { task, priming, warnings, history: records, told: null };
  }

  private async read(work: Work): Promise<number> {
    const { priming, warnings, history, task } = work;
    const next = await history.next();
    for (const { record, partition, offset, clock } of next.done === true ? [] : next.value) {
      for (const transition of await warnings.takeUntil(clock)) priming.hear(transition);
      priming.step(record, offset, partition);
    }
    if (next.done !== true) return 1;
    for (const transition of await warnings.takeUntil(Infinity)) priming.hear(transition);
    work.told = priming.finish(task.at);
    return 1;
  }

  private async tell({ task }: Work, told: Iterator<Told>): Promise<number> {
    const { telling, probe, batch } = this.options;
    const records: ToldRecord[] = [];
    let bytes = 0;
    while (records.length < batch && bytes < BYTES_MAX) {
      const next = told.next();
      if (next.done === true) {
        if (records.length > 0) await telling.tell(records);
        await telling.end(task);
        this.done = task.epoch;
        this.work = null;
        return 1;
      }
      bytes += next.value.bytes.length;
      records.push({ kind: 'prime', ...next.value });
    }
    await telling.tell(records);
    probe('after-append');
    return 1;
  }
}

const BYTES_MAX = 16 * 1024 * 1024;

/** Where one process has all partitions and strata, which is one: the log says what was told. */
export class LogTelling implements Telling {
  constructor(
    private readonly options: {
      readonly logs: Pick<Logs, 'events'>;
      readonly evaluate: Evaluate;
      readonly ingest: Pick<Ingest, 'tell'>;
      readonly batch: number;
    },
  ) {}

  task(): Promise<Task | null> {
    const { telling, rules, generations, waiting } = this.options.evaluate;
    if (telling === null) return Promise.resolve(null);
    const { epoch, at, cut } = telling;
    return Promise.resolve({ epoch, at, cuts: [cut], rules, generations, waiting });
  }

  rulesNamed(revision: string): Promise<RuleSet> {
    return this.options.evaluate.rulesNamed(revision);
  }

  tell(records: readonly ToldRecord[]): Promise<void> {
    return this.options.ingest.tell(records.map((record) => (at) => ({ ...record, at })));
  }

  end({ epoch }: Task): Promise<void> {
    return this.options.ingest.tell([(at): LogRecord => ({ kind: 'primed', at, epoch })]);
  }

  /** Whether the log holds the end of the telling already. */
  async isTold({ cuts, epoch }: Task): Promise<boolean> {
    const { logs, batch, evaluate } = this.options;
    for (let offset = Math.max((cuts[0] ?? 0) + 1, evaluate.position); ;) {
      const page = await logs.events.read(0, offset, batch);
      for (const { value } of page) {
        const record = decodeRecord(value);
        if (record.kind === 'primed' && record.epoch === epoch) return true;
      }
      if (page.length < batch) return false;
      offset = behind(page, offset);
    }
  }
}

// Primer: after a change of rules, reads the history under the new ones and appends what it says of each key.
import { Priming, type Told } from '../engine/priming.js';
import { decodeRecord } from '../events/codec.js';
import type { LogRecord } from '../events/event.js';
import type { Logs } from '../ports/log.js';
import type { Probe } from './checkpoint.js';
import type { Evaluate, Telling } from './evaluate.js';
import type { Ingest } from './ingest.js';
import { ToldWarnings } from './told-warnings.js';

export interface PrimerOptions {
  readonly logs: Logs;
  readonly evaluate: Evaluate;
  readonly ingest: Pick<Ingest, 'tell'>;
  readonly probe: Probe;
  /** Records a batch, of the history and of what is appended. */
  readonly batch: number;
}

interface Work extends Telling {
  readonly priming: Priming;
  readonly warnings: ToldWarnings;
  /** The clock of the history. */
  clock: number;
  /** Of the next record of the history. */
  offset: number;
  told: Iterator<Told> | null;
}

/**
 * What is still to be done follows from the log and from evaluate's checkpoint alone: a change of rules whose end of
 * the telling is not in the log is told again, from its first record on; what a key was told before is passed over.
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
    const { telling } = this.options.evaluate;
    if (telling === null || telling.epoch === this.done) {
      this.work = null;
      return 0;
    }
    if (this.work?.epoch !== telling.epoch) {
      this.work = null;
      if (await this.isTold(telling)) {
        this.done = telling.epoch;
        return 0;
      }
      this.work = this.begin(telling);
    }
    const { work } = this;
    return work.offset < work.cut ? this.read(work) : this.tell(work);
  }

  private begin(telling: Telling): Work {
    const { logs, batch, evaluate } = this.options;
    const { rules, generations } = evaluate;
    const named = (revision: string) => evaluate.rulesNamed(revision);
    const warnings = new ToldWarnings(logs.inbox, telling.at, evaluate.waiting, batch, named);
    const priming = new Priming(rules, generations, (revision) => warnings.rulesOf(revision));
    return { ...telling, priming, warnings, clock: -Infinity, offset: 0, told: null };
  }

  private async read(work: Work): Promise<number> {
    const { logs, batch } = this.options;
    const records = await logs.events.read(0, work.offset, Math.min(batch, work.cut - work.offset));
    for (const { offset, value } of records) {
      const record = decodeRecord(value);
      work.clock = Math.max(work.clock, record.at);
      for (const transition of await work.warnings.takeUntil(work.clock)) work.priming.hear(transition);
      work.priming.step(record, offset);
    }
    work.offset = records.length === 0 ? work.cut : work.offset + records.length;
    if (work.offset < work.cut) return 1;
    for (const transition of await work.warnings.takeUntil(Infinity)) work.priming.hear(transition);
    return 1;
  }

  private async tell(work: Work): Promise<number> {
    const { ingest, probe, batch } = this.options;
    work.told ??= work.priming.finish(work.at);
    const records: ((at: number) => LogRecord)[] = [];
    let bytes = 0;
    while (records.length < batch && bytes < BYTES_MAX) {
      const next = work.told.next();
      if (next.done === true) {
        records.push((at) => ({ kind: 'primed', at, epoch: work.epoch }));
        await ingest.tell(records);
        this.done = work.epoch;
        this.work = null;
        return 1;
      }
      const { value } = next;
      bytes += value.bytes.length;
      records.push((at) => ({ kind: 'prime', at, ...value }));
    }
    await ingest.tell(records);
    probe('after-append');
    return 1;
  }

  /** Whether the log holds the end of the telling already. */
  private async isTold({ cut, epoch }: Telling): Promise<boolean> {
    const { logs, batch, evaluate } = this.options;
    for (let offset = Math.max(cut + 1, evaluate.position); ; offset += batch) {
      const page = await logs.events.read(0, offset, batch);
      for (const { value } of page) {
        const record = decodeRecord(value);
        if (record.kind === 'primed' && record.epoch === epoch) return true;
      }
      if (page.length < batch) return false;
    }
  }
}

const BYTES_MAX = 16 * 1024 * 1024;

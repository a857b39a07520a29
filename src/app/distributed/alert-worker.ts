// The alert side on servers: one process at a time puts all transitions in order, decides, delivers and seals.
import { randomUUID } from 'node:crypto';
import type { RuleSet } from '../../model/ruleset.js';
import { Alert } from '../../pipeline/alert.js';
import type { Probe } from '../../pipeline/checkpoint.js';
import { Sequence } from '../../pipeline/wide/sequence.js';
import { Delivering, type Channels } from '../delivering.js';
import type { Log } from '../log.js';
import type { Rounds } from '../rounds.js';
import { SealStage, type HolderChoice } from '../sealing.js';
import type { StoredRules } from '../stored-rules.js';
import { within } from '../within.js';
import type { ServerStores } from './server-stores.js';
import type { Worker } from './share-runner.js';

/** A holder of seals that does not answer for so long gets what is under way from whoever comes next. */
const SEALS_MS = 2_000;

export interface AlertWorkerOptions {
  readonly stores: ServerStores;
  readonly rules: RuleSet;
  readonly storedRules: StoredRules;
  /** All partitions of all strata. */
  readonly sources: readonly string[];
  readonly channels: Channels;
  readonly holders: HolderChoice;
  readonly now: () => number;
  readonly log: Log;
  readonly probe: Probe;
  readonly batch: number;
  readonly rounds: Rounds;
  /** Lets the rounds go on: results of channels are in the inbox. */
  readonly wake: () => void;
}

export class AlertWorker implements Worker {
  private isPaused = true;

  private constructor(
    readonly sequence: Sequence,
    readonly alert: Alert,
    readonly delivering: Delivering,
    readonly seals: SealStage,
  ) {}

  /** Opens the key of the seals. @throws CodedError SEAL_KEY */
  static async open(options: AlertWorkerOptions): Promise<AlertWorker> {
    const { stores, rules, storedRules, sources, channels, holders, now, log, probe, batch, rounds, wake } =
      options;
    const { logs, state, inbox } = stores;
    const stage = { logs, state, nonce: randomUUID, probe, batch };
    const sequence = new Sequence({ ...stage, sources, partitions: stores.partitions.derived });
    const rulesOf = (revision: string) => storedRules.load(revision);
    const alert = new Alert({ ...stage, rules, rulesOf, clock: () => sequence.clock });
    const { zone } = rules.catalogue.calendar;
    const delivery = { inbox, channels, zone, now, log, rounds, onResults: wake };
    const delivering = new Delivering({ ...stage, ...delivery });
    const seals = await SealStage.open(stores, storedRules, holders, randomUUID, log);
    return new AlertWorker(sequence, alert, delivering, seals);
  }

  get position(): number {
    return this.sequence.position;
  }

  /** How many records wait for what decides and what delivers, beside those of its share. */
  async waiting({ inbox, deliveries }: Pick<ServerStores['logs'], 'inbox' | 'deliveries'>) {
    const of = (role: string, log: string, end: number, position: number) => ({
      ...{ role, log, partition: 0 },
      records: Math.max(0, end - position),
    });
    return [
      of('alert', 'inbox', await inbox.end(0), this.alert.position),
      of('deliver', 'deliveries', await deliveries.end(0), this.delivering.deliver.read),
    ];
  }

  async resume(): Promise<void> {
    await this.open();
  }

  async open(): Promise<void> {
    await this.sequence.open();
    await this.alert.open();
    await this.seals.open();
    if (!this.isPaused) return;
    await this.delivering.open();
    await this.seals.start();
    this.delivering.start();
    this.isPaused = false;
  }

  async run(): Promise<number> {
    const sequenced = await this.sequence.run();
    const decided = await this.alert.run();
    if (decided > 0) this.delivering.wake();
    return sequenced + decided + (await this.seals.run(this.sequence.clock));
  }

  async pause(): Promise<void> {
    if (this.isPaused) return;
    this.isPaused = true;
    await Promise.all([this.delivering.interrupt(), within(SEALS_MS, this.seals.interrupt(), undefined)]);
  }

  /** Records what became of the sends under way, and closes the channels. */
  async close(): Promise<void> {
    await this.pause();
    await this.delivering.stop();
  }
}

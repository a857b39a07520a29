// Embedded mode: every role in one process, LMDB below them, chDB in a child, nothing else to install.
import { randomUUID } from 'node:crypto';
import type { BodyText } from '../events/body.js';
import type { RuleSet } from '../model/ruleset.js';
import { Alert } from '../pipeline/alert.js';
import type { WarningBook } from '../pipeline/warning-book.js';
import { evidenceKeyOf } from '../evidence/blinding.js';
import type { ActionSender } from '../pipeline/action-events.js';
import type { Probe } from '../pipeline/checkpoint.js';
import type { Deliver } from '../pipeline/deliver/deliver.js';
import type { EvidenceBook } from '../pipeline/evidence-book.js';
import { Evaluate } from '../pipeline/evaluate.js';
import { LoggedHistory } from '../pipeline/history/logged-history.js';
import { Ingest } from '../pipeline/ingest.js';
import type { Accepted } from '../pipeline/intake.js';
import { LogTelling, Primer } from '../pipeline/primer.js';
import { RecentRecords } from '../pipeline/recent-records.js';
import { Delivering, NO_CHANNELS, type Channels } from './delivering.js';
import type { Desk } from './desk.js';
import { DeskInForce } from './desk-in-force.js';
import { EmbeddedModels, lastEvaluated } from './embedded-models.js';
import { keysAtHand } from './keys-at-hand.js';
import { NATIVE_HASHING } from './native-hashing.js';
import { EMBEDDED_PACE } from './paces.js';
import { Pump } from './pump.js';
import { ClockWatch, StoreWatch } from './watches.js';
import { readyBounds, type ReadyChoice } from './readiness.js';
import { EmbeddedArchive } from './embedded-archive.js';
import { embeddedReadiness } from './embedded-readiness.js';
import { within } from './within.js';
import { openEventFile } from './backtest-input.js';
import {
  checkReplay,
  newReplay,
  readReplay,
  replayStart,
  writeReplay,
  type ReplayChoice,
  type ReplayState,
} from './replay.js';
import { refuseChannels, refuseStopping, runReplay } from './replaying.js';
import { noteFirst } from './rule-changing.js';
import { openEvidence, SealStage, type HolderChoice } from './sealing.js';
import { Rounds } from './rounds.js';
import { StoredRules } from './stored-rules.js';
import { traced, type OpenTracing, type Tracing } from './tracing.js';
import { openDataFolder, type DataFolder } from './stores.js';
import type { ReadyCheck } from '../ports/front.js';
import type { Log as Logger } from './log.js';
import type { Readers } from './warehouse.js';

export interface EmbeddedOptions {
  readonly dataDir: string;
  /** The key of pseudonyms where an operator holds it; null lets the data folder make its own. */
  readonly siteKey: Uint8Array | null;
  readonly rules: RuleSet;
  /** The texts that the rules were loaded from, by path. */
  readonly files: ReadonlyMap<string, string>;
  readonly now: () => number;
  readonly log: Logger;
  readonly probe: Probe;
  /** What a new data folder begins with; null for nothing. */
  readonly replay: ReplayChoice | null;
  readonly warehouse: boolean;
  /** Programs of others that read the warehouse; nobody if undefined. */
  readonly readers?: Readers | undefined;
  /** Who gets the seals. */
  readonly holders: HolderChoice;
  /** Keys of one model beyond which the operators are told; a million where undefined. */
  readonly modelKeys?: number | undefined;
  /** What still counts as ready. */
  readonly ready?: ReadyChoice | undefined;
  /** Ways to departments besides the inbox files; none where undefined. They are closed with the system. */
  readonly channels?: Channels | undefined;
  /** Traces what happens, once the site key is known; null or undefined where nobody asked for it. */
  readonly openTracing?: OpenTracing | null | undefined;
}

const BATCH = 1_000;
const TICK_MS = 1_000;
/** Holders of seals that do not answer for so long get theirs after the next start. */
const SEALS_MS = 4_000;
/** Events that may be under way to evaluate, appended or not, before senders are asked to wait. */
const LAG_MAX = 50_000;

export class Embedded {
  readonly evidence: EvidenceBook;
  readonly models: EmbeddedModels;
  private readonly desks: DeskInForce;
  private readonly pump: Pump;
  readonly archive: EmbeddedArchive;
  private ticking: NodeJS.Timeout | null = null;
  private tickUnderWay: Promise<void> | null = null;
  private readonly accepting = new Set<Promise<unknown>>();
  private isLive = false;
  private stopping = false;
  private eventsEnd = 0;
  private replaying = false;
  private readonly clock: ClockWatch;
  private readonly store: StoreWatch;

  private constructor(
    readonly folder: DataFolder,
    private readonly options: EmbeddedOptions,
    readonly ingest: Ingest,
    readonly evaluate: Evaluate,
    readonly alert: Alert,
    private readonly delivering: Delivering,
    readonly primer: Primer,
    readonly seals: SealStage,
    private readonly storedRules: StoredRules,
    readonly rounds: Rounds,
    readonly tracing: Tracing | null,
  ) {
    this.clock = new ClockWatch(options.log);
    this.store = new StoreWatch(options.now);
    this.archive = new EmbeddedArchive(options.log, rounds);
    const { now, log, probe } = options;
    const wake = () => this.pump.wake.call();
    this.desks = new DeskInForce({
      ...{ state: folder.state, logs: folder.logs, alert, now, wake },
      clock: () => evaluate.clock,
      onFailure: (error) => log.failure('audit', error, 0),
    });
    const models = { folder, storedRules, ingest, evaluate, alert, now, log, probe, wake };
    this.models = new EmbeddedModels(models);
    this.evidence = openEvidence(folder, storedRules);
    const evaluated = rounds.timed('evaluate', () => evaluate.run());
    const alerted = rounds.timed('alert', () => this.alertRound());
    this.pump = new Pump({
      round: async () =>
        (await evaluated()) +
        (await this.models.run()) +
        (await alerted()) +
        (await primer.run()) +
        (await seals.run(evaluate.clock)),
      reopen: () => this.openStages(),
      settle: () => evaluate.settle(),
      idleMs: TICK_MS,
      onFailure: (error, retryInMs) => options.log.failure('pipeline', error, retryInMs),
    });
  }

  /** Opens a data folder and starts every role; what is to be replayed is replayed by `catchUp`. */
  static async start(options: EmbeddedOptions): Promise<Embedded> {
    const { dataDir, rules, probe, holders, log, now, modelKeys } = options;
    const given = options.channels ?? NO_CHANNELS;
    const opened = await openDataFolder(dataDir, options.siteKey, options);
    const tracing = options.openTracing?.(opened.siteKey) ?? null;
    const folder = tracing === null ? opened : traced(opened, tracing);
    try {
      const { logs, vault, siteKey, inbox, lmdb } = folder;
      const rounds = new Rounds();
      const state = rounds.over(lmdb.state);
      const stage = { logs, state, nonce: randomUUID, probe, batch: BATCH };
      const recent = new RecentRecords();
      const inboxClock = () => evaluate.clock;
      const ingest = new Ingest({ logs, vault, siteKey, probe, recent, inboxClock });
      const storedRules = new StoredRules(lmdb.meta);
      await storedRules.keep(rules, options.files);
      const rulesOf = (revision: string) => storedRules.load(revision);
      const evidenceKey = evidenceKeyOf(siteKey);
      const cachedKeys = keysAtHand();
      const keys = { partition: 0, cachedKeys, modelKeys, evidenceKey, hashing: NATIVE_HASHING };
      const evaluate = new Evaluate({ ...stage, ...keys, rules, rulesOf, recent, pace: EMBEDDED_PACE });
      const running = await lastEvaluated(folder, storedRules, rules);
      const alert = new Alert({ ...stage, rules: running, rulesOf, clock: () => evaluate.clock });
      const { zone } = running.catalogue.calendar;
      const channels = tracing?.channels(given) ?? given;
      const onResults = () => embedded.pump.wake.call();
      const delivering = new Delivering({ ...stage, inbox, channels, zone, now, log, onResults, rounds });
      const telling = new LogTelling({ logs, evaluate, ingest, batch: BATCH });
      const primer = new Primer({
        inbox: logs.inbox,
        history: new LoggedHistory(logs.events, 1),
        telling,
        probe,
        batch: BATCH,
      });
      const seals = await SealStage.open(folder, storedRules, holders, randomUUID, log);
      const roles = [ingest, evaluate, alert, delivering, primer, seals] as const;
      const embedded: Embedded = new Embedded(folder, options, ...roles, storedRules, rounds, tracing);
      await embedded.open();
      return embedded;
    } catch (error) {
      await folder.close();
      throw error;
    }
  }

  get deliver(): Deliver {
    return this.delivering.deliver;
  }

  /** Whether time passes and events are taken: the start has caught up with all that it found. */
  get live(): boolean {
    return this.isLive;
  }

  /** The rules that the alert side runs. */
  get rules(): RuleSet {
    return this.alert.inForce;
  }

  /** What is read of the warnings, under the rules in force. */
  get book(): WarningBook {
    return this.desks.of(this.rules).book;
  }

  /** What callers read and do, under the rules in force. */
  get desk(): Desk {
    return this.desks.of(this.rules).desk;
  }

  /** Lets a replay, or the wait for its end, stop after the batch under way. */
  async interrupt(): Promise<void> {
    this.stopping = true;
    await Promise.all([this.pump.stop(), this.delivering.interrupt(), this.archive.interrupt()]);
  }

  /** Events that wait for evaluate. */
  async lag(): Promise<number> {
    this.eventsEnd = await this.folder.logs.events.end(0);
    return this.eventsEnd - this.evaluate.position;
  }

  /** Seconds after which a sender may try again; null where events are taken now. */
  busyForSeconds(): number | null {
    if (this.stopping || !this.isLive) return 5;
    return this.eventsEnd - this.evaluate.position + this.ingest.underWay > LAG_MAX ? 2 : null;
  }

  /** All that readiness rests on. */
  async readiness(): Promise<ReadyCheck[]> {
    const { now, ready } = this.options;
    return embeddedReadiness({
      isReplaying: this.replaying,
      isLive: this.isLive,
      isFailing: this.pump.failing || this.delivering.failing,
      lag: await this.lag().catch(() => null),
      ...readyBounds(ready),
      clock: this.evaluate.clock,
      now: now(),
      isClockBehind: this.clock.behind,
      isStoreRefusing: this.store.refusing,
      hasWarehouse: await this.archive.answers(),
    });
  }

  /** Replays what is left to replay and waits until all of it is decided, delivered and archived. */
  async catchUp(): Promise<{ replayed: number }> {
    const { meta } = this.folder.lmdb;
    const state = await readReplay(meta);
    let replayed = 0;
    if (state !== undefined && !state.done) {
      this.replaying = true;
      const pause = async () => {
        refuseStopping(this.stopping);
        this.pump.wake.call();
        while ((await this.lag()) > LAG_MAX && !this.stopping)
          await new Promise((done) => setTimeout(done, 20));
      };
      const decided = () => this.pump.drained().then(() => refuseStopping(this.stopping));
      const { ingest, evaluate, book, folder, rules } = this;
      const people = { logs: folder.logs, book, rules, decided, inboxClock: () => evaluate.clock };
      replayed = await runReplay(state, meta, ingest, people, pause);
      this.replaying = false;
    }
    await this.drain();
    return { replayed };
  }

  /** Waits until everything in the logs is decided, delivered and archived. */
  async drain(): Promise<void> {
    const { inbox, deliveries } = this.folder.logs;
    do {
      await this.pump.drained();
      await this.delivering.drained();
      if (this.stopping) break;
      // What came of the deliveries is a record of the inbox, and may ask for others.
    } while (this.alert.position < (await inbox.end(0)) || this.deliver.read < (await deliveries.end(0)));
    await this.archive.drained();
  }

  private async alertRound(): Promise<number> {
    const stepped = await this.alert.run();
    if (stepped > 0) this.delivering.wake();
    return stepped;
  }

  /** Opens the live sources: time passes from now on. */
  async goLive(): Promise<void> {
    await this.tick();
    this.isLive = true;
    this.ticking = setInterval(() => {
      // A tick says only that everything up to it was read: one that waits for the disk stands for those after it.
      this.tickUnderWay ??= this.tick().finally(() => (this.tickUnderWay = null));
    }, TICK_MS);
  }

  private async tick(): Promise<void> {
    const { now, log } = this.options;
    try {
      this.clock.look(now(), this.ingest.clock);
      await this.store.over(this.ingest.tick(now()));
      this.pump.wake.call();
      await this.lag();
    } catch (error) {
      log.failure('tick', error, TICK_MS);
    }
  }

  /** Takes a body of events that arrived now. */
  async accept(body: BodyText, sender?: ActionSender): Promise<Accepted> {
    const accepting = this.store.over(this.ingest.accept(body, this.options.now(), sender));
    this.accepting.add(accepting);
    try {
      const accepted = await accepting;
      this.eventsEnd += accepted.accepted;
      this.pump.wake.call();
      return accepted;
    } finally {
      this.accepting.delete(accepting);
    }
  }

  /** Finishes the batches under way and closes. */
  async stop(): Promise<void> {
    if (this.ticking !== null) clearInterval(this.ticking);
    // What is on its way to the log would meet a closed store otherwise.
    await this.tickUnderWay;
    await Promise.allSettled(this.accepting);
    await this.interrupt();
    // None waits for another, since each may wait for somebody outside who does not answer.
    await Promise.all([
      within(SEALS_MS, this.seals.stop(this.pump.failing ? null : this.evaluate.clock), undefined),
      this.delivering.stop(),
      this.archive.stop(),
    ]);
    await this.folder.close();
    await this.tracing?.close();
  }

  private async open(): Promise<void> {
    const { rules, files, now, replay, warehouse } = this.options;
    const { logs, lmdb } = this.folder;
    await this.ingest.open();
    const [first] = await logs.events.read(0, 0, 1);
    const begun = await readReplay(lmdb.meta);
    const isReplaying = begun === undefined ? first === undefined && replay !== null : !begun.done;
    if (isReplaying) refuseChannels(this.options.channels ?? NO_CHANNELS);
    if (first === undefined) {
      let start = now();
      if (replay !== null) {
        const state: ReplayState = begun ?? newReplay(replay, now());
        if (begun === undefined) {
          await checkReplay(state, openEventFile);
          await writeReplay(lmdb.meta, state);
        }
        start = replayStart(state);
      }
      await noteFirst(lmdb.meta, rules, files, start);
      await this.ingest.announce(rules.revision, start);
    }
    await this.openStages();
    await this.delivering.open();
    await this.models.startWith(rules, files);
    await this.lag();
    if (warehouse) await this.openWarehouse();
    await this.seals.start();
    this.pump.start();
    this.delivering.start();
    this.archive.start();
  }

  private async openStages(): Promise<void> {
    await this.evaluate.open();
    await this.alert.open();
    this.models.reopen();
    await this.seals.open();
  }

  private async openWarehouse(): Promise<void> {
    const { log, probe, readers } = this.options;
    const { logs, warehouseDir, copiesDir } = this.folder;
    await this.archive.open({
      ...{ dir: warehouseDir, copies: copiesDir, readers, tracing: this.tracing },
      logs,
      state: this.folder.lmdb.state,
      rules: { current: () => this.rules, of: (revision) => this.storedRules.load(revision) },
      log,
      nonce: randomUUID,
      probe,
      decided: () => this.evaluate.position,
      delivered: () => this.deliver.position,
    });
  }
}

// Distributed mode: the roles of one process among those that share the work, on Kafka, Redis and ClickHouse.
import { openWarehouse } from '../../adapters/clickhouse/warehouse.js';
import { openMembership } from '../../adapters/kafka/membership.js';
import type { BodyText } from '../../events/body.js';
import type { RuleSet } from '../../model/ruleset.js';
import type { ActionSender } from '../../pipeline/action-events.js';
import type { Probe } from '../../pipeline/checkpoint.js';
import type { EvidenceBook } from '../../pipeline/evidence-book.js';
import type { Accepted } from '../../pipeline/intake.js';
import { sourcesOf } from '../../pipeline/wide/partition.js';
import type { LogName, WideLogName } from '../../ports/log.js';
import type { Share } from '../../ports/membership.js';
import type { Channels } from '../delivering.js';
import type { Desk } from '../desk.js';
import { DeskInForce } from '../desk-in-force.js';
import { kafkaAccess } from '../kafka-access.js';
import { keysAtHand } from '../keys-at-hand.js';
import type { Log } from '../log.js';
import { openEvidence, type HolderChoice } from '../sealing.js';
import type { WholeServers } from '../servers-file.js';
import type { Arrived, Evaluated, Holding } from '../stage-metrics.js';
import { StoredRules } from '../stored-rules.js';
import type { Pump } from '../pump.js';
import { Rounds } from '../rounds.js';
import type { System } from '../system.js';
import { Reached, readyBounds, type ReadyChoice } from '../readiness.js';
import type { ReadyCheck } from '../../ports/front.js';
import { traced, type OpenTracing, type Tracing } from '../tracing.js';
import { within } from '../within.js';
import { BEGUN } from './guarded-state.js';
import { processReadiness } from './process-readiness.js';
import { AlertWorker } from './alert-worker.js';
import { ArchiveWorker } from './archive-worker.js';
import { firstRules } from './first-rules.js';
import { evaluateWorkers } from './evaluate-workers.js';
import { primingPump } from './priming.js';
import { RemoteAlert } from './remote-alert.js';
import type { ProcessRole } from './roles.js';
import { ServerModels } from './server-models.js';
import { ServerReleasing } from './server-releasing.js';
import { ServerRetaining } from './server-retaining.js';
import { openServerStores, type ServerStores } from './server-stores.js';
import { ShareRunner, type Worker } from './share-runner.js';
import { RAW_SOURCE, Taking, type TakingOptions } from './taking.js';
import { heldBy, Tally } from './tally.js';

export interface DistributedOptions {
  readonly servers: WholeServers;
  readonly roles: readonly ProcessRole[];
  /** The key of pseudonyms where an operator holds it; null lets the vault keep its own. */
  readonly siteKey: Uint8Array | null;
  readonly rules: RuleSet;
  /** The texts that the rules were loaded from, by path. */
  readonly files: ReadonlyMap<string, string>;
  readonly now: () => number;
  readonly log: Log;
  readonly probe: Probe;
  /** Topics of other systems that the ingest role reads; null for none. */
  readonly openRaw: TakingOptions['openRaw'];
  readonly channels: Channels;
  readonly holders: HolderChoice;
  readonly modelKeys?: number | undefined;
  /** What still counts as ready. */
  readonly ready?: ReadyChoice | undefined;
  /** Traces what happens, once the site key is known; null or undefined where nobody asked for it. */
  readonly openTracing?: OpenTracing | null | undefined;
}

const BATCH = 1_000;
/** How long a worker that found nothing waits before it looks again. */
const IDLE_MS = 100;
/** A warehouse that does not answer for so long is not waited for. */
const STALLED_MS = 2_000;
/** How long the others take to leave, and again the archive for what they left; together the program ends within 10 s. */
const DRAIN_MS = 2_500;
/** Bodies of events under way, and the tick, are waited for so long. */
const TAKEN_MS = 2_000;

export class Distributed implements System {
  readonly evidence: EvidenceBook;
  readonly models: ServerModels;
  readonly remote: RemoteAlert;
  readonly retaining: ServerRetaining;
  private readonly taking: Taking | null;
  private readonly runners = new Map<ProcessRole, ShareRunner>();
  private priming: Pump | null = null;
  private readonly closers: (() => Promise<void>)[] = [];
  private readonly tally = new Tally();
  private alert: AlertWorker | null = null;
  private archive: ArchiveWorker | null = null;
  private stopping = false;
  private isLive = false;
  private readonly desks: DeskInForce;
  private readonly reached = {
    kafka: new Reached(() => this.folder.logs.events.end(0)),
    redis: new Reached(() => this.folder.values.get(BEGUN)),
    warehouse: new Reached(async () => this.archive?.warehouse.ready() ?? false),
  };

  private constructor(
    readonly folder: ServerStores,
    private readonly first: RuleSet,
    private readonly storedRules: StoredRules,
    private readonly options: DistributedOptions,
    readonly rounds: Rounds,
    readonly tracing: Tracing | null,
  ) {
    const { roles, log, now, probe } = options;
    const rulesOf = (revision: string) => storedRules.load(revision);
    this.remote = new RemoteAlert(folder.state, first, rulesOf, (error) => log.failure('alert', error, 0));
    const wake = () => this.wake();
    const clock = () => this.remote.clock;
    this.desks = new DeskInForce({
      ...{ state: folder.state, logs: folder.logs, alert: this.remote, clock, now, wake },
      onFailure: (error) => log.failure('audit', error, 0),
    });
    this.models = new ServerModels({
      ...{ state: folder.state, values: folder.values, logs: folder.logs, storedRules, now },
      ...{ first: first.revision, partitions: folder.partitions.events },
    });
    this.evidence = openEvidence(folder, storedRules);
    const warehouse = openWarehouse(options.servers.clickhouse);
    this.closers.push(() => warehouse.close());
    const holds = () => (this.runners.get('archive')?.held ?? []).length > 0;
    const releasing = { stores: folder, models: this.models, probe, clickhouse: options.servers.clickhouse };
    this.retaining = new ServerRetaining({
      ...{ stores: folder, warehouse, holds, now, log },
      rules: () => this.rules,
      releasing: (parts) =>
        this.archive && new ServerReleasing({ ...releasing, archive: this.archive }, parts),
    });
    const takes = roles.includes('http') || roles.includes('ingest');
    const taking = { stores: folder, now, log, probe, inboxClock: clock, onAppended: wake, tracing };
    const { openRaw, servers } = options;
    const needs = servers.raw.length > 0 ? [RAW_SOURCE] : [];
    this.taking = takes ? new Taking({ ...taking, openRaw, needs }) : null;
  }

  /** Opens the stores and takes up the roles. */
  static async start(options: DistributedOptions): Promise<Distributed> {
    const { servers, siteKey } = options;
    const rounds = new Rounds();
    const opened = await openServerStores(servers, siteKey, options);
    const tracing = options.openTracing?.(opened.siteKey) ?? null;
    const timed = { ...opened, state: rounds.over(opened.state) };
    const stores = tracing === null ? timed : traced(timed, tracing);
    try {
      const storedRules = new StoredRules(stores.values);
      const rules = await firstRules(stores, storedRules, options);
      const distributed = new Distributed(stores, rules, storedRules, options, rounds, tracing);
      await distributed.open();
      return distributed;
    } catch (error) {
      await stores.close();
      throw error;
    }
  }

  /** The rules that the alert side runs. */
  get rules(): RuleSet {
    return this.remote.rules;
  }

  /** What callers read and do, under the rules in force. */
  get desk(): Desk {
    return this.desks.of(this.rules).desk;
  }

  /** Whether events are taken: the roles are taken up. */
  get live(): boolean {
    return this.isLive;
  }

  /** Seconds after which a sender may try again; null where events are taken now. */
  busyForSeconds(): number | null {
    return this.stopping || !this.isLive || this.taking === null ? 5 : null;
  }

  /** All that readiness rests on. */
  async readiness(): Promise<ReadyCheck[]> {
    const { roles, now, ready } = this.options;
    // Where the rules have no higher strata, a partition of the derived log has no clock.
    const timed = this.clocks.filter(({ log, clock }) => log === 'events' || Number.isFinite(clock));
    const held = timed.map(({ clock }) => clock);
    const hears = roles.includes('alert') ? this.remote.clock : null;
    return processReadiness({
      isLive: this.isLive,
      runners: this.runners,
      isDeliveryFailing: this.alert?.delivering.failing === true,
      lags: () => this.lags(),
      ...readyBounds(ready),
      clock: held.length > 0 ? Math.min(...held) : this.taking === null ? hears : this.lastTick,
      now: now(),
      ...this.reached,
      warehouse: this.archive === null ? null : this.reached.warehouse,
    });
  }

  /** The newest tick that is known here, epoch ms; -Infinity before the first. */
  get lastTick(): number {
    return this.taking?.ticker.last ?? -Infinity;
  }

  /** What arrived here since the start; null where nothing does. */
  get arrived(): Arrived | null {
    return this.taking?.arrived ?? null;
  }

  /** What evaluate counted here since the start, and holds; null where this process does not evaluate. */
  get evaluated(): (Evaluated & Holding) | null {
    const runner = this.runners.get('evaluate');
    return runner === undefined ? null : { ...this.tally.with(runner.workers), ...heldBy(runner) };
  }

  /** 1 while a worker here waits for the history of new indicators; null where this process does not evaluate. */
  get awaitsHistory(): number | null {
    const held = this.runners.get('evaluate')?.held;
    return held === undefined ? null : Number(held.some(({ worker }) => (worker.telling ?? null) !== null));
  }

  /** What decides, delivers and seals; null where this process does not. */
  get alertSide(): AlertWorker | null {
    return this.alert;
  }

  /** Whether the servers answer that this process needs, by name. */
  get stores(): Readonly<Record<string, () => Promise<boolean>>> {
    const { kafka, redis, warehouse } = this.reached;
    const ask = { kafka: () => kafka.answers(), redis: () => redis.answers() };
    return this.archive === null ? ask : { ...ask, warehouse: () => warehouse.answers() };
  }

  /** The clocks of the partitions that are evaluated here. */
  get clocks(): readonly { readonly log: string; readonly partition: number; readonly clock: number }[] {
    const held = this.runners.get('evaluate')?.held ?? [];
    return held.map(({ share, worker }) => ({ ...share, clock: worker.clock ?? -Infinity }));
  }

  /** How many records wait for the workers of this process. @throws where the logs do not answer */
  async lags(): Promise<{ role: string; log: string; partition: number; records: number }[]> {
    const { logs } = this.folder;
    const held = (['evaluate', 'alert'] as const).flatMap((role) =>
      (this.runners.get(role)?.held ?? []).map((one) => ({ role, ...one })),
    );
    const lags = held.map(async ({ role, share: { log, partition }, worker }) => {
      const end = await logs[log as 'events' | 'derived' | 'transitions'].end(partition);
      return { role, log, partition, records: Math.max(0, end - (worker.position ?? end)) };
    });
    const holds = (role: ProcessRole) => (this.runners.get(role)?.held ?? []).length > 0;
    const archives = holds('archive') ? await this.archive?.waiting() : undefined;
    return [
      ...(await Promise.all(lags)),
      ...((holds('alert') ? await this.alert?.waiting(logs) : undefined) ?? []),
      ...(archives ?? []).map((waiting) => ({ role: 'archive', ...waiting })),
    ];
  }

  /** Records of the topics of other systems that wait for this process, by `topic/partition`. */
  get rawLag(): ReadonlyMap<string, number> {
    return this.taking?.rawLag ?? new Map<string, number>();
  }

  /** Takes a body of events that arrived now. */
  async accept(body: BodyText, sender?: ActionSender): Promise<Accepted> {
    if (this.taking === null) throw new Error('this process takes no events');
    return this.taking.accept(body, sender);
  }

  /** Finishes the rounds under way, gives all shares up and closes. */
  async stop(): Promise<void> {
    this.stopping = true;
    // A server that is gone is waited for by none of the steps: the others hand over what they can.
    await within(
      TAKEN_MS,
      Promise.all([this.taking?.stop(), this.priming?.stop(), this.retaining.stop()]),
      null,
    );
    const archiving = this.runners.get('archive');
    const others = [...this.runners.values()].filter((runner) => runner !== archiving);
    const left = Promise.all(others.map((runner) => runner.stop()));
    await within(DRAIN_MS, left, null);
    // What the others kept as they left is archived, too, before this process goes.
    if (archiving !== undefined) await within<unknown>(DRAIN_MS, archiving.drained(), null);
    const stopped = Promise.all([left, archiving?.stop()]);
    if (this.archive !== null && (await within<unknown>(STALLED_MS, stopped, null)) === null)
      await this.archive.close();
    await stopped;
    for (const close of this.closers) await close();
    await this.remote.stop();
    await this.folder.close();
    await this.tracing?.close();
  }

  private wake(): void {
    for (const runner of this.runners.values()) runner.wake();
  }

  private async open(): Promise<void> {
    const { roles } = this.options;
    await this.remote.start();
    this.warnOfOthers();
    if (roles.includes('evaluate')) this.evaluateRole();
    if (roles.includes('alert')) await this.alertRole();
    if (roles.includes('archive')) this.archiveRole();
    await Promise.all([...this.runners.values()].map((runner) => runner.start()));
    this.priming?.start();
    await this.taking?.start();
    if (roles.includes('archive')) this.retaining.start();
    this.isLive = true;
  }

  /** Rules that are given here do nothing: another process may have been given others. */
  private warnOfOthers(): void {
    const { rules: given, log } = this.options;
    const { revision } = this.rules;
    if (revision === given.revision) return;
    const advice =
      'the deployment runs other rules than those given here; fenghuo models apply brings them in';
    log.warn({ running: revision, given: given.revision }, advice);
  }

  private evaluateRole(): void {
    const { folder: stores, first: rules, storedRules } = this;
    const { probe, modelKeys, log, servers } = this.options;
    const cache = { batch: BATCH, cachedKeys: keysAtHand() };
    const warehouse = openWarehouse(servers.clickhouse);
    this.closers.push(() => warehouse.close());
    const given = { stores, rules, storedRules, warehouse, probe };
    const workerOf = evaluateWorkers({ ...given, modelKeys, ...cache });
    this.share('evaluate', ['events', 'derived'], workerOf);
    const holds = () => this.runners.get('evaluate')?.held.some(isFirst) === true;
    this.priming = primingPump({ ...given, batch: BATCH, holds, log });
  }

  private async alertRole(): Promise<void> {
    const { folder: stores, first: rules, storedRules } = this;
    const { holders, now, log, probe, channels: given } = this.options;
    const channels = this.tracing?.channels(given) ?? given;
    const worker = await AlertWorker.open({
      stores,
      rules,
      storedRules,
      sources: sourcesOf(rules.strata, stores.partitions),
      channels,
      holders,
      now,
      log,
      probe,
      batch: BATCH,
      rounds: this.rounds,
      wake: () => this.wake(),
    });
    this.alert = worker;
    this.closers.push(() => worker.close());
    this.share('alert', ['transitions'], () => worker);
  }

  private archiveRole(): void {
    const { folder: stores, storedRules } = this;
    const { servers, probe } = this.options;
    const rules = { current: () => this.rules, of: (revision: string) => storedRules.load(revision) };
    const worker = new ArchiveWorker({
      ...{ stores, rules, probe, clickhouse: servers.clickhouse, tracing: this.tracing },
    });
    this.archive = worker;
    this.closers.push(() => worker.close());
    this.share('archive', ['transitions'], () => worker);
  }

  /** Shares the partitions of logs with the other processes of a role. */
  private share(
    role: ProcessRole,
    logs: readonly (LogName | WideLogName)[],
    workerOf: (share: { log: string; partition: number }) => Worker,
  ): void {
    const { servers, log } = this.options;
    const membership = openMembership({ ...kafkaAccess(servers), role, logs });
    const onFailure = (error: unknown, retryInMs: number) => log.failure(role, error, retryInMs);
    const onProgress = (seconds: number) => {
      this.rounds.observe(role, seconds);
      this.wake();
    };
    this.runners.set(
      role,
      new ShareRunner({
        membership,
        workerOf,
        idleMs: IDLE_MS,
        onFailure,
        onProgress,
        onLet: (worker) => this.tally.let(worker),
      }),
    );
  }
}

/** The process that evaluates the first partition primes. */
const isFirst = ({ share }: { share: Share }) => share.log === 'events' && share.partition === 0;

// What takes events on servers: the intake, and the ticks that say up to when this process has read its sources.
import { randomUUID } from 'node:crypto';
import type { BodyText } from '../../events/body.js';
import { CodedError } from '../../events/coded-error.js';
import type { Code } from '../../events/codes.js';
import type { ActionSender } from '../../pipeline/action-events.js';
import { encodeJson, type Probe } from '../../pipeline/checkpoint.js';
import { Intake, type Accepted } from '../../pipeline/intake.js';
import { PartitionedEvents } from '../../pipeline/wide/partitioned-events.js';
import { Ticker } from '../../pipeline/wide/ticker.js';
import type { Log } from '../log.js';
import type { RawFeed } from '../raw-topics.js';
import type { Arrived } from '../stage-metrics.js';
import type { Tracing } from '../tracing.js';
import { ClockWatch } from './clock-watch.js';
import type { ServerStores } from './server-stores.js';

export interface TakingOptions {
  readonly stores: ServerStores;
  readonly now: () => number;
  readonly log: Log;
  readonly probe: Probe;
  readonly inboxClock: () => number;
  /** Traces what topics of other systems bring; null where nobody asked for it. */
  readonly tracing: Pick<Tracing, 'feed'> | null;
  /** Hears that something was appended. */
  readonly onAppended: () => void;
  /** Opens the topics of other systems, whose records go into an intake; null where this process reads none. */
  readonly openRaw: ((intake: Intake) => RawFeed) | null;
  /** Sources without whose reading time does not pass: somebody has to read them. */
  readonly needs: readonly string[];
}

const TICK_MS = 1_000;
/** What the feed of raw topics says that passes only when somebody does something. */
const FOR_OPERATORS: readonly string[] = ['FEED_DAMAGED', 'FEED_GAP', 'FEED_NO_TOPIC'];
/** The name of the topics of other systems among the sources. */
export const RAW_SOURCE = 'raw';

export class Taking {
  readonly intake: Intake;
  readonly events: PartitionedEvents;
  readonly ticker: Ticker;
  private readonly raw: RawFeed | null;
  private readonly clocks: ClockWatch;
  /** Of this process among those that take events. */
  private readonly id = randomUUID();
  private timer: NodeJS.Timeout | null = null;
  private ticking: Promise<void> | null = null;
  private readonly accepting = new Set<Promise<unknown>>();

  constructor(private readonly options: TakingOptions) {
    const { stores, probe, inboxClock } = options;
    const { logs, state, vault, siteKey, partitions } = stores;
    const { id } = this;
    const lastTick = () => this.ticker.last;
    const isCatchingUp = (now: number) => this.ticker.isCatchingUp(now);
    const common = { partitions: partitions.events, id };
    this.events = new PartitionedEvents({ ...common, logs, lastTick, isCatchingUp, probe });
    const erasures = () => vault.erasures();
    this.intake = new Intake({ logs, vault, erasures, siteKey, sink: this.events, inboxClock });
    this.raw = options.openRaw?.(this.intake) ?? null;
    this.clocks = new ClockWatch({
      reference: stores.clock,
      now: options.now,
      tell: async (ms, at) => {
        const { code, message } = new CodedError(
          'CLOCK_APART',
          `They are ${Math.round(ms / 1_000)} s apart.`,
        );
        await this.alert({ source: `clock/${id}`, code, message, at });
      },
    });
    this.ticker = new Ticker({
      state,
      ...common,
      events: logs.events,
      nonce: randomUUID,
      reads: this.raw === null ? [] : [RAW_SOURCE],
      needs: options.needs,
      readUpTo: (now) => Math.min(this.events.readUpTo(now), this.raw?.feed.readUpTo(now) ?? now),
    });
  }

  async start(): Promise<void> {
    const { onAppended } = this.options;
    const { raw } = this;
    await this.tick();
    if (raw !== null) {
      await raw.feed.start({
        take: async (batch) => {
          const take = () => raw.take(batch);
          await (this.options.tracing?.feed(batch, take) ?? take());
          onAppended();
        },
        failed: (error) => void this.rawFailed(error),
      });
    }
    this.timer = setInterval(() => {
      this.ticking ??= this.tick().finally(() => (this.ticking = null));
    }, TICK_MS);
  }

  /** Records of the topics of other systems that are not taken, by `topic/partition`, as far as this process reads them. */
  get rawLag(): ReadonlyMap<string, number> {
    return this.raw?.feed.lag() ?? new Map<string, number>();
  }

  /** What arrived here since the start. */
  get arrived(): Arrived {
    const { accepted, refused, ignoredRecordedTimes } = this.intake;
    return { accepted, refused, ignoredRecordedTimes, heldBack: this.events.heldBack };
  }

  /** Takes a body of events that arrived now. */
  async accept(body: BodyText, sender?: ActionSender): Promise<Accepted> {
    const accepting = this.intake.accept(body, this.options.now(), sender);
    this.accepting.add(accepting);
    try {
      return await accepting;
    } finally {
      this.accepting.delete(accepting);
      this.options.onAppended();
    }
  }

  async stop(): Promise<void> {
    if (this.timer !== null) clearInterval(this.timer);
    await this.ticking;
    await this.raw?.feed.close();
    await Promise.allSettled(this.accepting);
    await this.ticker.leave().catch((error: unknown) => this.options.log.failure('tick', error, 0));
  }

  /** What only a person can mend is an alert for the operators, so that it outlasts the log of this process. */
  private async rawFailed(error: unknown): Promise<void> {
    const { log, now } = this.options;
    try {
      if (!(error instanceof CodedError) || !FOR_OPERATORS.includes(error.code)) throw error;
      const { code, message } = error;
      await this.alert({ source: `ingest/${this.id}`, code, message, at: now() });
    } catch (failure) {
      log.failure('ingest', failure, 0);
    }
  }

  private async alert(said: { source: string; code: Code; message: string; at: number }): Promise<void> {
    const { source, code, message, at } = said;
    const alert = { kind: 'operator', code, clock: at, model: null, key: null, message, count: 1 };
    const origin = { source, offset: at, ordinal: 0 };
    await this.options.stores.logs.operator.append(0, [encodeJson({ origin, alert })]);
  }

  /** Lets time pass where this process may: one that does not is waited for and then passed over. */
  private async tick(): Promise<void> {
    const { now, log, onAppended } = this.options;
    try {
      if (await this.clocks.isRight()) await this.ticker.run(now());
      else await this.ticker.follow();
      onAppended();
    } catch (error) {
      log.failure('tick', error, TICK_MS);
    }
  }
}

// What takes events on servers: the intake, and the ticks that say up to when this process has read its sources.
import { randomUUID } from 'node:crypto';
import type { BodyText } from '../../events/body.js';
import type { ActionSender } from '../../pipeline/action-events.js';
import type { Probe } from '../../pipeline/checkpoint.js';
import { Intake, type Accepted } from '../../pipeline/intake.js';
import { PartitionedEvents } from '../../pipeline/wide/partitioned-events.js';
import { Ticker } from '../../pipeline/wide/ticker.js';
import type { Log } from '../log.js';
import type { ServerStores } from './server-stores.js';

export interface TakingOptions {
  readonly stores: ServerStores;
  readonly now: () => number;
  readonly log: Log;
  readonly probe: Probe;
  readonly inboxClock: () => number;
  /** Hears that something was appended. */
  readonly onAppended: () => void;
}

const TICK_MS = 1_000;

export class Taking {
  readonly intake: Intake;
  readonly events: PartitionedEvents;
  readonly ticker: Ticker;
  private timer: NodeJS.Timeout | null = null;
  private ticking: Promise<void> | null = null;
  private readonly accepting = new Set<Promise<unknown>>();

  constructor(private readonly options: TakingOptions) {
    const { stores, probe, inboxClock } = options;
    const { logs, state, vault, siteKey, partitions } = stores;
    const id = randomUUID();
    const lastTick = () => this.ticker.last;
    this.events = new PartitionedEvents({ logs, partitions: partitions.events, lastTick, id, probe });
    this.intake = new Intake({ logs, vault, siteKey, sink: this.events, inboxClock });
    this.ticker = new Ticker({
      state,
      events: logs.events,
      partitions: partitions.events,
      id,
      nonce: randomUUID,
      readUpTo: (now) => this.events.readUpTo(now),
    });
  }

  async start(): Promise<void> {
    await this.tick();
    this.timer = setInterval(() => {
      this.ticking ??= this.tick().finally(() => (this.ticking = null));
    }, TICK_MS);
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
    await Promise.allSettled(this.accepting);
    await this.ticker.leave().catch((error: unknown) => this.options.log.failure('tick', error, 0));
  }

  private async tick(): Promise<void> {
    const { now, log, onAppended } = this.options;
    try {
      await this.ticker.run(now());
      onAppended();
    } catch (error) {
      log.failure('tick', error, TICK_MS);
    }
  }
}

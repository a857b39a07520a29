// Loops that run a stage as long as it has work, sleep when it has none, and outlive failures that may pass.
import { CodedError } from '../events/coded-error.js';
import { Wake } from './wake.js';

/** What a pump tells of a failure. */
export type OnFailure = (error: unknown, retryInMs: number) => void;

export interface PumpOptions {
  /** Does one round; returns how much it did. */
  readonly round: () => Promise<number>;
  /** Takes every place anew from the checkpoints; called after every failure, since a round may have ended halfway. */
  readonly reopen: () => Promise<void>;
  /** Keeps what rounds leave unkept for a while, before somebody hears that all is done. @returns how much that did */
  readonly settle?: () => Promise<number>;
  readonly idleMs: number;
  readonly onFailure: OnFailure;
  /** The longest wait after a failure, which is doubled each time until then; 5 s where undefined. */
  readonly retryLimitMs?: number;
  /** How long what failed wants to be left alone, whatever the limit is. */
  readonly leaveAloneMs?: (error: unknown) => number;
}

const RETRY_FIRST_MS = 100;
const RETRY_LIMIT_MS = 5_000;

export class Pump {
  readonly wake = new Wake();
  private readonly rested = new Wake();
  /** The last round failed; it is tried again. */
  failing = false;
  private stopping = false;
  /** Drains that were asked for, and how many of them had been before the last round that found nothing to do. */
  private asked = 0;
  private answered = 0;
  private running: Promise<void> = Promise.resolve();
  private readonly interludes: { run(): Promise<void>; refuse(): void }[] = [];

  constructor(private readonly options: PumpOptions) {}

  /** Begins, or begins again after a stop. */
  start(): void {
    this.stopping = false;
    this.running = this.loop();
  }

  /** Resolves once a round that began after the call found nothing to do, and what was done is kept. */
  async drained(): Promise<void> {
    const asked = ++this.asked;
    this.wake.call();
    while (this.answered < asked && !this.stopping) await this.rested.wait(1_000);
  }

  /** Does something between two rounds; what it throws is for the caller alone. @throws CodedError STOPPED */
  between<T>(work: () => Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const refuse = () => reject(new CodedError('STOPPED'));
      if (this.stopping) return refuse();
      this.interludes.push({ run: () => work().then(resolve, reject), refuse });
      this.wake.call();
    });
  }

  /** Ends after the round under way, and keeps what was done. */
  async stop(): Promise<void> {
    this.stopping = true;
    this.wake.call();
    await this.running;
  }

  private async loop(): Promise<void> {
    let retryMs = RETRY_FIRST_MS;
    while (!this.stopping) {
      for (const work of this.interludes.splice(0)) await work.run();
      try {
        const askedBefore = this.asked;
        if (this.failing) await this.options.reopen();
        this.failing = false;
        const done = await this.options.round();
        retryMs = RETRY_FIRST_MS;
        if (done > 0) continue;
        if (askedBefore > this.answered && (await this.settle()) > 0) continue;
        // A drain that was asked for during the round waits for the next one.
        this.answered = askedBefore;
        this.rested.call();
        await this.wake.wait(this.options.idleMs);
      } catch (error) {
        this.failing = true;
        // Whoever stops it broke it off, and knows.
        if (this.stopping && error instanceof CodedError && error.code === 'STOPPED') break;
        const { onFailure, leaveAloneMs, retryLimitMs = RETRY_LIMIT_MS } = this.options;
        const waitMs = Math.max(retryMs, leaveAloneMs?.(error) ?? 0);
        onFailure(error, waitMs);
        await this.wake.wait(waitMs);
        retryMs = Math.min(retryMs * 2, retryLimitMs);
      }
    }
    for (const work of this.interludes.splice(0)) work.refuse();
    // What is not kept is done again by whoever comes next.
    if (!this.failing) await this.settle().catch((error: unknown) => this.options.onFailure(error, 0));
    this.rested.call();
  }

  private async settle(): Promise<number> {
    return (await this.options.settle?.()) ?? 0;
  }
}

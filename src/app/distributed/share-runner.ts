// The shares of a role: a worker for each one that the group gives to this process, as long as it does.
import type { Membership, Share } from '../../ports/membership.js';
import { Pump } from '../pump.js';
import type { Evaluated, Holding } from '../stage-metrics.js';

/** What works on a share, and what it counts. */
export interface Worker extends Partial<Evaluated>, Partial<Holding> {
  /** Takes up the work, with what it has at hand where that is still of the newest checkpoint. */
  resume(): Promise<void>;
  /** Takes its place anew from the checkpoint. */
  open(): Promise<void>;
  /** Does one round. @returns how much it did */
  run(): Promise<number>;
  /** Keeps the place that it has come to, for whoever goes on; only after a round that ended well. */
  settle?(): Promise<unknown>;
  /** Ends what goes on beside the rounds; the work may be taken up again. */
  pause?(): Promise<void>;
  /** How far it has come in the log of its share, for tools that watch the lag; absent where it reads other logs. */
  readonly position?: number;
  /** The change of rules that waits for its history; null for none. */
  readonly telling?: object | null;
  /** Its clock, epoch ms, where it has one; -Infinity before the first record. */
  readonly clock?: number;
}

export interface ShareRunnerOptions {
  readonly membership: Membership;
  readonly workerOf: (share: Share) => Worker;
  readonly idleMs: number;
  readonly onFailure: (error: unknown, retryInMs: number) => void;
  /** Hears that a round did something, which others may have waited for, and how long it took. */
  readonly onProgress: (seconds: number) => void;
  /** Hears of a worker that is not to work again. */
  readonly onLet?: (worker: Worker) => void;
}

interface Working {
  readonly share: Share;
  readonly worker: Worker;
  readonly pump: Pump;
}

export class ShareRunner {
  private readonly working = new Map<string, Working>();
  /** Workers of shares that were given up last: they may come back. */
  private former = new Map<string, Worker>();
  private isJoined = false;

  constructor(private readonly options: ShareRunnerOptions) {}

  /** Joins the group; resolves with the first shares. */
  async start(): Promise<void> {
    await this.options.membership.join({
      assigned: (shares) => this.assign(shares),
      revoked: () => this.revoke(),
      failed: (error) => this.options.onFailure(error, 0),
    });
  }

  /** Resolves once a round of each share found nothing to do. */
  async drained(): Promise<void> {
    await Promise.all([...this.working.values()].map(({ pump }) => pump.drained()));
  }

  /** Finishes the rounds under way and gives all shares up. */
  async stop(): Promise<void> {
    await this.options.membership.leave();
    await this.revoke();
  }

  /** There may be something to do. */
  wake(): void {
    for (const { pump } of this.working.values()) pump.wake.call();
  }

  /** The shares of this process and what works on them. */
  get held(): readonly { readonly share: Share; readonly worker: Worker }[] {
    return [...this.working.values()];
  }

  /** All that work here, or would at once if their shares came back. */
  get workers(): readonly Worker[] {
    return [...this.held.map(({ worker }) => worker), ...this.former.values()];
  }

  /** Whether the group has agreed on the shares, of which this process may have none. */
  get joined(): boolean {
    return this.isJoined;
  }

  /** Whether the last round of any share failed. */
  get failing(): boolean {
    return [...this.working.values()].some(({ pump }) => pump.failing);
  }

  private assign(shares: readonly Share[]): void {
    this.isJoined = true;
    for (const share of shares) {
      const name = `${share.log}/${share.partition}`;
      const worker = this.former.get(name) ?? this.options.workerOf(share);
      const pump = this.pumpOf(share, worker);
      this.working.set(name, { share, worker, pump });
      pump.start();
    }
    // What others have now is theirs to remember.
    for (const [name, worker] of this.former) if (this.working.get(name)?.worker !== worker) this.let(worker);
    this.former = new Map();
  }

  private pumpOf(share: Share, worker: Worker): Pump {
    const { membership, idleMs, onFailure, onProgress } = this.options;
    let isOpen = false;
    return new Pump({
      round: async () => {
        if (!isOpen) await worker.resume();
        isOpen = true;
        const begun = performance.now();
        const done = await worker.run();
        if (done > 0) {
          if (worker.position !== undefined) membership.report(share, worker.position);
          onProgress((performance.now() - begun) / 1000);
        }
        return done;
      },
      reopen: () => worker.open(),
      idleMs,
      onFailure,
    });
  }

  private async revoke(): Promise<void> {
    this.isJoined = false;
    const ended = [...this.working];
    this.working.clear();
    await Promise.all(ended.map(([, { pump }]) => pump.stop()));
    for (const [name, { worker, pump }] of ended) {
      await worker.pause?.();
      // What ended in a failure stands in any state.
      if (pump.failing || !(await this.settle(worker))) this.let(worker);
      else this.former.set(name, worker);
    }
  }

  /** @returns false where it failed: whoever comes next does again what was done since the last checkpoint */
  private async settle(worker: Worker): Promise<boolean> {
    try {
      await worker.settle?.();
      return true;
    } catch (error) {
      this.options.onFailure(error, 0);
      return false;
    }
  }

  private let(worker: Worker): void {
    this.options.onLet?.(worker);
  }
}

// How long a deployment takes after each fault until evaluate, alert and archive have caught up again.
import { setTimeout as delay } from 'node:timers/promises';
import type { Judge } from '../support/servers/judgement.js';

/** A fault that happened. */
export interface Happened {
  readonly kind: string;
  /** Epoch ms. */
  readonly at: number;
  /** From its beginning until all had caught up; null where the run ended before. */
  recoveryMs: number | null;
}

interface Awaited {
  readonly happened: Happened;
  /** Everything before this instant is to be decided first, epoch ms. */
  readonly until: number;
}

const EVERY_MS = 250;
/** A record or a tick is on its way at any time, when all goes well. */
const ON_ITS_WAY = 60;

export class Recovery {
  readonly happened: Happened[] = [];
  private awaited: Awaited[] = [];
  private ended = false;
  private looking: Promise<void> = Promise.resolve();

  constructor(private readonly judge: Judge) {}

  start(): void {
    this.looking = this.look();
  }

  async stop(): Promise<void> {
    this.ended = true;
    await this.looking;
  }

  /** A fault begins now. @returns hears that it is over */
  begin(kind: string): () => void {
    const happened: Happened = { kind, at: Date.now(), recoveryMs: null };
    this.happened.push(happened);
    return () => void this.awaited.push({ happened, until: Date.now() });
  }

  /** How many faults are not recovered from, of those that are over. */
  get open(): number {
    return this.awaited.length;
  }

  private async look(): Promise<void> {
    while (!this.ended) {
      await delay(EVERY_MS);
      if (this.awaited.length === 0) continue;
      try {
        const { done, waiting } = await this.judge.progress();
        const isOver = ({ until }: Awaited) => done >= until && waiting <= ON_ITS_WAY;
        const over = this.awaited.filter(isOver);
        for (const { happened } of over) happened.recoveryMs = Date.now() - happened.at;
        this.awaited = this.awaited.filter((one) => !over.includes(one));
      } catch {
        // A store that does not answer has not recovered.
      }
    }
  }
}

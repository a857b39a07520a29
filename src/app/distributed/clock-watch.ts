// Whether the clock of this machine goes with that of the state store, which all processes ask: who is apart lets no time pass.

/** Leases and voices of processes are told by their clocks, and end after ten seconds. */
const APART_MOST_MS = 5_000;
const TOLD_EVERY_MS = 60_000;

export interface ClockWatchOptions {
  /** The clock of the store, epoch ms; null where it may not be asked. */
  readonly reference: () => Promise<number | null>;
  /** That of this machine, epoch ms. */
  readonly now: () => number;
  /** Hears that they are apart, once a minute while they are. @param ms how far @param at the clock of the store */
  readonly tell: (ms: number, at: number) => Promise<void>;
}

export class ClockWatch {
  private told = -Infinity;

  constructor(private readonly options: ClockWatchOptions) {}

  /** Whether time may pass by the clock of this machine. @throws what asking the store does */
  async isRight(): Promise<boolean> {
    const { reference, now, tell } = this.options;
    const before = now();
    const at = await reference();
    const ms = at === null ? 0 : apartMs(before, at, now());
    if (at === null || ms <= APART_MOST_MS) return true;
    if (performance.now() - this.told >= TOLD_EVERY_MS) {
      this.told = performance.now();
      await tell(ms, at);
    }
    return false;
  }
}

/** How far a clock is apart that was asked between two instants of this one; what a slow answer explains is nothing. */
export function apartMs(before: number, reference: number, after: number): number {
  return Math.max(0, before - reference, reference - after);
}

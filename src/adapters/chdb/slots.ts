// A bounded queue: so many run at once, so many wait, the next one is refused.
import { refusal } from './failure.js';

export class Slots {
  #running = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(
    private readonly runningLimit: number,
    private readonly waitingLimit: number,
  ) {}

  /**
   * Waits for a slot, first come first served.
   * @param signal gives up waiting; a slot already given is unaffected
   * @returns the release; calling it twice is harmless
   * @throws EngineError 202 where the queue is full, 236 where the signal fired
   */
  async acquire(signal: AbortSignal): Promise<() => void> {
    if (signal.aborted) throw refusal('ABORTED', 'The client went away, or the warehouse stops.');
    if (this.#running >= this.runningLimit) {
      if (this.#waiting.length >= this.waitingLimit) {
        throw refusal(
          'TOO_MANY_SIMULTANEOUS_QUERIES',
          `${this.runningLimit} queries run and ${this.waitingLimit} wait; try again later.`,
        );
      }
      await this.#turn(signal);
    } else {
      this.#running += 1;
    }
    let released = false;
    return () => {
      if (released) return;
      released = true;
      const next = this.#waiting.shift();
      if (next === undefined) this.#running -= 1;
      else next();
    };
  }

  /** Resolves when the slot of one that finished is handed over, which leaves the count as it is. */
  async #turn(signal: AbortSignal): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const take = (): void => {
        signal.removeEventListener('abort', leave);
        resolve();
      };
      const leave = (): void => {
        const place = this.#waiting.indexOf(take);
        if (place >= 0) this.#waiting.splice(place, 1);
        reject(refusal('ABORTED', 'The client went away, or the warehouse stops.'));
      };
      this.#waiting.push(take);
      signal.addEventListener('abort', leave, { once: true });
    });
  }
}

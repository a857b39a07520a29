// Erasing where one process takes all events: at a moment in which none is on its way.
import type { Logs } from '../../ports/log.js';
import type { Vault } from '../../ports/vault.js';
import type { Holds } from './holds.js';
import { KeptByHold } from './kept-by-hold.js';
import type { PersonalIndex } from './personal-index.js';
import { noteErasures, type Erasing, type Over, type Sweep, type Swept } from './personal-term.js';

export interface WhenQuietOptions {
  readonly index: PersonalIndex;
  readonly holds: Holds;
  readonly vault: Vault;
  readonly logs: Pick<Logs, 'audit'>;
  /** Events on their way into the log, whose values the vault may have already. */
  readonly underWay: () => number;
  /** Lets what is on its way arrive. */
  readonly pause: () => Promise<void>;
}

/** How often it is looked for a moment in which nothing is on its way. */
const ATTEMPTS = 100;

/** One owner at a time calls it, of index and holds as well. */
export class WhenQuiet implements Erasing {
  constructor(private readonly options: WhenQuietOptions) {}

  async begin(): Promise<void> {}

  async erase(values: readonly Over[], sweep: Sweep): Promise<Swept> {
    const { index, holds, vault } = this.options;
    const keeping = new KeptByHold(index, vault);
    const inForce = await holds.inForce(sweep.now);
    let [erased, held] = [0, 0];
    for (const value of values) {
      if ((await keeping.of(inForce, value.name, value.mention)).length > 0) held += 1;
      else if (await this.eraseOne(value, sweep)) erased += 1;
      else return { erased, held, whole: false };
    }
    return { erased, held, whole: true };
  }

  /**
   * Erases once the index has all that is in the log as well: an event that comes later finds the value gone, and keeps
   * it anew.
   * @returns false where there was no such moment
   */
  private async eraseOne(value: Over, sweep: Sweep): Promise<boolean> {
    const { index, vault, logs, underWay, pause } = this.options;
    const { name, places } = value;
    const isOver = (mention: Over['mention']) => sweep.overBy(mention) !== null;
    // Nothing is noted of what was erased before.
    if ((await vault.reveal(places[0] ?? name)) !== undefined) await noteErasures(logs, [value], sweep);
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      await index.catchUp();
      const found = await index.mention(name);
      // Mentioned again meanwhile.
      if (found === undefined || !isOver(found)) return true;
      if (underWay() === 0 && (await index.isAtEnd()) && underWay() === 0) {
        await Promise.all(places.map((place) => vault.erase(place)));
        await index.forget(name, isOver);
        return true;
      }
      await pause();
    }
    return false;
  }
}

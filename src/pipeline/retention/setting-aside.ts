// Erasing where several processes take events, and none knows what is on its way into another.
import type { Logs } from '../../ports/log.js';
import type { SharedVault } from '../../ports/vault.js';
import type { Holds } from './holds.js';
import { KeptByHold } from './kept-by-hold.js';
import type { PersonalIndex } from './personal-index.js';
import { noteErasures, type Erasing, type Over, type Sweep, type Swept } from './personal-term.js';

export interface SettingAsideOptions {
  readonly index: PersonalIndex;
  readonly holds: Holds;
  readonly vault: SharedVault;
  readonly logs: Pick<Logs, 'audit'>;
  readonly nonce: () => string;
  /** Whether the sweep still falls to this process; asked after values were set aside, and before any is dropped. */
  readonly goesOn: () => Promise<boolean>;
}

/** How often holds may come in between. */
const ATTEMPTS = 10;
const LEFT: Swept = { erased: 0, held: 0, whole: false };

/**
 * Values are set aside first; then the index is brought up to the end of the log; then what was mentioned again is put
 * back, and the rest is dropped.
 *
 * Why no value is lost that the log mentions and whose sender was told that it is taken: who takes an event keeps its
 * values, appends it, looks whether anything was set aside or erased since before the keeping, keeps the values anew if so,
 * and only then says that the event is taken. Take an event appended at an instant a, and a value of it that is set aside
 * at s. If a < s, the index is brought up to an end that is asked for after s, so it has the event, and the value is put
 * back. If s < a, the look comes after s: either the keeping began after s as well and found the value gone, or the look
 * sees that something was set aside since; in both cases the value is kept anew, and dropping what lies aside does not
 * touch that. This holds for any delay, pause or order of the processes, and no clock is asked. A process that ends between
 * append and look has told nobody that it took the event; whoever sent it sends it again.
 *
 * A sweep that ends halfway leaves values aside; the next one puts them back and judges them anew. Each attempt drops only
 * what it set aside itself, so two sweeps at a time do not drop by an index that was brought up too early.
 */
export class SettingAside implements Erasing {
  constructor(private readonly options: SettingAsideOptions) {}

  async begin(): Promise<void> {
    const { vault } = this.options;
    await vault.putBack(await vault.aside(), null);
  }

  async erase(values: readonly Over[], sweep: Sweep): Promise<Swept> {
    const { index, holds, vault } = this.options;
    if (values.length === 0) return { erased: 0, held: 0, whole: await this.options.goesOn() };
    const keeping = new KeptByHold(index, vault);
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const inForce = await holds.inForce(sweep.now);
      const free: Over[] = [];
      for (const value of values)
        if ((await keeping.of(inForce, value.name, value.mention)).length === 0) free.push(value);
      const known = inForce.map(({ id }) => id).join();
      const isHeldAnew = async () => (await holds.inForce(sweep.now)).map(({ id }) => id).join() !== known;
      const erased = await this.eraseFree(free, sweep, isHeldAnew);
      if (erased === 'fenced') return LEFT;
      if (erased !== 'held') return { erased, held: values.length - free.length, whole: true };
    }
    return LEFT;
  }

  /** @returns how many went; `held` where a hold came in between, `fenced` where the sweep falls to another now */
  private async eraseFree(
    values: readonly Over[],
    sweep: Sweep,
    isHeldAnew: () => Promise<boolean>,
  ): Promise<number | 'held' | 'fenced'> {
    const { index, vault, logs, nonce, goesOn } = this.options;
    const by = nonce();
    const all = values.flatMap((value) => value.places);
    const { moved, absent } = await vault.setAside(all, by);
    try {
      await index.catchUp();
      const over: Over[] = [];
      for (const value of values) {
        const mention = await index.mention(value.name);
        if (mention !== undefined && sweep.overBy(mention) !== null) over.push({ ...value, mention });
      }
      // Asked for after the values were out of reach: for who orders a hold from now on they were gone before.
      if (await isHeldAnew()) return 'held';
      if (!(await goesOn())) return 'fenced';
      const had = new Set(moved);
      const going = over.filter((value) => value.places.some((place) => had.has(place)));
      await noteErasures(logs, going, sweep);
      const places = going.flatMap((value) => value.places);
      const dropped = new Set(await vault.drop(places, by));
      const gone = new Set([...dropped, ...absent]);
      for (const { name, places: own } of over)
        if (own.every((place) => gone.has(place)))
          await index.forget(name, (mention) => sweep.overBy(mention) !== null);
      return going.filter((value) => value.places.some((place) => dropped.has(place))).length;
    } finally {
      await vault.putBack(moved, by);
    }
  }
}

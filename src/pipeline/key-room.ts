// Which keys stay at hand: as many as there is room for, and those that are used again and again rather than those that
// pass by.
import type { KeyState } from '../engine/key-state.js';

/** What a key may take on the average before keys must go, bytes of memory. */
export const BYTES_A_KEY = 4096;
/** Keys that came lately have an eighth of the room. */
const NEWCOMERS_SHARE = 1 / 8;
/** So many uses of a key since its last look are told apart. */
const USES_MAX = 3;
/** After so many looks in a row whoever need not stay is gone. */
const LOOKS = USES_MAX + 1;
/** At one of the settled it is looked whenever so many newcomers had to go. */
const PASSED_A_LOOK = 2;
/** Room is ample while no more than this share of it is taken. */
const AMPLE = 15 / 16;

/** The room that the strata of one consumer have together, and what is in it. */
export class KeyRoom {
  /** Bytes of memory, as `KeyState.footprint` reckons them. */
  readonly limitBytes: number;
  usedBytes = 0;
  /** Keys at hand. */
  size = 0;
  /** How many keys were read from the store since the start. */
  loaded = 0;
  private sharers = 0;

  /** @param limit keys of each stratum at the most; fewer where they take more than four KiB each */
  constructor(readonly limit: number) {
    this.limitBytes = limit * BYTES_A_KEY;
  }

  /** Begins anew with no key at hand, and no stratum. */
  clear(): void {
    this.usedBytes = this.size = this.sharers = 0;
  }

  /** One more stratum takes part. */
  join(): void {
    this.sharers++;
  }

  /** Whether a stratum that uses so many bytes is to make room: where there is too little, at least one is. */
  isShortFor(bytes: number): boolean {
    return this.usedBytes > this.limitBytes && bytes * this.sharers >= this.usedBytes;
  }
}

/**
 * The keys of one stratum in the order in which they are to go. Devices report in turns: were the one that was used
 * longest ago to go first, each would be gone when its turn comes as soon as one more is there than there is room for.
 * So who came lately goes, unless it is used again before that; the others stay for as long as they are used more often
 * than they are looked at (2Q of Johnson and Shasha, VLDB 1994, with a counting clock in place of its longer queue).
 */
export class ResidentKeys {
  /** In the order of their coming; those before `first` are gone. */
  private newcomers: KeyState[] = [];
  private first = 0;
  private newcomerBytes = 0;
  private readonly settled: KeyState[] = [];
  /** The next of the settled that is looked at. */
  private hand = 0;
  private bytes = 0;
  /** Newcomers that were let go of. */
  private passed = 0;

  constructor(private readonly room: KeyRoom) {
    room.join();
  }

  get size(): number {
    return this.newcomers.length - this.first + this.settled.length;
  }

  /** A key is there that was not. */
  add(state: KeyState): void {
    this.newcomers.push(state);
    this.room.size++;
  }

  /** A key that is there is asked for again. */
  used(state: KeyState): void {
    if (state.uses < USES_MAX) state.uses++;
  }

  /** Reckons anew with a key whose content has changed. */
  weigh(state: KeyState): void {
    const { footprint } = state;
    this.grow(state, footprint - state.residentBytes);
    state.residentBytes = footprint;
  }

  /**
   * Lets keys go until the rest has room.
   * @param isKept whether a key must stay for now
   * @param letGo hears of each that goes
   */
  shrink(isKept: (state: KeyState) => boolean, letGo: (state: KeyState) => void): void {
    let newcomers = this.newcomers.length - this.first;
    // Whoever was used goes at the look after as many as it was used.
    let looks = LOOKS * this.settled.length;
    while (this.isFull && newcomers + looks > 0) {
      if (newcomers > 0 && (looks === 0 || this.hasManyNewcomers)) {
        newcomers--;
        if (this.judgeNewcomer(isKept, letGo)) looks += LOOKS;
      } else {
        looks--;
        this.judgeSettled(isKept, letGo);
      }
    }
    while (this.hasRoom && this.hasManyNewcomers) this.settle(this.shift());
  }

  /** Whether there is so much room that a newcomer need not show that it is used again. */
  private get hasRoom(): boolean {
    return this.size < this.room.limit * AMPLE && this.room.usedBytes < this.room.limitBytes * AMPLE;
  }

  private get isFull(): boolean {
    return this.size > this.room.limit || this.room.isShortFor(this.bytes);
  }

  private get hasManyNewcomers(): boolean {
    return (
      this.newcomers.length > this.first &&
      (this.newcomerBytes > this.bytes * NEWCOMERS_SHARE ||
        this.newcomers.length - this.first > this.size * NEWCOMERS_SHARE)
    );
  }

  /** @returns whether it was settled */
  private judgeNewcomer(isKept: (state: KeyState) => boolean, letGo: (state: KeyState) => void): boolean {
    const state = this.shift();
    if (isKept(state)) {
      this.newcomers.push(state);
      return false;
    }
    // Now and then one takes the place of a settled key that is not used.
    const takesPlace =
      state.uses === 0 && ++this.passed % PASSED_A_LOOK === 0 && this.judgeSettled(isKept, letGo);
    if (takesPlace || state.uses > 0) {
      this.settle(state);
      return true;
    }
    this.newcomerBytes -= state.residentBytes;
    this.forget(state, letGo);
    return false;
  }

  /** @returns whether it was let go */
  private judgeSettled(isKept: (state: KeyState) => boolean, letGo: (state: KeyState) => void): boolean {
    if (this.hand >= this.settled.length) this.hand = 0;
    const state = this.settled[this.hand];
    if (state === undefined) return false;
    if (isKept(state) || state.uses > 0) {
      if (state.uses > 0) state.uses--;
      this.hand++;
      return false;
    }
    const last = this.settled.pop() as KeyState;
    if (last !== state) this.settled[this.hand] = last;
    this.forget(state, letGo);
    return true;
  }

  private forget(state: KeyState, letGo: (state: KeyState) => void): void {
    this.bytes -= state.residentBytes;
    this.room.usedBytes -= state.residentBytes;
    this.room.size--;
    letGo(state);
  }

  private shift(): KeyState {
    const state = this.newcomers[this.first++] as KeyState;
    if (this.first * 2 > this.newcomers.length) {
      this.newcomers = this.newcomers.slice(this.first);
      this.first = 0;
    }
    return state;
  }

  private settle(state: KeyState): void {
    this.newcomerBytes -= state.residentBytes;
    state.isSettled = true;
    // It may stay until the look after the next.
    state.uses = 1;
    this.settled.push(state);
  }

  private grow(state: KeyState, bytes: number): void {
    this.bytes += bytes;
    this.room.usedBytes += bytes;
    if (!state.isSettled) this.newcomerBytes += bytes;
  }
}

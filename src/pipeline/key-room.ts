// Which keys stay at hand: as many as there is room for, and those that are used again and again rather than those that
// pass by.
import type { KeyState } from '../engine/key-state.js';

/** What a key may take on the average before keys must go, bytes of memory. */
export const BYTES_A_KEY = 4096;
/** Keys that came lately have an eighth of the room. */
const NEWCOMERS_SHARE = 1 / 8;
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
 * So who came lately goes, unless it is used again before that; the others stay, and of them those go that were not used
 * since the last look (as in 2Q: Johnson and Shasha, VLDB 1994, with a clock in place of the longer queue).
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
    // Whoever was used stays at the first look, and goes at the second.
    let looks = 2 * this.settled.length;
    while (this.isFull && newcomers + looks > 0) {
      if (newcomers > 0 && (looks === 0 || this.hasManyNewcomers)) {
        newcomers--;
        if (this.judgeNewcomer(isKept, letGo)) looks += 2;
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
    if (isKept(state)) this.newcomers.push(state);
    else if (state.isUsedAgain) {
      this.settle(state);
      return true;
    } else {
      this.newcomerBytes -= state.residentBytes;
      this.forget(state, letGo);
    }
    return false;
  }

  private judgeSettled(isKept: (state: KeyState) => boolean, letGo: (state: KeyState) => void): void {
    if (this.hand >= this.settled.length) this.hand = 0;
    const state = this.settled[this.hand];
    if (state === undefined) return;
    if (isKept(state) || state.isUsedAgain) {
      state.isUsedAgain = false;
      this.hand++;
      return;
    }
    const last = this.settled.pop() as KeyState;
    if (last !== state) this.settled[this.hand] = last;
    this.forget(state, letGo);
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
    state.isUsedAgain = false;
    this.settled.push(state);
  }

  private grow(state: KeyState, bytes: number): void {
    this.bytes += bytes;
    this.room.usedBytes += bytes;
    if (!state.isSettled) this.newcomerBytes += bytes;
  }
}

// Dead letters as they are found again: by place or by filters, with what became of them since.
import type { Log } from '../../ports/log.js';
import { decodeJson } from '../checkpoint.js';
import type { DeadLetter } from '../intake.js';
import type { Redriven, Trial } from './redriven.js';

/** Which letters are asked for; all of it has to fit. */
export interface LetterFilter {
  readonly codes?: readonly string[] | undefined;
  /** What the event names as its source. */
  readonly source?: string | undefined;
  /** When it was refused, epoch ms: from the one on, before the other. */
  readonly since?: number | undefined;
  readonly until?: number | undefined;
}

export interface Letter {
  /** Its place in the log. */
  readonly offset: number;
  readonly letter: DeadLetter;
  /** The last time that somebody tried it again; null before the first. */
  readonly trial: Trial | null;
}

export const LETTER_LIMITS = {
  /** Letters of one list, and places that a command may name. */
  listed: 1_000,
  /** Letters that one command tries again. */
  redriven: 100_000,
  /** Letters that are looked at for one list. */
  looked: 1_000_000,
} as const;

const PAGE = 1_000;

export class DeadLetters {
  constructor(
    private readonly log: Log,
    private readonly redriven: Redriven,
  ) {}

  /**
   * Letters that a filter takes, the newest first.
   * @param before places from here on are left out; undefined for none
   * @returns at most `limit`, and from where on there may be more: `before` of the next call, null at the end
   */
  async newest(
    filter: LetterFilter,
    limit: number,
    before = Infinity,
  ): Promise<{ readonly letters: readonly Letter[]; readonly next: number | null }> {
    const found: Omit<Letter, 'trial'>[] = [];
    let to = Math.min(before, await this.log.end(0));
    const least = Math.max(0, to - LETTER_LIMITS.looked);
    while (to > least && found.length < limit) {
      const from = Math.max(least, to - PAGE);
      const page = await this.read(from, to - from);
      const fitting = page.filter(({ letter }) => fits(letter, filter)).reverse();
      const taken = fitting.slice(0, limit - found.length);
      found.push(...taken);
      to = taken.length < fitting.length ? (taken.at(-1)?.offset ?? from) : from;
    }
    return { letters: await this.withTrials(found), next: to > 0 ? to : null };
  }

  /** Letters that a filter takes, in the order of the log from a place on, in pages. */
  async *oldest(filter: LetterFilter, from: number): AsyncGenerator<readonly Letter[]> {
    const end = await this.log.end(0);
    for (let next = from; next < end; next += PAGE) {
      const page = await this.read(next, Math.min(PAGE, end - next));
      const fitting = page.filter(({ letter }) => fits(letter, filter));
      if (fitting.length > 0) yield await this.withTrials(fitting);
    }
  }

  /** The letter at a place; undefined where there is none. */
  async at(offset: number): Promise<Letter | undefined> {
    if (offset >= (await this.log.end(0))) return undefined;
    const [found] = await this.withTrials(await this.read(offset, 1));
    return found?.offset === offset ? found : undefined;
  }

  private async read(offset: number, limit: number) {
    const records = await this.log.read(0, offset, limit);
    return records.map(({ offset: at, value }) => ({ offset: at, letter: decodeJson<DeadLetter>(value) }));
  }

  private async withTrials(found: readonly Omit<Letter, 'trial'>[]): Promise<Letter[]> {
    const trials = await this.redriven.load(found.map(({ offset }) => offset));
    return found.map((one) => ({ ...one, trial: trials.get(one.offset) ?? null }));
  }
}

/** Whether a letter stands for a delivery that was given up, which no event can be made of. */
export function isDelivery({ original }: DeadLetter): boolean {
  return original.startsWith('deliveries/');
}

function fits(letter: DeadLetter, { codes, source, since, until }: LetterFilter): boolean {
  return (
    (codes === undefined || codes.includes(letter.code)) &&
    (source === undefined || letter.source === source) &&
    (since === undefined || letter.at >= since) &&
    (until === undefined || letter.at < until)
  );
}

// The history of all partitions as the one log that they come to: by the clock after each record, partition, offset.
import type { LogRecord } from '../../events/event.js';
import type { History, HistoryAsked, HistoryRecord } from '../../ports/history.js';

export interface MergedAsked extends Omit<HistoryAsked, 'begin' | 'end'> {
  /** Offsets by partition from which on nothing is told. */
  readonly ends: readonly number[];
  /**
   * Records whose clock is this instant or later are not told, epoch ms; but for gaps that come next and began before it:
   * nobody listened then, and it was known before anything that fell due was decided.
   */
  readonly beforeMs: number;
  /** Records at once; a thousand where left out. */
  readonly page?: number;
}

/** A record as it stands in the merge, dated with the clock of its partition after it. */
export interface MergedRecord extends HistoryRecord {
  readonly partition: number;
}

const PAGE = 1_000;

/**
 * Records in the order in which one run over all partitions steps them, each dated with the clock of its partition after
 * it, which is when it counts there. Of every partition a page is at hand, and no more.
 */
export async function* mergedHistory(
  history: History,
  { ends, beforeMs, page: limit = PAGE, ...asked }: MergedAsked,
): AsyncGenerator<readonly MergedRecord[]> {
  const heads = ends.map(
    (end, partition) => new Head(partition, history.read(partition, { ...asked, begin: 0, end })),
  );
  try {
    for (const head of heads) await head.advance();
    let page: MergedRecord[] = [];
    for (;;) {
      const next = earliest(heads);
      if (next === null) break;
      const { record, clock } = next;
      if (clock >= beforeMs && !(record.kind === 'gap' && record.from < beforeMs)) break;
      page.push({ record, clock, partition: next.partition, offset: next.offset });
      if (page.length >= limit) {
        yield page;
        page = [];
      }
      // Most records are at hand: only a new page is waited for.
      if (!next.step()) await next.advance();
    }
    if (page.length > 0) yield page;
  } finally {
    for (const head of heads) await head.close();
  }
}

/** The next record of a partition. */
class Head {
  private readonly pages: AsyncIterator<readonly HistoryRecord[]>;
  private page: readonly HistoryRecord[] = [];
  private index = 0;
  private isEnded = false;
  clock = -Infinity;

  constructor(
    readonly partition: number,
    pages: AsyncIterable<readonly HistoryRecord[]>,
  ) {
    this.pages = pages[Symbol.asyncIterator]();
  }

  get ended(): boolean {
    return this.isEnded;
  }

  get offset(): number {
    return (this.page[this.index] as HistoryRecord).offset;
  }

  get record(): LogRecord {
    const { record } = this.page[this.index] as HistoryRecord;
    return record.at === this.clock ? record : { ...record, at: this.clock };
  }

  /** Goes to the next record of the page at hand. @returns false where that was its last */
  step(): boolean {
    this.index++;
    return this.arrived();
  }

  /** Goes to the first record of the next page, or to the end. */
  async advance(): Promise<void> {
    const next = await this.pages.next();
    this.index = 0;
    this.page = next.done === true ? [] : next.value;
    this.isEnded = next.done === true;
    if (!this.isEnded && !this.arrived()) await this.advance();
  }

  async close(): Promise<void> {
    await this.pages.return?.();
  }

  private arrived(): boolean {
    const found = this.page[this.index];
    if (found === undefined) return false;
    // Two parts of a history may overlap in time.
    this.clock = Math.max(this.clock, found.clock);
    return true;
  }
}

/** The head whose record comes first; of equal clocks the one of the lower partition. */
function earliest(heads: readonly Head[]): Head | null {
  let first: Head | null = null;
  for (const head of heads) {
    if (!head.ended && (first === null || head.clock < first.clock)) first = head;
  }
  return first;
}

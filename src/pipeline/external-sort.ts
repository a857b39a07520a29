// External merge sort: sorted runs put aside, then merged; D. E. Knuth, The Art of Computer Programming 3, section 5.4.
import { decodeRecord, encodeRecord } from '../events/codec.js';
import type { Event } from '../events/event.js';
import type { RunStore, StoredRun } from '../ports/run-store.js';

/** Runs that are merged at once: each holds a page in memory and a file open. */
export const FAN_IN = 64;
const BATCH_EVENTS = 2_000;

/** Below 0 where the first comes first. */
export type Order = (a: Event, b: Event) => number;

export const byArrival: Order = (a, b) => a.at - b.at;

/** Runs of what is sorted together, each in order. */
export class SortedRuns {
  /** Runs by how often their events were merged. */
  private readonly levels: StoredRun[][] = [];

  constructor(
    private readonly store: RunStore,
    private readonly fanIn = FAN_IN,
    private readonly order: Order = byArrival,
  ) {}

  get isEmpty(): boolean {
    return this.levels.length === 0;
  }

  /** Puts a run aside. @param sorted batches in order */
  async add(sorted: AsyncIterable<readonly Event[]>): Promise<void> {
    await this.place(await this.store.write(encoded(sorted)), 0);
  }

  /** All events in order; what the order holds for equal, such as what arrived at one instant, in no particular one. */
  async *merged(): AsyncGenerator<readonly Event[]> {
    yield* mergedRuns(this.levels.flat(), this.order);
    this.levels.length = 0;
  }

  private async place(run: StoredRun, level: number): Promise<void> {
    const runs = (this.levels[level] ??= []);
    runs.push(run);
    if (runs.length < this.fanIn) return;
    this.levels[level] = [];
    await this.place(await this.store.write(encoded(mergedRuns(runs, this.order))), level + 1);
  }
}

async function* encoded(batches: AsyncIterable<readonly Event[]>): AsyncGenerator<readonly Uint8Array[]> {
  for await (const events of batches) yield events.map((event) => encodeRecord(event));
}

async function* mergedRuns(runs: readonly StoredRun[], order: Order): AsyncGenerator<readonly Event[]> {
  const heads = runs.map((run) => new Head(run));
  for (const head of heads) await head.fill();
  let batch: Event[] = [];
  for (;;) {
    let first: Head | undefined;
    /** The least that another run may still give. */
    let others: Event | undefined;
    for (const head of heads) {
      const { event } = head;
      if (event === undefined) continue;
      if (first?.event === undefined || order(event, first.event) < 0) {
        others = first?.event;
        first = head;
      } else if (others === undefined || order(event, others) < 0) others = event;
    }
    if (first === undefined) break;
    for (let { event } = first; event !== undefined && isUpTo(event, others, order); { event } = first) {
      batch.push(event);
      if (!first.step()) await first.fill();
      if (batch.length < BATCH_EVENTS) continue;
      yield batch;
      batch = [];
    }
  }
  if (batch.length > 0) yield batch;
  for (const run of runs) await run.drop();
}

function isUpTo(event: Event, others: Event | undefined, order: Order): boolean {
  return others === undefined || order(event, others) <= 0;
}

/** The next event of a run. */
class Head {
  event: Event | undefined;
  private readonly pages: AsyncIterator<readonly Uint8Array[]>;
  private page: readonly Uint8Array[] = [];
  private index = 0;

  constructor(run: StoredRun) {
    this.pages = run.read()[Symbol.asyncIterator]();
  }

  /** Goes on within the page at hand. @returns false at its end */
  step(): boolean {
    const bytes = this.page[++this.index];
    this.event = bytes === undefined ? undefined : (decodeRecord(bytes) as Event);
    return bytes !== undefined;
  }

  /** Goes to the next page. */
  async fill(): Promise<void> {
    const next = await this.pages.next();
    this.page = next.done === true ? [] : next.value;
    this.index = -1;
    this.step();
  }
}

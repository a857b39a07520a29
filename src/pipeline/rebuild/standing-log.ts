// What a log holds already: whoever does its steps again writes only what does not stand there.
import type { Origin } from '../../alerts/inbox.js';
import type { Log, StoredRecord } from '../../ports/log.js';
import { decodeJson } from '../checkpoint.js';
import { OriginFilter, type Origins } from '../origins.js';

/** A record of a log between stages, as far as it says where it comes from; marks say how far their source has come. */
export interface Placed {
  readonly kind?: string;
  readonly origin?: Origin;
  readonly source?: unknown;
  readonly at?: number;
}

const PAGE = 1_000;

/** The highest origins and marks of one partition. */
class Tail {
  readonly filter = new OriginFilter({});
  readonly #marks = new Map<string, number>();

  /** Whether a record stands nowhere yet; from then on it does. */
  admit({ kind, origin, source, at }: Placed): boolean {
    if (origin !== undefined) return this.filter.admit(origin);
    if (kind !== 'mark' || typeof source !== 'string' || at === undefined) return true;
    if (at <= (this.#marks.get(source) ?? -Infinity)) return false;
    this.#marks.set(source, at);
    return true;
  }
}

export class StandingLog implements Log {
  readonly #tails = new Map<number, Tail>();

  constructor(private readonly log: Log) {}

  /**
   * Reads a partition to its end; only then may it be appended to.
   * @param from the first record that is there; what came before it was stepped before what will be
   * @param hear hears of each record that had not come before
   */
  async survey<T extends Placed>(
    partition: number,
    from: number,
    hear: (record: T) => void = () => {},
  ): Promise<void> {
    const tail = new Tail();
    this.#tails.set(partition, tail);
    for await (const { value } of recordsFrom(this.log, partition, from)) {
      const record = decodeJson<T>(value);
      if (tail.admit(record)) hear(record);
    }
  }

  /** The highest origin of each source in a partition that was read. */
  origins(partition: number): Origins {
    return this.#tails.get(partition)?.filter.origins ?? {};
  }

  /** Appends what does not stand. After a failure nobody knows what stands: the log is to be read again. */
  async append(partition: number, values: readonly Uint8Array[]): Promise<number> {
    const tail = this.#tails.get(partition);
    if (tail === undefined) throw new Error(`partition ${partition} was not read`);
    return this.log.append(
      partition,
      values.filter((value) => tail.admit(decodeJson<Placed>(value))),
    );
  }

  read(partition: number, offset: number, limit: number): Promise<StoredRecord[]> {
    return this.log.read(partition, offset, limit);
  }

  end(partition: number): Promise<number> {
    return this.log.end(partition);
  }
}

/** The records of a partition from an offset to where the log ends now. */
export async function* recordsFrom(log: Log, partition: number, from: number): AsyncGenerator<StoredRecord> {
  const end = await log.end(partition);
  for (let offset = from; offset < end;) {
    const page = await log.read(partition, offset, Math.min(PAGE, end - offset));
    if (page.length === 0) return;
    yield* page;
    offset += page.length;
  }
}

// Where events go that any process may take: each to the partition of its key, stamped with its arrival.
import { encodeRecord } from '../../events/codec.js';
import type { EventDraft } from '../../events/event.js';
import { arriveAt } from '../../events/reader.js';
import type { Logs } from '../../ports/log.js';
import type { Probe } from '../checkpoint.js';
import { HeldBack } from '../held-back.js';
import type { EventSink } from '../intake.js';
import { partitionOf } from './partition.js';

export interface PartitionedEventsOptions {
  readonly logs: Logs;
  /** Of the events log. */
  readonly partitions: number;
  /** The newest tick that is known here; -Infinity before the first. */
  readonly lastTick: () => number;
  /** Whether ticks wait for a source whose backlog is being read. @param now epoch ms */
  readonly isCatchingUp?: (now: number) => boolean;
  /** Of this process among those that take events. */
  readonly id: string;
  readonly probe: Probe;
}

/** What a log takes as one batch. */
const PIECE_RECORDS = 1_000;
const PIECE_BYTES = 1024 * 1024;

export class PartitionedEvents implements EventSink {
  private newest = -Infinity;
  /** Arrivals of what is being appended. */
  private readonly underWay = new Set<{ readonly at: number }>();
  private readonly held: HeldBack;

  constructor(private readonly options: PartitionedEventsOptions) {
    this.held = new HeldBack(options.logs.operator, `ingest/${options.id}`);
  }

  /** Arrivals held back to ten seconds after the last tick. */
  get heldBack(): number {
    return this.held.count;
  }

  /** The instant up to which everything taken here is in the logs. @param now epoch ms */
  readUpTo(now: number): number {
    let least = Math.max(now, this.newest);
    // What arrives at an instant is read before the next one.
    for (const { at } of this.underWay) least = Math.min(least, at - 1);
    return least;
  }

  async append(events: readonly EventDraft[], _exact: readonly boolean[], now: number): Promise<void> {
    if (events.length === 0) return;
    const { partitions, lastTick, isCatchingUp, probe } = this.options;
    const isExpected = isCatchingUp?.(now) === true;
    const at = await this.held.arrival(Math.max(now, this.newest), lastTick(), events.length, isExpected);
    this.newest = Math.max(this.newest, at);
    const taken = { at };
    this.underWay.add(taken);
    try {
      const byPartition = new Map<number, Uint8Array[]>();
      for (const event of events) {
        arriveAt(event, at);
        const partition = partitionOf(event.key, partitions);
        const values = byPartition.get(partition) ?? [];
        byPartition.set(partition, values);
        values.push(encodeRecord(event));
      }
      await Promise.all([...byPartition].map(([partition, values]) => this.appendTo(partition, values)));
      probe('after-append');
    } finally {
      this.underWay.delete(taken);
    }
  }

  /** In pieces, since others append to the partition as well, and a large append must not be torn by theirs. */
  private async appendTo(partition: number, values: readonly Uint8Array[]): Promise<void> {
    const { events } = this.options.logs;
    let piece: Uint8Array[] = [];
    let bytes = 0;
    for (const value of values) {
      if (piece.length === PIECE_RECORDS || (piece.length > 0 && bytes + value.length > PIECE_BYTES)) {
        await events.append(partition, piece);
        piece = [];
        bytes = 0;
      }
      piece.push(value);
      bytes += value.length;
    }
    await events.append(partition, piece);
  }
}

// What a partition of strata says to others: each record to the partition that reads it, and marks behind them all.
import type { Origin } from '../../alerts/inbox.js';
import type { Derived } from '../../engine/derived.js';
import type { WideLogs } from '../../ports/log.js';
import { encodeJson } from '../checkpoint.js';
import { partitionOf } from './partition.js';
import type { DerivedRecord, SourceMark, TurnRecord } from './wide-records.js';

export class Outlet {
  /** By partition of the derived log; those that are written stay until the checkpoint says so. */
  private readonly waiting = new Map<number, Uint8Array[]>();
  /** Changes of rules for the inbox. */
  private turns: Uint8Array[] = [];

  /** @param partitions of the derived log */
  constructor(
    private readonly logs: WideLogs,
    private readonly partitions: number,
  ) {}

  /** Forgets what was not written: its step begins anew. */
  clear(): void {
    this.waiting.clear();
    this.turns = [];
  }

  /** Takes a change of rules, which is for all. */
  announce(turn: TurnRecord): void {
    const bytes = encodeJson(turn);
    for (let partition = 0; partition < this.partitions; partition++) this.put(partition, bytes);
    this.turns.push(bytes);
  }

  /** Takes something for a key; what has none is for every partition. */
  derive(origin: Origin, derived: Derived): void {
    const bytes = encodeJson({ kind: 'derived', origin, derived } satisfies DerivedRecord);
    if (derived.key !== '') this.put(partitionOf(derived.key, this.partitions), bytes);
    else for (let partition = 0; partition < this.partitions; partition++) this.put(partition, bytes);
  }

  /**
   * Writes what was taken, and marks behind it; durable once it resolves.
   * @param transitions for the inbox
   * @param marks of sources
   * @param strata that there are: a mark of the highest is for the inbox alone
   */
  async write(
    transitions: readonly Uint8Array[],
    marks: readonly SourceMark[],
    strata: number,
  ): Promise<void> {
    const below = marks.filter(({ source }) => Number(source.split('/')[0]) < strata - 1);
    for (const mark of below) {
      const bytes = encodeJson(mark);
      for (let partition = 0; partition < this.partitions; partition++) this.put(partition, bytes);
    }
    const inbox = [...this.turns, ...transitions, ...marks.map(encodeJson)];
    // Each log has one append under way at a time, so that its records stand in the order of their origins.
    const appends = [...this.waiting].map(([partition, values]) =>
      this.logs.derived.append(partition, values),
    );
    if (inbox.length > 0) appends.push(this.logs.transitions.append(0, inbox));
    await Promise.all(appends);
    this.clear();
  }

  private put(partition: number, bytes: Uint8Array): void {
    const values = this.waiting.get(partition);
    if (values === undefined) this.waiting.set(partition, [bytes]);
    else values.push(bytes);
  }
}

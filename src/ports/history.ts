// The history of a deployment: what its events log held, read again by whoever evaluates it anew.
import type { Event, LogRecord, StreamName } from '../events/event.js';

export interface HistoryRecord {
  readonly offset: number;
  /**
   * The clock of the partition after it: the latest arrival among the records read so far. Where an archive tells only some
   * streams, those that it leaves out do not count, so the clock may be behind by as much as arrivals are out of order.
   */
  readonly clock: number;
  readonly record: LogRecord;
}

/** What of a partition is wanted. */
export interface HistoryAsked {
  /** Nothing before this offset. */
  readonly begin: number;
  /** Nothing from this offset on. */
  readonly end: number;
  /** From the first record that arrived then or later everything is told, epoch ms; -Infinity for all of it. */
  readonly sinceMs: number;
  /** Streams whose events are told from the beginning; gaps always are. */
  readonly always: readonly StreamName[];
}

/**
 * The records of the events log in the order of their partitions, wherever they are kept by now. Ticks may be missing where
 * they lie far back: how often time was told says nothing.
 */
export interface History {
  /** Of the events log. */
  readonly partitions: number;
  /** Records of a partition in the order of its log, in pages of bounded size. */
  read(partition: number, asked: HistoryAsked): AsyncIterable<readonly HistoryRecord[]>;
}

/** Single events that the events log has let go of. */
export interface EventArchive {
  /** Those of a partition at some offsets, at most 1,000 of them; what is no event, or is not there, is left out. */
  at(partition: number, offsets: readonly number[]): Promise<ReadonlyMap<number, Event>>;
}

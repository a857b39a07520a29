// Rows of tables: what a reader of files hands over, one at a time.
import type { Code } from '../events/codes.js';
import type { Json } from '../events/event.js';

/** One row by column; absent columns are simply not there. */
export type Row = { readonly [column: string]: Json };

/** A row, or what stands where a row should be; `line` counts from 1 and names where it begins. */
export type RowRead =
  | { readonly ok: true; readonly line: number; readonly row: Row }
  | {
      readonly ok: false;
      readonly line: number;
      readonly code: Code;
      readonly message: string;
      readonly raw: string;
    };

export interface TableFormat {
  readonly format: 'csv' | 'json' | 'ndjson';
  /** A label of the WHATWG encoding standard: utf-8, gb18030, big5 and so on. */
  readonly encoding: string;
  /** One character; CSV only. */
  readonly delimiter: string;
  /** Names of the columns where a CSV has no header line. */
  readonly columns?: readonly string[];
}

/** A table that is read once, from its first row to its last. */
export interface TableReader {
  /** The columns of a CSV; undefined where each row names its own. */
  readonly columns: readonly string[] | undefined;
  /** Rows in batches of bounded size, so that the reader never holds the whole file. */
  batches(): AsyncIterable<readonly RowRead[]>;
}

/** When the events of some lines arrive. */
export interface ArrivalLines {
  /** Epoch ms; NaN where the line does not say, undefined where `row` has to be looked at. */
  readonly arrivals: readonly (number | undefined)[];
  row(index: number): RowRead;
}

// Where aggregates live: blocks of rows in, answers to queries out.

export type Row = { readonly [column: string]: unknown };

export interface Warehouse {
  /** Inserts one block; the same table and token twice leaves one block, in the table and in its views. */
  insert(table: string, token: string, rows: readonly Row[]): Promise<void>;
  /** Runs a read with bound parameters (`{name:Type}` placeholders) and returns its rows. */
  query(sql: string, params?: Readonly<Record<string, unknown>>): Promise<Row[]>;
  /** Whether it answers now. */
  ready(): Promise<boolean>;
}

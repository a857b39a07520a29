// Rows of a report in columns, for a terminal.
import { blankOf, visible } from '../model/format-diagnostic.js';

/** A part of a report: a line, or rows whose first has the names of the columns. */
export type Block = string | { readonly rows: readonly (readonly string[])[] };

/** Rows as a part of a report. */
export function block(rows: readonly (readonly string[])[]): Block[] {
  return [{ rows }];
}

/** Blocks as lines for a terminal. */
export function linesOf(blocks: readonly Block[]): string[] {
  return blocks.flatMap((one) => (typeof one === 'string' ? [visible(one)] : table(one.rows)));
}

/** Rows in columns; the first column begins at the left, figures end at the right. */
export function table(rows: readonly (readonly string[])[]): string[] {
  const shown = rows.map((row) => row.map(visible));
  const widthOf = (text: string) => blankOf(text).length;
  const widths = (shown[0] ?? []).map((_head, column) =>
    Math.max(...shown.map((row) => widthOf(row[column] ?? ''))),
  );
  return shown.map((row) =>
    row
      .map((cell, column) => {
        const blank = ' '.repeat((widths[column] ?? 0) - widthOf(cell));
        return column === 0 ? cell + blank : blank + cell;
      })
      .join('  ')
      .trimEnd(),
  );
}

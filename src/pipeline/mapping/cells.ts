// Where a value of a mapping comes from: a column, a template over columns, an expression, a constant.
import type { Json } from '../../events/event.js';
import type { Row } from '../../ports/rows.js';
import { RowFault } from './row-fault.js';
import type { RowExpression } from './row-expression.js';

/** Reads one raw value from a row; undefined where the row has none. */
export type CellReader = (row: Row) => Json | RowFault | undefined;

const PLACEHOLDER = /\{([^{}]+)\}/g;

/** The columns that a template such as `{DOCUMENT}-{LINE}` names. */
export function templateColumns(template: string): string[] {
  return [...template.matchAll(PLACEHOLDER)].map((match) => match[1] ?? '');
}

/** A column as text. */
export function columnReader(column: string): CellReader {
  return (row) => cellText(row, column);
}

/** A template is empty where every column that it names is. */
export function templateReader(template: string): CellReader {
  const columns = templateColumns(template);
  return (row) => {
    const texts = new Map<string, string>();
    for (const column of columns) {
      const text = cellText(row, column);
      if (text instanceof RowFault) return text;
      if (text !== undefined) texts.set(column, text);
    }
    if (texts.size === 0) return undefined;
    return template.replace(PLACEHOLDER, (_, column: string) => texts.get(column) ?? '');
  };
}

export function expressionReader(expression: RowExpression): CellReader {
  return (row) => {
    const value = expression.run(row);
    return value === null || value === '' ? undefined : value;
  };
}

/** A cell without its outer blanks; numbers and booleans of JSON rows in their usual spelling. */
export function cellText(row: Row, column: string): string | RowFault | undefined {
  const cell = row[column];
  switch (typeof cell) {
    case 'string': {
      const text = cell.trim();
      return text === '' ? undefined : text;
    }
    case 'number':
      return Number.isInteger(cell) && !Number.isSafeInteger(cell)
        ? new RowFault('EVENT_NUMBER', `column ${column} holds a whole number beyond 2^53`)
        : String(cell);
    case 'boolean':
      return String(cell);
    case 'undefined':
      return undefined;
    default:
      return cell === null
        ? undefined
        : new RowFault('ROW_TYPE', `column ${column} holds a list or an object; read it with expr`);
  }
}

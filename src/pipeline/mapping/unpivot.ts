// Unpivoting: a row with a column for each thing that was measured becomes one event for each of these columns.
import { RE2JS } from 're2js';
import type { Path } from '../../catalogue/fault.js';
import type { Row } from '../../ports/rows.js';
import { cellText } from './cells.js';
import type { UnpivotSpec } from './mapping.js';
import { RowFault } from './row-fault.js';
import { listOf } from './values.js';

/** Most events that one row makes. */
const MAX_EVENTS_PER_ROW = 1_000;
/** Column names remembered; those of JSON rows may differ from row to row. */
const MAX_REMEMBERED = 4_096;
const MAX_MATCHED_CHARACTERS = 1_000;

/** What a column is called for the values of the mapping: its own name and the named groups of the pattern. */
type Facts = { readonly [name: string]: string };

/** One column of one row that is not empty; `text` is what it holds, or why that cannot be read. */
export interface Cell {
  readonly column: string;
  readonly facts: Facts;
  readonly text: string | RowFault;
}

export interface Cells {
  readonly cells: readonly Cell[];
  /** Columns that were chosen and hold nothing. */
  readonly empty: number;
}

/** The cells of a row that become events. */
export type Unpivot = (row: Row) => Cells | RowFault;

/** The specification has passed its checks. */
export function compileUnpivot(spec: UnpivotSpec): Unpivot {
  const factsOf = chooser(spec);
  const absent = new Set(listOf(spec.absent));
  return (row) => {
    const cells: Cell[] = [];
    let empty = 0;
    for (const column in row) {
      const facts = factsOf(column);
      if (facts === undefined) continue;
      const text = cellText(row, column);
      if (text === undefined || (typeof text === 'string' && absent.has(text))) empty++;
      else if (cells.length < MAX_EVENTS_PER_ROW) cells.push({ column, facts, text });
      else return new RowFault('ROW_TOO_LARGE', `the row makes more than ${MAX_EVENTS_PER_ROW} events`);
    }
    return { cells, empty };
  };
}

/** Says of a column whether it is chosen, and what is known by its name. */
function chooser(spec: UnpivotSpec): (column: string) => Facts | undefined {
  const remembered = new Map<string, Facts | undefined>();
  const read = factsReader(spec);
  return (column) => {
    const known = remembered.get(column);
    if (known !== undefined || remembered.has(column)) return known;
    const facts = read(column);
    if (remembered.size >= MAX_REMEMBERED) remembered.clear();
    remembered.set(column, facts);
    return facts;
  };
}

function factsReader({ columns, name }: UnpivotSpec): (column: string) => Facts | undefined {
  const own = (column: string): Facts => (name === undefined ? {} : { [name]: column });
  if (Array.isArray(columns)) {
    const chosen = new Set(columns);
    return (column) => (chosen.has(column) ? own(column) : undefined);
  }
  const pattern = RE2JS.compile(columns.pattern);
  const groups = Object.entries(pattern.namedGroups());
  return (column) => {
    if (column.length > MAX_MATCHED_CHARACTERS) return undefined;
    const matcher = pattern.matcher(column);
    if (!matcher.find()) return undefined;
    const captured = groups.map(([group, index]) => [group, matcher.group(index) ?? '']);
    return { ...own(column), ...(Object.fromEntries(captured) as Facts) };
  };
}

/** The columns that an unpivoted row has beside its own: for the cell, for its column's name, for the groups. */
export function derivedColumns(spec: UnpivotSpec | undefined): readonly string[] {
  if (spec === undefined) return [];
  const groups = Array.isArray(spec.columns) ? [] : Object.keys(groupsOf(spec.columns.pattern));
  return [spec.value, ...(spec.name === undefined ? [] : [spec.name]), ...groups];
}

function groupsOf(pattern: string): Record<string, number> {
  try {
    return RE2JS.compile(pattern).namedGroups();
  } catch {
    return {};
  }
}

/** What keeps a table with these columns from being unpivoted so. */
export function unpivotFaults(
  spec: UnpivotSpec | undefined,
  known: readonly string[],
): { readonly path: Path; readonly message: string }[] {
  if (spec === undefined) return [];
  const faults = derivedColumns(spec)
    .filter((name) => known.includes(name))
    .map((name) => ({
      path: name === spec.value ? ['unpivot', 'value'] : name === spec.name ? ['unpivot', 'name'] : PATTERN,
      message: `the table has a column ${JSON.stringify(name)} of its own; choose another name`,
    }));
  const factsOf = chooser(spec);
  if (!Array.isArray(spec.columns) && !known.some((column) => factsOf(column) !== undefined)) {
    faults.push({ path: PATTERN, message: 'no column of the table fits the pattern' });
  }
  return faults;
}

const PATTERN = ['unpivot', 'columns', 'pattern'];

// One row to one CloudEvent, or to one for each of its cells: attributes and data of the envelope, or the reason why not.
import { canonicalJson, digest32 } from '../../events/canonical.js';
import type { Code } from '../../events/codes.js';
import type { Json, JsonObject } from '../../events/event.js';
import type { Row } from '../../ports/rows.js';
import { columnReader, expressionReader, templateReader, type CellReader } from './cells.js';
import { asInstant, ATTRIBUTES, readsAny } from './check.js';
import { RowFault } from './row-fault.js';
import type { MappingFile, UnpivotSpec, ValueSpec } from './mapping.js';
import { compileRowExpression, type RowExpression } from './row-expression.js';
import { compileUnpivot, derivedColumns } from './unpivot.js';
import { compileValue, type ValueReader } from './values.js';

export interface RowReject {
  readonly kind: 'reject';
  readonly code: Code;
  readonly message: string;
  /** Path in the event, for example `data.amount`. */
  readonly field?: string;
}

/** What became of one cell of a row that is unpivoted. */
export type MappedCell = { readonly column: string; readonly cell: Json } & (
  { readonly kind: 'event'; readonly event: JsonObject } | RowReject
);

export type Mapped =
  | { readonly kind: 'event'; readonly event: JsonObject }
  | { readonly kind: 'cells'; readonly cells: readonly MappedCell[]; readonly empty: number }
  | { readonly kind: 'skip' }
  | RowReject;

/** What a mapping does to one row. Pure; the same row yields the same events. */
export type MapRow = (row: Row) => Mapped;

/** Attributes that an event cannot do without. */
const REQUIRED = new Set(['id', 'time']);

/** Builds the function that a mapping stands for. The mapping has passed its checks. */
export function compileMapper(file: MappingFile, rowHash: boolean): MapRow {
  const skip = file.skip === undefined ? undefined : expressionOf(file.skip);
  const map = file.unpivot === undefined ? mapWhole(file, rowHash) : mapCells(file, file.unpivot, rowHash);
  return (row) => {
    const skipped = skip?.run(row) ?? false;
    if (skipped instanceof RowFault) return reject(skipped, 'skip');
    return skipped === true ? { kind: 'skip' } : map(row);
  };
}

/** One row, one event. */
function mapWhole(file: MappingFile, rowHash: boolean): MapRow {
  const build = partBuilder(file, rowHash ? [['id', hashOfRow]] : [], () => true, rowHash);
  const fixed = fixedAttributes(file);
  return (row) => {
    const part = build(row);
    if ('kind' in part) return part;
    return { kind: 'event', event: { ...fixed, ...part.attributes, data: part.data } };
  };
}

/**
 * One row, an event for each cell. What does not hang on the cell is read once, and where it fails the row is
 * rejected once: a thousand rejects would say no more.
 */
function mapCells(file: MappingFile, spec: UnpivotSpec, rowHash: boolean): MapRow {
  const derived = derivedColumns(spec);
  const unpivot = compileUnpivot(spec);
  const ofRow = partBuilder(file, [], (value) => !readsAny(value, derived), rowHash);
  const ofCell = partBuilder(file, [], (value) => readsAny(value, derived), rowHash);
  const fixed = fixedAttributes(file);
  return (row) => {
    const cells = unpivot(row);
    if (cells instanceof RowFault) return reject(cells, 'unpivot');
    if (cells.cells.length === 0) return { kind: 'cells', ...cells, cells: [] };
    const common = ofRow(row);
    if ('kind' in common) return common;
    const hash = rowHash ? hashOfRow(row) : '';
    // One object for all cells of a row; no reader keeps it.
    const view = Object.assign(Object.create(null), row) as { [column: string]: Json };
    const mapped = cells.cells.map(({ column, facts, text }): MappedCell => {
      const cell = row[column] ?? null;
      if (text instanceof RowFault) return { column, cell, ...reject(text, 'unpivot') };
      Object.assign(view, facts);
      view[spec.value] = text;
      const part = ofCell(view);
      if ('kind' in part) return { column, cell, ...part };
      const attributes = { ...fixed, ...common.attributes, ...part.attributes };
      if (rowHash) attributes['id'] = `cell-${digest32(`${hash} ${column}`)}`;
      const data = { ...common.data, ...part.data };
      return { kind: 'event', column, cell, event: { ...attributes, data } };
    });
    return { kind: 'cells', cells: mapped, empty: cells.empty };
  };
}

function fixedAttributes(file: MappingFile): JsonObject {
  const fixed: JsonObject = { specversion: '1.0', source: file.source, type: `fenghuo.${file.stream}` };
  if (file.backfill === 'true') fixed['backfill'] = true;
  return fixed;
}

interface Part {
  readonly attributes: JsonObject;
  readonly data: JsonObject;
}

/** Reads those attributes and fields of data that are `wanted`, after the readers that are given. */
function partBuilder(
  file: MappingFile,
  given: readonly [string, ValueReader][],
  wanted: (spec: ValueSpec) => boolean,
  rowHash: boolean,
): (row: Row) => Part | RowReject {
  const attributes = [...given];
  for (const name of ATTRIBUTES) {
    const spec = file[name];
    if (spec === undefined || (name === 'id' && rowHash) || !wanted(spec)) continue;
    const dated = name === 'time' || name === 'recordedtime';
    attributes.push([name, valueOf(dated ? asInstant(spec) : spec, file.zone)]);
  }
  const fields = Object.entries(file.data)
    .filter(([, spec]) => wanted(spec))
    .map(([name, spec]): [string, ValueReader] => [name, valueOf(spec, file.zone)]);
  return (row) => {
    const part: Part = { attributes: {}, data: {} };
    return fill(part.attributes, attributes, row, '') ?? fill(part.data, fields, row, 'data.') ?? part;
  };
}

function fill(
  target: JsonObject,
  readers: readonly [string, ValueReader][],
  row: Row,
  prefix: string,
): RowReject | undefined {
  for (const [name, read] of readers) {
    const value = read(row);
    if (value instanceof RowFault) return reject(value, prefix + name);
    if (value !== undefined) target[name] = value;
    else if (prefix === '' && REQUIRED.has(name)) {
      return reject(new RowFault('ROW_EMPTY', `the row gives no ${name}`), name);
    }
  }
  return undefined;
}

function reject(fault: RowFault, field: string): RowReject {
  return { kind: 'reject', code: fault.code, message: fault.message, field };
}

/** Names a row by its whole content, whatever the order of its columns: equal rows are one event. */
function hashOfRow(row: Row): string {
  return `row-${digest32(canonicalJson(row))}`;
}

function valueOf(spec: ValueSpec, zone: string): ValueReader {
  return compileValue(spec, cellOf(spec), zone);
}

function cellOf(spec: ValueSpec): CellReader {
  if (spec.column !== undefined) return columnReader(spec.column);
  if (spec.template !== undefined) return templateReader(spec.template);
  if (spec.expr !== undefined) return expressionReader(expressionOf(spec.expr));
  const constant: Json = spec.value === undefined ? null : spec.value;
  return () => constant ?? undefined;
}

/** Throws where an expression that passed its check does not compile, which would be a fault of this program. */
function expressionOf(source: string): RowExpression {
  const result = compileRowExpression(source);
  if (!result.ok) throw new Error(`expression not checked: ${result.message}`);
  return result.expression;
}

// One row to one CloudEvent: the attributes and the data of the envelope, or the reason why there is none.
import { canonicalJson, digest32 } from '../../events/canonical.js';
import type { Code } from '../../events/codes.js';
import type { Json, JsonObject } from '../../events/event.js';
import type { Row } from '../../ports/rows.js';
import { columnReader, expressionReader, templateReader, type CellReader } from './cells.js';
import { asInstant } from './check.js';
import { RowFault } from './row-fault.js';
import type { MappingFile, ValueSpec } from './mapping.js';
import { compileRowExpression, type RowExpression } from './row-expression.js';
import { compileValue, type ValueReader } from './values.js';

export interface RowReject {
  readonly kind: 'reject';
  readonly code: Code;
  readonly message: string;
  /** Path in the event, for example `data.amount`. */
  readonly field?: string;
}

export type Mapped =
  { readonly kind: 'event'; readonly event: JsonObject } | { readonly kind: 'skip' } | RowReject;

/** What a mapping does to one row. Pure; the same row yields the same event. */
export type MapRow = (row: Row) => Mapped;

/** Attributes that an event cannot do without. */
const REQUIRED = new Set(['id', 'time']);

/** Builds the function that a mapping stands for. The mapping has passed its checks. */
export function compileMapper(file: MappingFile, rowHash: boolean): MapRow {
  const skip = file.skip === undefined ? undefined : expressionOf(file.skip);
  const attributes = attributeReaders(file, rowHash);
  const fields = Object.entries(file.data).map(
    ([name, spec]) => [name, valueOf(spec, file.zone)] as [string, ValueReader],
  );
  const fixed: JsonObject = { specversion: '1.0', source: file.source, type: `fenghuo.${file.stream}` };
  if (file.backfill === 'true') fixed['backfill'] = true;
  return (row) => {
    const skipped = skip?.run(row) ?? false;
    if (skipped instanceof RowFault) return reject(skipped, 'skip');
    if (skipped === true) return { kind: 'skip' };
    const event: JsonObject = { ...fixed };
    const fault = fill(event, attributes, row, '');
    if (fault !== undefined) return fault;
    const data: JsonObject = {};
    const dataFault = fill(data, fields, row, 'data.');
    if (dataFault !== undefined) return dataFault;
    event['data'] = data;
    return { kind: 'event', event };
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

function attributeReaders(file: MappingFile, rowHash: boolean): [string, ValueReader][] {
  const readers: [string, ValueReader][] = [['id', rowHash ? hashOfRow : valueOf(file.id, file.zone)]];
  const add = (name: string, spec: ValueSpec | undefined): void => {
    if (spec !== undefined) readers.push([name, valueOf(spec, file.zone)]);
  };
  add('subject', file.subject);
  add('time', asInstant(file.time));
  if (file.recordedtime !== undefined) add('recordedtime', asInstant(file.recordedtime));
  add('revokes', file.revokes);
  add('amends', file.amends);
  return readers;
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

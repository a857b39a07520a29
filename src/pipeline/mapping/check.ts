// What the schema of a mapping cannot say: keys that belong together, patterns, expressions, dates, zones.
import { IANAZone } from 'luxon';
import { RE2JS } from 're2js';
import type { Fault, Path } from '../../catalogue/fault.js';
import type { Code } from '../../events/codes.js';
import { templateColumns } from './cells.js';
import { isDateFormat } from './dates.js';
import { RowFault } from './row-fault.js';
import type { MappingFile, UnpivotSpec, ValueSpec } from './mapping.js';
import { compileRowExpression } from './row-expression.js';
import { derivedColumns } from './unpivot.js';
import { compileValue, listOf } from './values.js';

/** A column that the mapping reads, and where it says so. */
export interface ColumnUse {
  readonly column: string;
  readonly path: Path;
  readonly offset?: number;
}

/** A fault with what only mappings have: a code of their own, and a place inside an expression. */
export interface MappingFault extends Pick<Fault, 'path' | 'message' | 'expected' | 'sought'> {
  readonly code?: Code;
  readonly on?: 'value' | 'key';
  /** UTF-16 units into the scalar. */
  readonly offset?: number;
}

export interface Checked {
  readonly faults: readonly MappingFault[];
  readonly columns: readonly ColumnUse[];
}

const SOURCES = ['column', 'template', 'expr', 'value'] as const;
const DERIVED_NAME = /^[a-z][a-z0-9_]{0,63}$/;
/** Attributes of the envelope that a mapping may give, in the order in which they are read. */
export const ATTRIBUTES = ['id', 'subject', 'time', 'recordedtime', 'revokes', 'amends'] as const;

export function checkMapping(file: MappingFile, rowHash: boolean): Checked {
  // A zone that is none is complained of once, and not in each format that reads dates in it.
  const zone = IANAZone.isValidZone(file.zone) ? file.zone : 'UTC';
  const check = new Check(zone, derivedColumns(file.unpivot));
  check.table(file);
  if (file.unpivot !== undefined) check.unpivot(file.unpivot, file.id, rowHash);
  if (file.skip !== undefined) check.condition(file.skip, ['skip']);
  for (const name of ATTRIBUTES) {
    const spec = file[name];
    if (spec === undefined || (name === 'id' && rowHash)) continue;
    check.value(name === 'time' || name === 'recordedtime' ? asInstant(spec) : spec, [name]);
    if (spec.split !== undefined || spec.add !== undefined) {
      check.complain([name], 'split and add make a list; an attribute of the envelope is one text');
    }
  }
  for (const [name, spec] of Object.entries(file.data)) check.value(spec, ['data', name]);
  return check;
}

/** `time` and `recordedtime` are instants unless the mapping says otherwise. */
export function asInstant(spec: ValueSpec): ValueSpec {
  return { ...spec, type: spec.type ?? 'timestamp' };
}

/** Whether a value reads one of these columns; an expression that cannot be read reads none. */
export function readsAny(spec: ValueSpec, columns: readonly string[]): boolean {
  const read = [...(spec.column === undefined ? [] : [spec.column]), ...templateColumns(spec.template ?? '')];
  if (spec.expr !== undefined) {
    const result = compileRowExpression(spec.expr);
    if (result.ok) read.push(...result.expression.columns.map((column) => column.name));
  }
  return read.some((column) => columns.includes(column));
}

class Check implements Checked {
  readonly faults: MappingFault[] = [];
  private readonly uses: ColumnUse[] = [];

  constructor(
    private readonly zone: string,
    /** What unpivot adds to the columns of a row. */
    private readonly derived: readonly string[],
  ) {}

  get columns(): readonly ColumnUse[] {
    return this.uses.filter(({ column }) => !this.derived.includes(column));
  }

  complain(path: Path, message: string, more: Partial<MappingFault> = {}): void {
    this.faults.push({ path, message, ...more });
  }

  table(file: MappingFile): void {
    if (!IANAZone.isValidZone(file.zone)) {
      this.complain(['zone'], `${file.zone} is no time zone`, {
        expected: 'an IANA zone such as Asia/Shanghai',
        sought: { name: file.zone, among: Intl.supportedValuesOf('timeZone') },
      });
    }
    if (!isEncoding(file.encoding)) {
      this.complain(['encoding'], `${file.encoding} is no encoding`, {
        expected: 'utf-8, gb18030, big5, ...',
      });
    }
    if (file.columns !== undefined && new Set(file.columns).size < file.columns.length) {
      this.complain(['columns'], 'a column is named twice');
    }
    if (file.format !== 'csv' && file.columns !== undefined) {
      this.complain(['columns'], 'only a CSV without header takes columns');
    }
    if ('"\r\n'.includes(file.delimiter))
      this.complain(['delimiter'], 'a quote or a line end separates nothing');
  }

  unpivot({ columns }: UnpivotSpec, id: ValueSpec, rowHash: boolean): void {
    if (Array.isArray(columns)) {
      columns.forEach((column, index) => this.uses.push({ column, path: ['unpivot', 'columns', index] }));
    } else this.pattern(columns.pattern, ['unpivot', 'columns', 'pattern']);
    const twice = this.derived.find((name, index) => this.derived.indexOf(name) !== index);
    if (twice !== undefined) {
      this.complain(['unpivot'], `${twice} is the name of two things`, { on: 'key' });
    }
    const unfit = this.derived.find((name) => !DERIVED_NAME.test(name));
    if (unfit !== undefined) {
      this.complain(['unpivot', 'columns', 'pattern'], `the group ${unfit} cannot be read as a column`, {
        expected: 'names of small letters, digits and _, such as (?P<point>...)',
      });
    }
    if (!rowHash && !readsAny(id, this.derived)) {
      this.complain(['id'], 'all events of a row would have one id', {
        expected: `row-hash, or a value that reads one of ${this.derived.join(', ')}`,
      });
    }
  }

  condition(source: string, path: Path): void {
    const before = this.uses.length;
    const type = this.expression(source, path);
    const early = this.uses.slice(before).find(({ column }) => this.derived.includes(column));
    if (early !== undefined) {
      const message = `${early.column} is not known yet: this is asked once a row, before unpivot`;
      this.complain(path, message, early.offset === undefined ? {} : { offset: early.offset });
    }
    if (type !== undefined && type !== 'bool' && type !== 'dyn') {
      this.complain(path, `the condition yields ${type}`, { expected: 'bool' });
    }
  }

  value(spec: ValueSpec, path: Path): void {
    const before = this.faults.length;
    const named = SOURCES.filter((source) => spec[source] !== undefined);
    if (named.length !== 1) {
      this.complain(
        path,
        named.length === 0 ? 'no value is named' : `${named.join(' and ')} exclude each other`,
        {
          expected: `exactly one of ${SOURCES.join(', ')}`,
        },
      );
    }
    if (spec.column !== undefined) this.uses.push({ column: spec.column, path: [...path, 'column'] });
    for (const column of templateColumns(spec.template ?? '')) {
      this.uses.push({ column, path: [...path, 'template'] });
    }
    if (spec.expr !== undefined) this.expression(spec.expr, [...path, 'expr']);
    for (const pattern of listOf(spec.pattern)) this.pattern(pattern, [...path, 'pattern']);
    this.combination(spec, path);
    if (this.faults.length === before) this.constants(spec, path);
  }

  private combination(spec: ValueSpec, path: Path): void {
    const instant = spec.type === 'timestamp' || spec.type === 'deadline';
    if (spec.format !== undefined && !instant) {
      this.complain([...path, 'format'], 'a format needs type: timestamp or type: deadline', { on: 'key' });
    } else if (spec.format !== undefined && !isDateFormat(spec.format, this.zone)) {
      this.complain([...path, 'format'], `${spec.format} does not name year, month and day`, {
        expected: 'iso, epoch-s, epoch-ms, or tokens such as yyyy-MM-dd HH:mm:ss',
      });
    }
    if (spec.else !== undefined && spec.map === undefined) {
      this.complain([...path, 'else'], 'else belongs to a map', { on: 'key' });
    }
    if (spec.prefix !== undefined && (spec.type ?? 'string') !== 'string') {
      this.complain([...path, 'prefix'], `a prefix makes no ${spec.type}`, { on: 'key' });
    }
    if (spec.distinct === 'true' && spec.split === undefined && spec.expr === undefined) {
      this.complain([...path, 'distinct'], 'distinct belongs to a list; use split', { on: 'key' });
    }
  }

  /** Texts of the mapping itself must convert; better now than in every row. */
  private constants(spec: ValueSpec, path: Path): void {
    const { map: _map, pattern: _pattern, split: _split, add: _add, ...plain } = spec;
    const texts: [string, string][] = [
      ...listOf(spec.value).map((text): [string, string] => ['value', text]),
      ...Object.values(spec.map ?? {}).map((text): [string, string] => ['map', text]),
    ];
    if (typeof spec.emptyTo === 'object') texts.push(['emptyTo', spec.emptyTo.value]);
    if (typeof spec.else === 'object') texts.push(['else', spec.else.value]);
    for (const [key, text] of texts) {
      const converted = compileValue(plain, () => text, this.zone)({});
      if (converted instanceof RowFault) this.complain([...path, key], converted.message);
    }
  }

  private pattern(pattern: string, path: Path): void {
    try {
      RE2JS.compile(pattern);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      this.complain(path, message, { code: 'MAPPING_PATTERN', expected: 'a regular expression of RE2' });
    }
  }

  /** The type of an expression, or undefined where it is faulty. */
  private expression(source: string, path: Path): string | undefined {
    const result = compileRowExpression(source);
    if (!result.ok) {
      const { message, offset, expected } = result;
      const more = expected === undefined ? {} : { expected };
      this.complain(path, message, { code: 'MAPPING_EXPRESSION', offset, ...more });
      return undefined;
    }
    for (const column of result.expression.columns) {
      this.uses.push({ column: column.name, path, offset: column.offset });
    }
    return result.expression.type;
  }
}

function isEncoding(label: string): boolean {
  try {
    new TextDecoder(label);
    return true;
  } catch {
    return false;
  }
}

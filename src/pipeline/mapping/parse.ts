// Reads a mapping file: text in, a mapping that turns rows into events out, or every fault with its place.
import { checkShape, type FaultKind, type Path } from '../../catalogue/fault.js';
import type { Code } from '../../events/codes.js';
import type { Diagnostic } from '../../model/diagnostic.js';
import { readFile, type ParsedFile, type Report } from '../../model/report.js';
import { nodeAt, type YamlNode } from '../../model/yaml.js';
import type { TableFormat } from '../../ports/rows.js';
import { checkMapping, type ColumnUse, type MappingFault } from './check.js';
import { compileMapper, type MapRow } from './mapper.js';
import { MAPPING_SHAPE, type MappingFile } from './mapping.js';
import { unpivotFaults } from './unpivot.js';

export interface Mapping {
  readonly name: string;
  readonly table: TableFormat;
  /** Rows to events. */
  readonly map: MapRow;
  /** What the mapping reads and a table with these columns does not have, or has where it may not. */
  missingColumns(columns: readonly string[]): readonly Diagnostic[];
}

export type MappingResult =
  | { readonly ok: true; readonly mapping: Mapping }
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] };

const CODE_OF_KIND: { readonly [kind in FaultKind]: Code } = {
  UNKNOWN_KEY: 'MAPPING_UNKNOWN_KEY',
  MISSING_KEY: 'MAPPING_MISSING_KEY',
  VALUE: 'MAPPING_VALUE',
  UNKNOWN_NAME: 'MAPPING_VALUE',
  CYCLE: 'MAPPING_VALUE',
  BASIS_EXPIRED: 'MAPPING_VALUE',
};

/**
 * @param text content of the file.
 * @param file its name, for diagnostics.
 */
export function parseMapping(text: string, file: string): MappingResult {
  const parsed = readFile(file, text);
  const { report } = parsed;
  const shaped = report.failed ? undefined : shapeOf(parsed);
  if (shaped === undefined) return { ok: false, diagnostics: report.diagnostics };
  const checked = checkMapping(shaped.content, shaped.rowHash);
  for (const fault of checked.faults) {
    if (!shaped.faulty.some((path) => touches(path, fault.path))) addFault(report, parsed.root, fault);
  }
  if (report.failed) return { ok: false, diagnostics: report.diagnostics.toSorted(byPlace) };
  const { mapping: name, format, encoding, delimiter, columns } = shaped.content;
  return {
    ok: true,
    mapping: {
      name,
      table: { format, encoding, delimiter, ...(columns === undefined ? {} : { columns }) },
      map: compileMapper(shaped.content, shaped.rowHash),
      missingColumns: (known) =>
        missingColumns(file, text, checked.columns, unpivotFaults(shaped.content.unpivot, known), known),
    },
  };
}

interface Shaped {
  readonly content: MappingFile;
  readonly rowHash: boolean;
  /** Where the shape was wrong; what stands there in `content` is not the author's. */
  readonly faulty: readonly Path[];
}

/** The shape of a mapping, of a faulty one without what is wrong in it, so that the rest can be looked at as well. */
function shapeOf({ report, root, content }: ParsedFile): Shaped | undefined {
  if (content === null || typeof content !== 'object' || Array.isArray(content)) {
    report.add('MAPPING_VALUE', root, 'the file is no map of keys and values');
    return undefined;
  }
  const rowHash = 'id' in content && content.id === 'row-hash';
  const given: object = rowHash ? { ...content, id: { value: 'row-hash' } } : content;
  const shape = checkShape(MAPPING_SHAPE, given);
  if (shape.faults === null) return { content: shape.value, rowHash, faulty: [] };
  report.addFaults(({ kind }) => CODE_OF_KIND[kind], root, shape.faults);
  const faulty = shape.faults.map(({ path }) => path);
  // Where a part cannot do without what was wrong in it, the whole part is left out.
  for (const paths of [faulty, faulty.map((path) => path.slice(0, 1))]) {
    const rest = checkShape(MAPPING_SHAPE, withoutPaths(given, paths));
    if (rest.faults === null) return { content: rest.value, rowHash, faulty: paths };
  }
  return undefined;
}

/** Stands in for required keys that are missing or wrong. */
const STAND_IN: { readonly [key: string]: unknown } = {
  mapping: 'unnamed',
  format: 'csv',
  source: 'urn:unnamed',
  stream: 'complaint',
  id: { value: '1' },
  time: { value: '2000-01-01T00:00:00Z' },
  data: {},
};

/** Content without what lies at some paths. */
function withoutPaths(content: object, paths: readonly Path[]): unknown {
  const prune = (value: unknown, here: Path): unknown => {
    const kept = (part: string | number) => !paths.some((path) => equal(path, [...here, part]));
    if (Array.isArray(value)) {
      return value.flatMap((one: unknown, index) => (kept(index) ? [prune(one, [...here, index])] : []));
    }
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).flatMap(([key, one]: [string, unknown]) =>
        kept(key) ? [[key, prune(one, [...here, key])]] : [],
      ),
    );
  };
  return { ...STAND_IN, ...(prune(content, []) as object) };
}

/** Whether one path leads to the other, or on from it. */
function touches(path: Path, other: Path): boolean {
  const length = Math.min(path.length, other.length);
  return equal(path.slice(0, length), other.slice(0, length));
}

function equal(path: Path, other: Path): boolean {
  return path.length === other.length && path.every((part, index) => part === other[index]);
}

function byPlace(a: Diagnostic, b: Diagnostic): number {
  return a.line - b.line || a.column - b.column;
}

function addFault(report: Report, root: YamlNode, fault: MappingFault): void {
  const node = nodeAt(root, fault.path, fault.on ?? 'value');
  const inside = fault.offset !== undefined && node.kind === 'text';
  report.add(
    fault.code ?? 'MAPPING_VALUE',
    inside ? report.source.offsetIn(node, fault.offset ?? 0) : node,
    fault.message,
    {
      ...(fault.expected === undefined ? {} : { expected: fault.expected }),
      ...(fault.sought === undefined ? {} : { sought: fault.sought }),
    },
  );
}

/** Most columns that a message lists. */
const MAX_COLUMNS_SHOWN = 30;

function missingColumns(
  file: string,
  text: string,
  uses: readonly ColumnUse[],
  faults: readonly MappingFault[],
  known: readonly string[],
): readonly Diagnostic[] {
  const { report, root } = readFile(file, text);
  for (const fault of faults) addFault(report, root, { ...fault, code: 'MAPPING_COLUMN' });
  const names = new Set(known);
  for (const use of uses) {
    if (names.has(use.column)) continue;
    addFault(report, root, {
      code: 'MAPPING_COLUMN',
      path: use.path,
      message: `the table has no column ${JSON.stringify(use.column)}`,
      expected: `one of ${known.slice(0, MAX_COLUMNS_SHOWN).join(', ')}`,
      sought: { name: use.column, among: known },
      ...(use.offset === undefined ? {} : { offset: use.offset }),
    });
  }
  return report.diagnostics;
}

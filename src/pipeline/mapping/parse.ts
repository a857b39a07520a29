// Reads a mapping file: text in, a mapping that turns rows into events out, or every fault with its place.
import { checkShape, type FaultKind } from '../../catalogue/fault.js';
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
  for (const fault of checked.faults) addFault(report, parsed.root, fault);
  if (report.failed) return { ok: false, diagnostics: report.diagnostics };
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

function shapeOf({
  report,
  root,
  content,
}: ParsedFile): { content: MappingFile; rowHash: boolean } | undefined {
  if (content === null || typeof content !== 'object' || Array.isArray(content)) {
    report.add('MAPPING_VALUE', root, 'the file is no map of keys and values');
    return undefined;
  }
  const rowHash = 'id' in content && content.id === 'row-hash';
  const shape = checkShape(MAPPING_SHAPE, rowHash ? { ...content, id: { value: 'row-hash' } } : content);
  if (shape.faults === null) return { content: shape.value, rowHash };
  for (const fault of shape.faults) report.addFault(CODE_OF_KIND[fault.kind], root, fault);
  return undefined;
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

// Collects the faults of one file: from nodes of its tree to diagnostics with line and column.
import type { Fault } from '../catalogue/fault.js';
import type { Code } from '../events/codes.js';
import type { Diagnostic } from './diagnostic.js';
import { nearest } from './nearest.js';
import type { Edit } from './removal.js';
import { SourceText } from './source.js';
import { nodeAt, parseYaml, plainOf, type YamlNode } from './yaml.js';

export interface Detail {
  readonly severity?: Diagnostic['severity'];
  readonly expected?: string;
  /** A name that is not known, and the names that are. */
  readonly sought?: { readonly name: string; readonly among: readonly string[] };
  /** The nearest valid name, where it is known already. */
  readonly nearest?: string;
  /** What mends it and changes nothing else. */
  readonly fix?: Edit | undefined;
}

/** More than this is not listed for one file. */
const DIAGNOSTICS_MAX = 100;

export class Report {
  readonly diagnostics: Diagnostic[] = [];
  readonly source: SourceText;

  constructor(
    readonly file: string,
    text: string,
  ) {
    this.source = new SourceText(text);
  }

  /** Adds a diagnostic at a node, or at an offset of the text. */
  add(code: Code, where: { readonly start: number } | number, message: string, detail: Detail = {}): void {
    if (this.diagnostics.length >= DIAGNOSTICS_MAX) return;
    const { severity = 'error', expected, sought, fix } = detail;
    const candidate = sought === undefined ? detail.nearest : nearest(sought.name, sought.among);
    this.diagnostics.push({
      code,
      severity,
      file: this.file,
      ...this.source.placeOf(typeof where === 'number' ? where : where.start),
      message,
      ...(expected === undefined ? {} : { expected }),
      ...(candidate === undefined ? {} : { nearest: candidate }),
      ...(fix === undefined ? {} : { fix }),
    });
  }

  /** Adds a fault that names its place by path. */
  addFault(code: Code, root: YamlNode, fault: Omit<Fault, 'kind'>): void {
    const { severity, expected, sought } = fault;
    this.add(code, nodeAt(root, fault.path, fault.on), fault.message, {
      severity,
      ...(expected === undefined ? {} : { expected }),
      // A key that is known and not available yet is not a misspelt one.
      ...(sought === undefined || code === 'MODEL_NOT_YET' ? {} : { sought }),
    });
  }

  /** Adds the faults of a shape. A missing key that is there, but misspelt, is said once. */
  addFaults(codeOf: (fault: Fault) => Code, root: YamlNode, faults: readonly Fault[]): void {
    const misspelt = new Set(
      faults.flatMap(({ kind, path, sought }) => {
        const key = kind === 'UNKNOWN_KEY' ? sought : undefined;
        const meant = key === undefined ? undefined : nearest(key.name, key.among);
        return meant === undefined ? [] : [JSON.stringify([...path.slice(0, -1), meant])];
      }),
    );
    for (const fault of faults) {
      if (fault.kind === 'MISSING_KEY' && misspelt.has(JSON.stringify(fault.path))) continue;
      this.addFault(codeOf(fault), root, fault);
    }
  }

  /** Whether there is an error at a node already, so that nothing more is to be said of it. */
  hasErrorAt({ start }: { readonly start: number }): boolean {
    const { line, column } = this.source.placeOf(start);
    return this.diagnostics.some(
      (one) => one.severity === 'error' && one.line === line && one.column === column,
    );
  }

  get failed(): boolean {
    return this.diagnostics.some((diagnostic) => diagnostic.severity === 'error');
  }
}

/** One file, read as YAML. */
export interface ParsedFile {
  readonly report: Report;
  readonly root: YamlNode;
  /** The content as strings, arrays and objects. */
  readonly content: unknown;
}

/** Parses a file; where that fails the report says why and `root` is an empty map. */
export function readFile(file: string, text: string): ParsedFile {
  const report = new Report(file, text);
  const { root, faults } = parseYaml(text);
  if (faults === null) return { report, root, content: plainOf(root) };
  for (const fault of faults) {
    report.add(
      fault.code,
      fault,
      fault.message,
      fault.expected === undefined ? {} : { expected: fault.expected },
    );
  }
  return { report, root: { kind: 'map', entries: new Map(), start: 0, end: 0 }, content: null };
}

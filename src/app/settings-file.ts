// A file of settings in YAML: read, bounded, checked against its schema, its faults with line and column.
import { readFile as readBytes } from 'node:fs/promises';
import { checkShape, type Fault, type Shape, type Shaped } from '../catalogue/fault.js';
import type { Code } from '../events/codes.js';
import { CodedError } from '../events/coded-error.js';
import { readFile } from '../model/report.js';
import { FILE_BYTES_MAX } from '../model/yaml.js';
import { InvalidFiles } from './invalid-files.js';

/** What a file is called in messages, and the codes of its faults. */
export interface SettingsKind {
  /** For example `topics`. */
  readonly of: string;
  readonly unknownKey: Code;
  readonly missingKey: Code;
  readonly value: Code;
  /** Whether somebody may have written a secret where a reference belongs. */
  readonly holdsSecrets?: true;
}

/**
 * Reads a file.
 * @param check what the form alone does not say
 * @throws CodedError FILE_READ; InvalidFiles where the file has faults, none of which shows a line of it
 */
export async function readSettings<S extends Shape>(
  path: string,
  kind: SettingsKind,
  schema: S,
  check: (value: Shaped<S>) => readonly Fault[] = () => [],
): Promise<Shaped<S>> {
  const { report, root, content } = readFile(path, await settingsText(path, kind));
  const { value, faults } = report.failed ? { value: null, faults: [] } : checkShape(schema, content);
  const found = faults ?? (value === null ? [] : check(value));
  const all = kind.holdsSecrets === true ? found.map(withoutValue) : found;
  report.addFaults((fault) => codeOf(kind, fault), root, all);
  if (report.failed || value === null) throw new InvalidFiles(report.diagnostics, () => '');
  return value;
}

/** The text of a file. @throws CodedError FILE_READ where it cannot be read, or is too large */
export async function settingsText(path: string, { of }: SettingsKind): Promise<string> {
  const bytes = await readBytes(path).catch((error: unknown) => {
    throw new CodedError('FILE_READ', `${path}: the file of ${of} cannot be read.`, error);
  });
  if (bytes.byteLength > FILE_BYTES_MAX) throw new CodedError('FILE_READ', `${path} is over 256 KiB.`);
  return bytes.toString('utf8');
}

/** The code of a fault in such a file. */
export function codeOf({ unknownKey, missingKey, value }: SettingsKind, { kind }: Pick<Fault, 'kind'>): Code {
  return kind === 'UNKNOWN_KEY' ? unknownKey : kind === 'MISSING_KEY' ? missingKey : value;
}

/** A value that does not fit may be a secret that was written out, so it is not repeated. */
export function withoutValue(fault: Fault): Fault {
  if (fault.kind !== 'VALUE') return fault;
  const { sought: _, ...rest } = fault;
  return { ...rest, message: 'this does not fit here' };
}

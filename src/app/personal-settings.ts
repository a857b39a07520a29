// The file that says who may see clear personal values: read, checked, its faults with line and column.
import { readFile as readBytes } from 'node:fs/promises';
import { checkShape, type Fault, type FaultKind } from '../catalogue/fault.js';
import type { Code } from '../events/codes.js';
import { CodedError } from '../events/coded-error.js';
import { NOBODY, PERSONAL_SETTINGS_SCHEMA, type PersonalSettings } from '../events/personal-access.js';
import { readFile } from '../model/report.js';
import { FILE_BYTES_MAX } from '../model/yaml.js';
import { InvalidFiles } from './invalid-files.js';

const CODE_OF_KIND: { readonly [kind in FaultKind]: Code } = {
  UNKNOWN_KEY: 'PERSONAL_UNKNOWN_KEY',
  MISSING_KEY: 'PERSONAL_MISSING_KEY',
  VALUE: 'PERSONAL_VALUE',
  UNKNOWN_NAME: 'PERSONAL_VALUE',
  CYCLE: 'PERSONAL_VALUE',
  BASIS_EXPIRED: 'PERSONAL_VALUE',
};

/**
 * Reads the file.
 * @param path undefined where there is none: nobody may see clear values then
 * @param departments ids that the catalogue knows
 * @throws CodedError FILE_READ; InvalidFiles where the file has faults
 */
export async function openPersonalSettings(
  path: string | undefined,
  departments: ReadonlySet<string>,
): Promise<PersonalSettings> {
  if (path === undefined) return NOBODY;
  const bytes = await readBytes(path).catch((error: unknown) => {
    throw new CodedError('FILE_READ', `${path}: the file of purposes cannot be read.`, error);
  });
  if (bytes.byteLength > FILE_BYTES_MAX) throw new CodedError('FILE_READ', `${path} is over 256 KiB.`);
  const { report, root, content } = readFile(path, bytes.toString('utf8'));
  const { value, faults } = report.failed
    ? { value: null, faults: [] }
    : checkShape(PERSONAL_SETTINGS_SCHEMA, content);
  const all = faults ?? unknownNames(value, departments);
  report.addFaults(({ kind }) => CODE_OF_KIND[kind], root, all);
  if (report.failed || value === null) throw new InvalidFiles(report.diagnostics, () => '');
  return value;
}

/** Purposes that are not in the list, and departments that the catalogue does not know. */
function unknownNames({ purposes, allow }: PersonalSettings, departments: ReadonlySet<string>): Fault[] {
  const named = Object.keys(purposes);
  return allow.flatMap((grant, index) => [
    ...unknown(grant.purposes, named, ['allow', index, 'purposes'], 'purpose'),
    ...unknown(grant.departments ?? [], [...departments], ['allow', index, 'departments'], 'department'),
  ]);
}

function unknown(
  names: readonly string[],
  among: readonly string[],
  path: Fault['path'],
  what: string,
): Fault[] {
  return names.flatMap((name, index) =>
    among.includes(name)
      ? []
      : [
          {
            kind: 'UNKNOWN_NAME',
            severity: 'error',
            path: [...path, index],
            on: 'value',
            message: `no ${what} "${name}"`,
            sought: { name, among },
          },
        ],
  );
}

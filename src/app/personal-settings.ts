// The file that says who may see clear personal values: read, checked, its faults with line and column.
import type { Fault } from '../catalogue/fault.js';
import { NOBODY, PERSONAL_SETTINGS_SCHEMA, type PersonalSettings } from '../events/personal-access.js';
import { readSettings } from './settings-file.js';

const PURPOSES = {
  of: 'purposes',
  unknownKey: 'PERSONAL_UNKNOWN_KEY',
  missingKey: 'PERSONAL_MISSING_KEY',
  value: 'PERSONAL_VALUE',
} as const;

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
  return readSettings(path, PURPOSES, PERSONAL_SETTINGS_SCHEMA, (value) => unknownNames(value, departments));
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

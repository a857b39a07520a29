// A fault between files of the catalogue: where it is, and the names that would be known.
import type { Catalogue } from './catalogue.js';
import type { Code } from '../events/codes.js';
import type { Fault } from './fault.js';
import type { CatalogueFileName } from './schema.js';

/** A fault and the file that it is in. */
export interface FileFault extends Omit<Fault, 'kind'> {
  readonly code: Code;
  readonly file: CatalogueFileName;
}

/** A name that is nowhere defined. @param code which of such faults @param what what is sought and where, for the message */
export function unknownName(
  code: Code,
  file: CatalogueFileName,
  path: Fault['path'],
  name: string,
  what: string,
  among: readonly string[],
): FileFault {
  const message = `no ${what.replace('%', `"${name}"`)}`;
  return {
    file,
    code,
    severity: 'error',
    path,
    on: 'value',
    message,
    sought: { name, among },
  };
}

/** The fault of a department that is not in the catalogue; none where it is. */
export function unknownDepartment(
  catalogue: Catalogue,
  file: CatalogueFileName,
  path: Fault['path'],
  name: string,
): FileFault[] {
  if (catalogue.departments.has(name)) return [];
  const among = [...catalogue.departments.keys()];
  return [
    unknownName(
      'CATALOGUE_DEPARTMENT_UNKNOWN',
      file,
      path,
      name,
      'department % in catalogue/departments.yaml',
      among,
    ),
  ];
}

// What another set of rules changes: models and files of the catalogue that are new, changed or removed.
import { hashOf } from './identity.js';
import { readFile } from './report.js';

/** A model, or a file of the catalogue, that is not the same. */
export interface ChangedFile {
  /** Of a model its name, of the catalogue its path. */
  readonly name: string;
  readonly change: 'new' | 'changed' | 'removed';
  /** SHA-256 over the canonical form of its content, 16 hex digits; null where it was removed. */
  readonly hash: string | null;
  /** The same of what it was before; null where it is new. */
  readonly former: string | null;
}

export interface ChangedRules {
  readonly models: readonly ChangedFile[];
  readonly catalogue: readonly ChangedFile[];
}

const FOLDER = 'catalogue/';
const SUFFIX = '.yaml';

/**
 * Compares two sets by the parsed content of their files, so that comments, layout and order of keys do not count.
 * @param former the texts by path; null where there was nothing before
 */
export function changedRules(
  former: ReadonlyMap<string, string> | null,
  latter: ReadonlyMap<string, string>,
): ChangedRules {
  const before = former === null ? new Map<string, string>() : contentHashes(former);
  const after = contentHashes(latter);
  const changed = [...new Set([...before.keys(), ...after.keys()])].sort().flatMap((path): ChangedFile[] => {
    const [was, is] = [before.get(path) ?? null, after.get(path) ?? null];
    if (was === is) return [];
    const name = path.startsWith(FOLDER) ? path : path.slice(0, -SUFFIX.length);
    return [
      { name, change: was === null ? 'new' : is === null ? 'removed' : 'changed', hash: is, former: was },
    ];
  });
  const isOfCatalogue = ({ name }: ChangedFile) => name.startsWith(FOLDER);
  return {
    models: changed.filter((one) => !isOfCatalogue(one)),
    catalogue: changed.filter(isOfCatalogue),
  };
}

function contentHashes(files: ReadonlyMap<string, string>): Map<string, string> {
  const rules = [...files].filter(([path]) => path.endsWith(SUFFIX) && !path.endsWith('.test.yaml'));
  return new Map(rules.map(([path, text]) => [path, hashOf(readFile(path, text).content)]));
}

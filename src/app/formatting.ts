// Formatting: expressions of models put into the quotes that the language asks for, file by file.
import { isLink, writeRule } from '../adapters/files/rule-writing.js';
import type { Diagnostic } from '../model/diagnostic.js';
import { requoted } from '../model/quoting.js';
import { readFile } from '../model/report.js';
import { readNamedRules, type NamedRules } from './named-rules.js';

export interface FormattedRules {
  /** The files that were put right, or would be. */
  readonly changed: readonly string[];
  /** What a person must put right, as lines to read. */
  readonly left: readonly string[];
}

/** A file and what becomes of it. */
interface Formatted {
  readonly set: NamedRules;
  readonly path: string;
  readonly before: string;
  readonly after: string;
  readonly left: readonly Diagnostic[];
}

/**
 * Puts the expressions of the models at the paths into the quotes that they should have. Links are passed over.
 * @param writes false to change nothing
 * @throws InvalidFiles where a file is no YAML, before anything is written; CodedError where a path cannot be read, or a
 *   file not be written
 */
export async function formatRules(paths: readonly string[], writes: boolean): Promise<FormattedRules> {
  const files: Formatted[] = [];
  for (const set of await readNamedRules(paths)) files.push(...(await formatSet(set)));
  const changed = files.filter(({ before, after }) => before !== after);
  if (writes)
    for (const { set, path, before, after } of changed) await writeRule(set.dir, path, before, after);
  return {
    changed: changed.map(({ set, path }) => set.shown(path)),
    left: files.flatMap(({ set, left }) => left.map((diagnostic) => set.format(diagnostic))),
  };
}

async function formatSet(set: NamedRules): Promise<Formatted[]> {
  const formatted: Formatted[] = [];
  const faults: Diagnostic[] = [];
  for (const [path, before] of set.files) {
    if (!set.wants(path) || !isModel(path) || (await isLink(set.dir, path))) continue;
    const { report, root } = readFile(path, before);
    faults.push(...report.diagnostics);
    if (report.failed) continue;
    const { text: after, left } = requoted(before, root);
    for (const node of left) {
      report.add('MODEL_QUOTE', node, 'this expression cannot stand on one line in single quotes', {
        expected: 'a block scalar',
      });
    }
    formatted.push({ set, path, before, after, left: report.diagnostics });
  }
  if (faults.length > 0) throw set.invalid(faults);
  return formatted;
}

/** Neither the catalogue nor tests of models have expressions. */
export function isModel(path: string): boolean {
  return !path.startsWith('catalogue/') && !path.endsWith('.test.yaml');
}

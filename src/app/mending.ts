// Mending: what check can put right by itself is put right in the files, and nothing else in them changes.
import { isLink, writeRule } from '../adapters/files/rule-writing.js';
import type { Diagnostic } from '../model/diagnostic.js';
import { requoted } from '../model/quoting.js';
import type { Edit } from '../model/removal.js';
import { readFile } from '../model/report.js';
import { checkFiles, factsOf, type CheckFacts, type CheckRequest } from './checking.js';
import { isModel } from './formatting.js';
import { readNamedRules, type NamedRules } from './named-rules.js';

/** What one mending uncovers, such as a parameter that only a faulty expression read, is mended in the next round. */
const ROUNDS_MAX = 10;

/**
 * Mends what lies at the paths, as far as that changes nothing that rules mean. Links are passed over; events have no
 * part in it.
 * @returns the files that were changed
 * @throws CodedError where a path cannot be read, or a file not be written
 */
export async function mendRules(paths: readonly string[], request: CheckRequest = {}): Promise<string[]> {
  const changed: string[] = [];
  for (const set of await readNamedRules(paths)) {
    const after = mended(set.files, factsOf(set.files, request, null), await writable(set));
    for (const [path, text] of after) {
      const before = set.files.get(path);
      if (before === undefined || before === text) continue;
      await writeRule(set.dir, path, before, text);
      changed.push(set.shown(path));
    }
  }
  return changed;
}

async function writable(set: NamedRules): Promise<(file: string) => boolean> {
  const links = new Set<string>();
  for (const path of set.files.keys()) if (await isLink(set.dir, path)) links.add(path);
  return (file) => set.wants(file) && !links.has(file);
}

/**
 * Files with all that can be mended mended.
 * @param may whether a file may be changed
 */
export function mended(
  files: ReadonlyMap<string, string>,
  facts: CheckFacts,
  may: (file: string) => boolean = () => true,
): ReadonlyMap<string, string> {
  let now = quoted(files, may);
  for (let round = 0; round < ROUNDS_MAX; round += 1) {
    const { diagnostics } = checkFiles(now, facts);
    const edits = editsByFile(diagnostics.filter(({ file }) => may(file)));
    const next = new Map(now);
    for (const [file, list] of edits) next.set(file, edited(now.get(file) ?? '', list));
    // What is not better for it stays as it was written.
    if (edits.size === 0 || errorsIn(next, facts) > countErrors(diagnostics)) return now;
    now = next;
  }
  return now;
}

/** Files whose expressions stand as they should. That never changes what they mean, whatever it brings to light. */
function quoted(
  files: ReadonlyMap<string, string>,
  may: (file: string) => boolean,
): ReadonlyMap<string, string> {
  const quoted = new Map(files);
  for (const [file, text] of files) {
    if (!may(file) || !isModel(file)) continue;
    const { report, root } = readFile(file, text);
    if (!report.failed) quoted.set(file, requoted(text, root).text);
  }
  return quoted;
}

function editsByFile(diagnostics: readonly Diagnostic[]): Map<string, Edit[]> {
  const edits = new Map<string, Edit[]>();
  for (const { file, fix } of diagnostics) {
    if (fix !== undefined) edits.set(file, [...(edits.get(file) ?? []), fix]);
  }
  return edits;
}

/** The text with edits in it; of two that touch each other the first is made, the other in the next round. */
function edited(text: string, edits: readonly Edit[]): string {
  let written = '';
  let from = 0;
  for (const { start, end, text: instead } of [...edits].sort((a, b) => a.start - b.start || a.end - b.end)) {
    if (start < from || (from > 0 && start === from)) continue;
    written += text.slice(from, start) + instead;
    from = end;
  }
  return written + text.slice(from);
}

function errorsIn(files: ReadonlyMap<string, string>, facts: CheckFacts): number {
  return countErrors(checkFiles(files, facts).diagnostics);
}

function countErrors(diagnostics: readonly Diagnostic[]): number {
  return diagnostics.filter(({ severity }) => severity === 'error').length;
}

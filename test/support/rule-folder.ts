// A folder of rules for tests of commands: the fixture of the model language, written out.
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { rulesWith } from '../model/rules-fixture.js';

/** Writes the fixture, changed as `rulesWith` says, below a folder. */
export async function writeRules(
  dir: string,
  changes: { readonly [path: string]: string | null } = {},
): Promise<void> {
  for (const [path, text] of rulesWith(changes)) {
    await mkdir(dirname(join(dir, path)), { recursive: true });
    await writeFile(join(dir, path), text);
  }
}

// A folder whose data folder was filled from a file of events, for commands that read either.
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { start } from '../acceptance/embedded.js';
import { writeRules } from '../support/rule-folder.js';

/**
 * Writes `rules` and `events.ndjson` into a new folder, and replays the file into `data`.
 * @throws Error where the process does not end well
 */
export async function storedSite(name: string, events: readonly object[]): Promise<string> {
  const dir = mkdtempSync(join(tmpdir(), `fenghuo-${name}-stored-`));
  await writeRules(join(dir, 'rules'));
  writeFileSync(join(dir, 'events.ndjson'), events.map((one) => `${JSON.stringify(one)}\n`).join(''));
  const options = ['--once', '--no-warehouse', '--rules', join(dir, 'rules')];
  const { code } = await start(join(dir, 'data'), [...options, '--replay', join(dir, 'events.ndjson')]).ended;
  if (code !== 0) throw new Error(`the replay ended with ${code}`);
  return dir;
}

// A folder whose data folder was filled from a file of events, for commands that read either.
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { start } from '../acceptance/embedded.js';
import { openLmdb } from '../../src/adapters/lmdb/lmdb.js';
import type { EventTerms } from '../../src/catalogue/retention.js';
import { Holds } from '../../src/pipeline/retention/holds.js';
import { ReleaseEvents, type ReleasedCounts } from '../../src/pipeline/retention/release-events.js';
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

/** Lets events of a data folder that nobody has open go at the end of their terms. */
export async function letGo(dataDir: string, terms: EventTerms, now: number): Promise<ReleasedCounts> {
  const stores = await openLmdb({ path: join(dataDir, 'lmdb') });
  try {
    const { state } = stores;
    const [events, logs] = [stores.log('events'), { audit: stores.log('audit') }];
    let nonces = 0;
    const nonce = () => `n${nonces++}`;
    const release = new ReleaseEvents({
      ...{ partition: 0, events, logs, state, nonce, holds: new Holds({ state, logs, nonce }) },
      ...{ probe: () => undefined, remove: null },
      limit: async () => (await events.end(0)) - 1,
    });
    while (await release.step(terms, now));
    return release.released;
  } finally {
    await stores.close();
  }
}

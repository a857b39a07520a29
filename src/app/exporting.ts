// fenghuo evidence export, composed: a bundle and its readable page from a data folder that nobody has open, or from servers.
import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { evidencePage } from '../alerts/evidence-page.js';
import type { About, Bundle } from '../evidence/bundle.js';
import { textDigest } from '../evidence/manifest.js';
import { CodedError } from '../events/coded-error.js';
import type { RuleSet } from '../model/ruleset.js';
import { isKnownWarning } from '../pipeline/warning-book.js';
import { openStores } from './folder-reading.js';
import type { Place } from './place.js';
import { openEvidence } from './sealing.js';
import { writeText } from './record-files.js';
import type { Stores } from './stores.js';
import { StoredRules } from './stored-rules.js';

const IN_USE = 'The running server answers GET /v1/warnings/<id>/evidence.';

export interface ExportRequest {
  readonly place: Place;
  readonly outDir: string;
  readonly about: About;
}

export interface ExportResult {
  readonly bundle: string;
  readonly page: string;
  readonly records: number;
  /** Instant of the last seal, epoch ms: what came after is not in the bundle. */
  readonly until: number;
}

/**
 * Writes `evidence-<name>.json` and `.html`.
 * @throws CodedError EVIDENCE_UNKNOWN, EVIDENCE_UNSEALED, EVIDENCE_LIMIT, EVIDENCE_FORMER, FILE_WRITE, and what opening
 *   the stores throws, DATA_FOLDER_IN_USE where the owner of the folder runs
 */
export async function exportEvidence({ place, outDir, about }: ExportRequest): Promise<ExportResult> {
  const { stores } = await openStores(place, IN_USE);
  try {
    const rules = new StoredRules(stores.values);
    await refuseUnknown(stores, about);
    const bundle = await openEvidence(stores, rules).bundle(about);
    const text = JSON.stringify(bundle);
    const page = evidencePage(bundle, await setsOf(bundle, rules), textDigest(`${text}\n`));
    const base = join(resolve(outDir), `evidence-${fileName(about)}`);
    await makeFolder(resolve(outDir));
    await writeText(`${base}.json`, text, true);
    await writeText(`${base}.html`, page, true);
    const until = bundle.seals[bundle.seals.length - 1]?.seal.time ?? 0;
    return { bundle: `${base}.json`, page: `${base}.html`, records: bundle.records.length, until };
  } finally {
    await stores.close();
  }
}

async function refuseUnknown({ state }: Stores, about: About): Promise<void> {
  if ('subject' in about) return;
  if (!(await isKnownWarning(state, about.warning))) throw new CodedError('EVIDENCE_UNKNOWN');
}

/** The rules by revision, for titles and names; those that this build does not take any more are left out. */
async function setsOf(bundle: Bundle, rules: StoredRules): Promise<Map<string, RuleSet>> {
  const sets = new Map<string, RuleSet>();
  for (const { revision } of bundle.rules) {
    const set = await rules.load(revision);
    if (set !== undefined) sets.set(revision, set);
  }
  return sets;
}

/** The id of a warning, or of a subject the characters that every file system takes, made unlike by a digest. */
function fileName(about: About): string {
  if ('warning' in about) return about.warning;
  const plain = about.subject.replace(/[^0-9A-Za-z-]+/g, '-').slice(0, 60);
  return `${plain}-${textDigest(about.subject).slice(0, 8)}`;
}

async function makeFolder(path: string): Promise<void> {
  await mkdir(path, { recursive: true, mode: 0o750 }).catch((error: unknown) => {
    throw new CodedError('FILE_WRITE', `${path}: no folder can be made there.`, error);
  });
}

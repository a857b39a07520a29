// fenghuo rebuild: the state of a deployment on servers made anew from its logs, after Redis was lost whole.
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { busyRoles } from '../../adapters/kafka/busy-roles.js';
import { evidenceKeyOf } from '../../evidence/blinding.js';
import { CodedError } from '../../events/coded-error.js';
import type { RuleSet } from '../../model/ruleset.js';
import { checkHistory } from '../../pipeline/rebuild/history.js';
import { Rebuild, type Progress } from '../../pipeline/rebuild/rebuild.js';
import { sealedRules } from '../../pipeline/rebuild/sealed-rules.js';
import { surveyEvents, type Surveyed } from '../../pipeline/rebuild/survey.js';
import { crashProbe } from '../crash.js';
import { modelKeys, siteKey } from '../environment.js';
import { kafkaAccess } from '../kafka-access.js';
import { keysAtHand } from '../keys-at-hand.js';
import { openLog } from '../log.js';
import { loadRulesAt, type LoadedRules } from '../named-rules.js';
import { NATIVE_HASHING } from '../native-hashing.js';
import { readWholeServers, type WholeServers } from '../servers-file.js';
import { StoredRules } from '../stored-rules.js';
import { replaceSiteKey } from '../stores.js';
import { beginWith, begunWith } from './guarded-state.js';
import { openLostStores, type ServerStores } from './server-stores.js';

export interface RebuildRequest {
  /** The file of servers. */
  readonly config: string;
  /** A folder for each revision that ran; a copy holds them. */
  readonly rulesDirs: readonly string[];
  /** Whether an older copy of the state was put back, from which it is brought forward. */
  readonly fromCopy: boolean;
  readonly onWarnings: (lines: readonly string[]) => void;
  readonly onProgress: (progress: Progress) => void;
  /** Hears that processes are still there, and are waited for. */
  readonly onWaiting: (roles: readonly string[]) => void;
}

/** The roles that work on the state; those who only take events find no mark and leave it alone. */
const WORKING_ROLES = ['evaluate', 'alert', 'archive'] as const;
/** Longer than the brokers wait for a process that was killed. */
const MEMBERS_MS = 20_000;
const MEMBERS_EVERY_MS = 1_000;
const TIMEOUT_MS = 10_000;
const BATCH = 1_000;

/**
 * Makes the state anew; it may be interrupted at any instant and run again.
 * @returns how many records of events it stepped
 * @throws CodedError STATE_NOT_LOST, REBUILD_COPY, REBUILD_RUNNING, REBUILD_HISTORY, REBUILD_RULES, REBUILD_SITE_KEY,
 *   SITE_KEY, SEAL_KEY, REBUILD_DIFFERS, SEALS_DIFFER, and what stores and files throw
 */
export async function rebuildServers(request: RebuildRequest): Promise<{ readonly records: number }> {
  const servers = await readWholeServers(request.config);
  const loaded = await Promise.all(request.rulesDirs.map(loadRulesAt));
  for (const { warnings } of loaded) request.onWarnings(warnings);
  const telling = { log: openLog('error'), now: Date.now };
  const { fromCopy } = request;
  const stores = await openLostStores(servers, { siteKey: siteKey(), fromCopy }, telling);
  try {
    await nobodyWorks(servers, request.onWaiting);
    await checkHistory(stores);
    const { logs, partitions, values, begin } = stores;
    const begins = Array.from({ length: partitions.events }, (_, partition) => begin('events', partition));
    const surveyed = await surveyEvents(logs.events, await Promise.all(begins));
    const storedRules = new StoredRules(values);
    const rules = fromCopy
      ? await copiedRules(stores, storedRules, surveyed)
      : await ruled(stores, storedRules, surveyed, loaded);
    const rebuild = new Rebuild(await optionsOf(stores, storedRules, surveyed, rules, request));
    await rebuild.survey();
    if (!rebuild.isSaltedRight) throw new CodedError('SITE_KEY', 'The evidence was salted with another one.');
    await beginWith(values, null);
    await replaceSiteKey(stores.vault, stores.siteKey);
    await rebuild.run();
    await beginWith(values, rules.revision);
    return { records: surveyed.records };
  } finally {
    await stores.close();
  }
}

async function optionsOf(
  stores: ServerStores,
  storedRules: StoredRules,
  surveyed: Surveyed,
  rules: RuleSet,
  { onProgress }: RebuildRequest,
) {
  const { logs, state, partitions, begin, siteKey: key } = stores;
  return {
    rules,
    rulesOf: (revision: string) => storedRules.load(revision),
    logs,
    state,
    nonce: randomUUID,
    probe: crashProbe(),
    batch: BATCH,
    cachedKeys: Math.ceil(keysAtHand() / (partitions.events + partitions.derived)),
    hashing: NATIVE_HASHING,
    modelKeys: modelKeys(),
    partitions,
    begin,
    surveyed,
    evidenceKey: evidenceKeyOf(key),
    signer: await stores.sealSigner(),
    manifestDigest: (revision: string) => storedRules.manifestDigest(revision),
    now: Date.now,
    onProgress,
  };
}

/** Waits a little for processes that were killed a moment ago. @throws CodedError REBUILD_RUNNING */
async function nobodyWorks(servers: WholeServers, onWaiting: RebuildRequest['onWaiting']): Promise<void> {
  const { prefix, ...access } = kafkaAccess(servers);
  for (const overdue = performance.now() + MEMBERS_MS; ;) {
    const busy = await busyRoles({ ...access, timeoutMs: TIMEOUT_MS }, prefix, WORKING_ROLES);
    if (busy.length === 0) return;
    if (performance.now() > overdue) throw new CodedError('REBUILD_RUNNING', `Roles: ${busy.join(', ')}.`);
    onWaiting(busy);
    await delay(MEMBERS_EVERY_MS);
  }
}

/** The rules that the copy began with. @throws CodedError REBUILD_RULES where it lacks any that the log names */
async function copiedRules(
  { values }: ServerStores,
  storedRules: StoredRules,
  { revisions }: Surveyed,
): Promise<RuleSet> {
  const first = await storedRules.load((await begunWith(values)) ?? '');
  for (const revision of revisions) {
    if ((await storedRules.load(revision)) === undefined)
      throw new CodedError('REBUILD_RULES', `The copy lacks ${revision}, or this build does not take it.`);
  }
  if (first === undefined) throw new CodedError('REBUILD_RULES', 'The copy lacks those that it began with.');
  return first;
}

/**
 * Keeps the rules that the log names, as they ran.
 * @returns those that it begins with
 * @throws CodedError REBUILD_RULES
 */
async function ruled(
  { logs }: ServerStores,
  storedRules: StoredRules,
  { first: begun, revisions }: Surveyed,
  loaded: readonly LoadedRules[],
): Promise<RuleSet> {
  const given = new Map(loaded.map((one) => [one.rules.revision, one]));
  const missing = [...revisions].filter((revision) => !given.has(revision));
  const first = given.get(begun ?? '');
  if (missing.length > 0 || first === undefined) {
    const named = missing.length > 0 ? missing.join(', ') : 'none';
    const detail = `It names ${named}; given are ${[...given.keys()].join(', ')}.`;
    throw new CodedError('REBUILD_RULES', detail);
  }
  for (const revision of revisions) {
    const { rules, files } = given.get(revision) as LoadedRules;
    await storedRules.keep(rules, files);
  }
  for (const [revision, digest] of await sealedRules(logs.seals)) {
    if ((await storedRules.manifestDigest(revision)) !== digest)
      throw new CodedError('REBUILD_RULES', `The files of ${revision} are not those that were sealed.`);
  }
  return first.rules;
}

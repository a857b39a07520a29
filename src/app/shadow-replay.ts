// fenghuo replay: the stored history of a deployment evaluated again with given models, beside it and told to nobody.
import { randomUUID } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { startWarehouse } from '../adapters/chdb/supervisor.js';
import type { ClickHouseInput } from '../adapters/clickhouse/config.js';
import { removeFormerRuns } from '../adapters/clickhouse/removing.js';
import { openWarehouse, type OpenWarehouse } from '../adapters/clickhouse/warehouse.js';
import { openLmdb } from '../adapters/lmdb/lmdb.js';
import { parseDuration } from '../catalogue/duration.js';
import { CodedError } from '../events/coded-error.js';
import { formatInstant } from '../events/timestamp.js';
import { loadRules } from '../model/load.js';
import type { RuleSet } from '../model/ruleset.js';
import { readsWarnings } from '../model/strata.js';
import { replay, type ReplaySummary } from '../pipeline/shadow/replay.js';
import { checkReplayName, ShadowTable } from '../pipeline/shadow/shadow-table.js';
import { openHistory, type HistoryPlace } from './history-place.js';
import { keysAtHand } from './keys-at-hand.js';
import { instantOf } from './local-time.js';
import { readNamedRules, type NamedRules } from './named-rules.js';
import type { Place } from './place.js';
import { DATABASE, migrated } from './warehouse.js';

export interface ShadowRequest {
  readonly place: Place;
  /** A folder of rules, folders in one, or files of models; the one used by default where there are none. */
  readonly models: readonly string[];
  /** RFC 3339 or a local date. */
  readonly from: string;
  readonly to: string;
  readonly name: string;
  /** A duration, or `all`; as long as the models reach back where left out. */
  readonly warmUp?: string | undefined;
  /** Hears now and then how far it has come. */
  readonly onProgress: (events: number, clock: number) => void;
}

export interface ShadowResult {
  readonly name: string;
  readonly summary: ReplaySummary;
  /** Where the transitions are. */
  readonly table: string;
  /** What is to be noticed of the rules, as lines to read. */
  readonly warnings: readonly string[];
  readonly zone: string;
  readonly seconds: number;
}

/**
 * Replays a span of the history to its end.
 * @throws CodedError USAGE, FILE_READ, REPLAY_LIMIT, DATA_FOLDER_IN_USE where a replay of this name runs here,
 *   WAREHOUSE_UNAVAILABLE, and as the stores do; InvalidFiles for faulty rules
 */
export async function shadowReplay(request: ShadowRequest): Promise<ShadowResult> {
  const started = performance.now();
  checkReplayName(request.name);
  const asked = await askedRules(request.models);
  const { zone } = asked.rules.catalogue.calendar;
  const span = spanOf(request, zone);
  const opened = await openHistory(request.place);
  try {
    if (!(span.toMs <= opened.clock)) throw new CodedError('USAGE', endText(opened.clock));
    const { summary, table } = await inShadow(opened, request, asked, span);
    const seconds = (performance.now() - started) / 1000;
    return { name: request.name, summary, table, zone, warnings: asked.warnings, seconds };
  } finally {
    await opened.close();
  }
}

async function inShadow(
  opened: HistoryPlace,
  { name, onProgress }: ShadowRequest,
  { rules, isAsked }: AskedRules,
  span: Span,
) {
  const folder = join(opened.dataDir, 'replays');
  const scratch = join(folder, `${name}.state`);
  await mkdir(folder, { recursive: true, mode: 0o750 });
  const state = await openScratch(scratch);
  try {
    const shadow = await openShadow(opened, folder);
    try {
      const run = randomUUID();
      const table = new ShadowTable(shadow.warehouse, rules, name, run);
      const summary = await replay({
        ...{ rules, isAsked, ...span, onProgress },
        ...{ history: opened.history, ends: opened.ends, said: opened.said() },
        released: () => opened.released(),
        ...{ state: state.state, nonce: randomUUID, cachedKeys: keysAtHand() },
        take: (transitions) => table.take(transitions),
      });
      await table.finish(summary, Date.now());
      const tables = ['shadow_replays', 'shadow_warnings'] as const;
      await removeFormerRuns(shadow.warehouse, shadow.settings, tables, name, run);
      return { summary, table: shadow.name };
    } finally {
      await shadow.close();
    }
  } finally {
    await state.close();
    await rm(scratch, { recursive: true, force: true });
  }
}

/**
 * State that may be larger than memory, of this run alone; what one that was killed left is thrown away.
 * @throws CodedError DATA_FOLDER_IN_USE where a replay of the same name runs
 */
async function openScratch(path: string) {
  const former = await openLmdb({ path });
  await former.close();
  await rm(path, { recursive: true, force: true });
  return openLmdb({ path });
}

interface Shadowed {
  readonly warehouse: OpenWarehouse;
  readonly settings: ClickHouseInput;
  /** For people. */
  readonly name: string;
  close(): Promise<void>;
}

/** ClickHouse of the deployment; of a data folder a chDB apart, since its owner has the other one open. */
async function openShadow({ clickhouse }: HistoryPlace, folder: string): Promise<Shadowed> {
  if (clickhouse !== null) {
    await migrated(clickhouse);
    const warehouse = openWarehouse(clickhouse);
    const name = `${clickhouse.database ?? DATABASE}.shadow_warnings_current`;
    return { warehouse, settings: clickhouse, name, close: () => warehouse.close() };
  }
  const path = join(folder, 'warehouse');
  const child = await startWarehouse({ path, log: { info: () => undefined, warn: () => undefined } });
  try {
    const settings = { url: child.url, password: child.token, database: DATABASE };
    await migrated(settings);
    const warehouse = openWarehouse(settings);
    const close = async () => {
      await warehouse.close();
      await child.stop();
    };
    return { warehouse, settings, name: `${DATABASE}.shadow_warnings_current in ${path}`, close };
  } catch (error) {
    await child.stop();
    throw error;
  }
}

interface Span {
  readonly fromMs: number;
  readonly toMs: number;
  readonly warmUpMs: number | undefined;
}

/** @throws CodedError USAGE */
function spanOf({ from, to, warmUp }: ShadowRequest, zone: string): Span {
  const fromMs = instantOf('--from', from, zone);
  const toMs = instantOf('--to', to, zone);
  if (fromMs >= toMs) throw new CodedError('USAGE', '--from is not before --to.');
  if (warmUp === undefined) return { fromMs, toMs, warmUpMs: undefined };
  const warmUpMs = warmUp === 'all' ? Infinity : parseDuration(warmUp);
  if (warmUpMs === null)
    throw new CodedError(
      'USAGE',
      `--warm-up ${JSON.stringify(warmUp)} is none; it is all, or looks like 90d.`,
    );
  return { fromMs, toMs, warmUpMs };
}

function endText(clock: number): string {
  if (clock === -Infinity) return 'Nothing was evaluated here yet, so there is nothing to replay.';
  return `--to is later than ${formatInstant(clock)}, up to when everything is evaluated; choose an earlier one.`;
}

interface AskedRules {
  readonly rules: RuleSet;
  readonly isAsked: (model: string) => boolean;
  readonly warnings: readonly string[];
}

/**
 * The models that were named, with the catalogue of their set; where one of them reads the warnings of others, with all of
 * the set, since those have to be raised for it.
 * @throws CodedError USAGE where several sets are named
 */
async function askedRules(paths: readonly string[]): Promise<AskedRules> {
  const [named, ...others] = await readNamedRules(paths);
  if (named === undefined || others.length > 0)
    throw new CodedError('USAGE', '--models names models of one set of rules.');
  const { rules, warnings } = named.loadToday();
  const wanted = rules.models.filter(({ name, feed }) => named.wants(`${feed?.of ?? name}.yaml`));
  if (wanted.length === 0) throw new CodedError('USAGE', '--models names no model.');
  if (wanted.length === rules.models.length) return { rules, warnings, isAsked: () => true };
  const names = new Set(wanted.map(({ name }) => name));
  const isAsked = (model: string) => names.has(model);
  if (wanted.some(readsWarnings)) return { rules, warnings, isAsked };
  return { rules: narrowed(named, rules), warnings, isAsked };
}

/** The set without the models that were not named; the whole one where it does not hold together without them. */
function narrowed(named: NamedRules, whole: RuleSet): RuleSet {
  const models = new Set(whole.models.map(({ name, feed }) => `${feed?.of ?? name}.yaml`));
  const files = [...named.files].filter(
    ([path]) => !path.endsWith('.test.yaml') && (!models.has(path) || named.wants(path)),
  );
  return loadRules(new Map(files)).rules ?? whole;
}

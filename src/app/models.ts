// Other rules for a deployment on servers: kept where all processes find them, and announced to every partition.
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { openRedis } from '../adapters/redis/redis.js';
import { CodedError } from '../events/coded-error.js';
import { ALERT_NAMESPACE } from '../pipeline/alert-names.js';
import type { AlertMeta } from '../pipeline/alert-meta.js';
import { checkpointOf } from '../pipeline/checkpoint.js';
import type { EvaluateMeta } from '../pipeline/evaluate-meta.js';
import { announcedIn, TicksCursor } from '../pipeline/wide/ticks-meta.js';
import { begunWith } from './distributed/guarded-state.js';
import { loadRulesAt } from './named-rules.js';
import { readRedisScripts } from './redis-scripts.js';
import { readRedisServers } from './servers-file.js';
import { StoredRules } from './stored-rules.js';

export interface ModelsStatus {
  /** The revision that the alert side runs. */
  readonly running: string;
  /** The one that the partitions were told of last. */
  readonly announced: string;
  /** When that came, or comes, into force, epoch ms; null for the rules of the first start. */
  readonly at: number | null;
  /** Whether another change waits for whoever lets time pass. */
  readonly waiting: boolean;
  /** Partitions of the events log whose new indicators wait for their history. */
  readonly unprimed: number;
}

/** What came of it: announced with its instant, asked for while nobody lets time pass, or known before. */
export type Applied =
  | { readonly outcome: 'announced'; readonly revision: string; readonly at: number }
  | { readonly outcome: 'asked' | 'known'; readonly revision: string };

/** How long is waited for a process that announces, which each that takes events does once a second. */
const WAIT_MS = 15_000;
const LOOK_EVERY_MS = 200;

/**
 * Brings rules in: they are checked, kept, and announced; they come into force at the instant that is returned.
 * @throws InvalidFiles where the rules have errors; CodedError MODELS_BUSY while another change is being announced,
 *   NOT_BEGUN where the deployment never ran
 */
export async function applyModels(
  config: string,
  rulesDir: string,
  onWarnings: (lines: readonly string[]) => void,
): Promise<Applied> {
  const { rules, files, warnings } = await loadRulesAt(rulesDir);
  onWarnings(warnings);
  const { revision } = rules;
  return withDeployment(config, async ({ values, ticks, first }) => {
    await new StoredRules(values).keep(rules, files);
    const before = await ticks.load();
    if ((announcedIn(before).revision ?? first) === revision && (before.change ?? null) === null)
      return { outcome: 'known', revision };
    if (!(await ticks.request({ kind: 'revision', revision }))) throw new CodedError('MODELS_BUSY');
    for (
      const overdue = performance.now() + WAIT_MS;
      performance.now() < overdue;
      await delay(LOOK_EVERY_MS)
    ) {
      const { revision: announced, at } = announcedIn(await ticks.load());
      if (announced === revision) return { outcome: 'announced', revision, at };
    }
    return { outcome: 'asked', revision };
  });
}

/** Which rules run, and which come. @throws CodedError NOT_BEGUN */
export function modelsStatus(config: string): Promise<ModelsStatus> {
  return withDeployment(config, async ({ state, ticks, first, partitions }) => {
    const meta = await ticks.load();
    const { revision, at } = announcedIn(meta);
    const alert = await checkpointOf<AlertMeta>(state, ALERT_NAMESPACE);
    let unprimed = 0;
    for (let partition = 0; partition < partitions; partition++) {
      const evaluate = await checkpointOf<EvaluateMeta>(state, `evaluate/${partition}`);
      if ((evaluate?.telling ?? null) !== null) unprimed++;
    }
    return {
      running: alert?.revision ?? first,
      announced: revision ?? first,
      at: revision === null ? null : at,
      waiting: (meta.change ?? null) !== null,
      unprimed,
    };
  });
}

interface Deployment {
  readonly state: ReturnType<typeof openRedis>['state'];
  readonly values: ReturnType<typeof openRedis>['values'];
  readonly ticks: TicksCursor;
  /** The revision of the first start. */
  readonly first: string;
  /** Of the events log. */
  readonly partitions: number;
}

async function withDeployment<T>(config: string, work: (deployment: Deployment) => Promise<T>): Promise<T> {
  const redis = openRedis(await readRedisServers(config), await readRedisScripts());
  const { state, values } = redis;
  try {
    const first = await begunWith(values);
    const counts = await values.get('partitions');
    if (first === undefined || counts === undefined) throw new CodedError('NOT_BEGUN');
    const { events } = JSON.parse(Buffer.from(counts).toString('utf8')) as { events: number };
    const ticks = new TicksCursor(state, randomUUID);
    return await work({
      state,
      values,
      ticks,
      first: Buffer.from(first).toString('utf8'),
      partitions: events,
    });
  } finally {
    await redis.close();
  }
}

// Whether a process of a deployment on servers is ready: its servers answer, its shares are at hand, its clock passes.
import { check, clockCheck, type Reached, type ReadyBounds } from '../readiness.js';
import type { ReadyCheck } from '../../ports/front.js';
import { within } from '../within.js';
import type { ProcessRole } from './roles.js';
import type { ShareRunner } from './share-runner.js';

/** Logs that do not answer for so long are not waited for. */
const LAGS_MS = 2_000;

export interface ProcessSeen extends ReadyBounds {
  readonly isLive: boolean;
  readonly runners: ReadonlyMap<ProcessRole, ShareRunner>;
  readonly isDeliveryFailing: boolean;
  readonly lags: () => Promise<readonly { readonly role: string; readonly records: number }[]>;
  /** Null where this process neither takes nor decides anything; epoch ms, -Infinity before the first instant. */
  readonly clock: number | null;
  readonly now: number;
  readonly kafka: Reached;
  readonly redis: Reached;
  /** Null for processes that do not archive. */
  readonly warehouse: Reached | null;
}

/** All checks, those that hold included. */
export async function processReadiness(seen: ProcessSeen): Promise<ReadyCheck[]> {
  const { isLive, runners, lagMax, clock, now, clockBehindMaxMs } = seen;
  const failing = [...runners].flatMap(([role, runner]) => (runner.failing ? [role] : []));
  const [kafka, redis, warehouse, lags] = await Promise.all([
    seen.kafka.answers(),
    seen.redis.answers(),
    seen.warehouse?.answers(),
    within(LAGS_MS, seen.lags(), null).catch(() => null),
  ]);
  // Deliveries wait for receivers outside, which no process of ours makes faster.
  const ours = (lags ?? []).filter(({ role }) => role !== 'deliver');
  const most = Math.max(0, ...ours.map(({ records }) => records));
  const held = [...runners].flatMap(([role, runner]) =>
    runner.held.map(({ share: { log, partition } }) => `${role}: ${log}/${partition}`),
  );
  return [
    check('start', isLive),
    check('kafka', kafka),
    check('redis', redis),
    check('pipeline', !seen.isDeliveryFailing && failing.every((role) => role === 'archive')),
    // Where the logs do not say, it is Kafka that does not answer.
    check('lag', most <= lagMax, lags === null ? {} : { lag_records: most }),
    check('partitions', !isLive || [...runners.values()].every((runner) => runner.joined), {
      partitions: held,
    }),
    ...(clock === null || !isLive ? [] : [clockCheck(clock, now, clockBehindMaxMs)]),
    ...(warehouse === undefined ? [] : [check('warehouse', warehouse && !failing.includes('archive'))]),
  ];
}

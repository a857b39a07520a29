// The bundled demo: a simulated county, replayed once, on the first start of a data folder.
import { generateCounty } from '../../infra/demo/county.js';
import type { LmdbMeta } from '../adapters/lmdb/lmdb.js';

/** Which county a data folder shows; stored before its first event, so that a killed first start goes on with it. */
export interface DemoState {
  readonly seed: number;
  /** The last simulated instant, epoch ms. */
  readonly end: number;
  readonly done: boolean;
}

const NAME = 'demo';
export const DEMO_DAYS = 90;
export const DEMO_SEED = 1;
const DAY_MS = 86_400_000;

export async function readDemo(meta: LmdbMeta): Promise<DemoState | undefined> {
  const stored = await meta.get(NAME);
  return stored === undefined ? undefined : (JSON.parse(Buffer.from(stored).toString('utf8')) as DemoState);
}

export async function writeDemo(meta: LmdbMeta, state: DemoState): Promise<void> {
  await meta.put(NAME, Buffer.from(JSON.stringify(state)));
}

export function demoEvents(state: DemoState): Iterable<unknown> {
  return generateCounty({ seed: state.seed, endMs: state.end, days: DEMO_DAYS });
}

/** An instant before the first event of the county. */
export function demoStart(state: DemoState): number {
  return state.end - (DEMO_DAYS + 1) * DAY_MS;
}

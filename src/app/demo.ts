// The bundled demo: a simulated county, replayed once, on the first start of a data folder.
import { generateCounty } from '../../infra/demo/county.js';
import type { LmdbMeta } from '../adapters/lmdb/lmdb.js';

/** Which county a data folder shows; stored before its first event, so that a killed first start goes on with it. */
export interface DemoState {
  readonly seed: number;
  /** The last simulated instant, epoch ms. */
  readonly end: number;
  readonly days: number;
  readonly subjects: number;
  readonly done: boolean;
}

/** What may be chosen of a county before its first event. */
export interface DemoChoice {
  readonly end?: number | undefined;
  readonly days?: number | undefined;
  readonly subjects?: number | undefined;
}

const NAME = 'demo';
const SEED = 1;
const DAYS = 90;
const SUBJECTS = 2_000;
const DAY_MS = 86_400_000;

export async function readDemo(meta: LmdbMeta): Promise<DemoState | undefined> {
  const stored = await meta.get(NAME);
  return stored === undefined ? undefined : (JSON.parse(Buffer.from(stored).toString('utf8')) as DemoState);
}

export async function writeDemo(meta: LmdbMeta, state: DemoState): Promise<void> {
  await meta.put(NAME, Buffer.from(JSON.stringify(state)));
}

/** The county of a new data folder; its days end at `now` unless chosen otherwise. */
export function newDemo(choice: DemoChoice, now: number): DemoState {
  const { end = now, days = DAYS, subjects = SUBJECTS } = choice;
  return { seed: SEED, end, days, subjects, done: false };
}

export function demoEvents(state: DemoState): Iterable<unknown> {
  return generateCounty({ seed: state.seed, endMs: state.end, days: state.days, subjects: state.subjects });
}

/** An instant before the first event of the county. */
export function demoStart(state: DemoState): number {
  return state.end - (state.days + 1) * DAY_MS;
}

// What a new data folder begins with: the simulated county, or files of recorded events; replayed once.
import { countyActs, generateCounty, type ScriptedAct } from '../../infra/demo/county.js';
import type { NamedValues } from '../ports/values.js';
import { CodedError } from '../events/coded-error.js';
import { CODES } from '../events/codes.js';
import { ALLOWED_SKEW_MS, parseCloudEvent, stamp } from '../events/envelope.js';
import type { Event } from '../events/event.js';
import type { EventSource } from '../pipeline/arrivals.js';
import { inOrderOfArrival } from '../pipeline/arrivals.js';
import { SORT_LIMIT } from '../pipeline/backtest/backtest.js';
import { SortRoom } from '../pipeline/event-buffer.js';
import type { ReplayItem } from '../pipeline/ingest.js';
import { sourceOf } from '../pipeline/intake.js';

/** What may be chosen of a county before its first event. */
export interface CountyChoice {
  readonly kind: 'county';
  /** The last simulated instant, epoch ms; the first start where absent. */
  readonly end?: number | undefined;
  readonly days?: number | undefined;
  readonly subjects?: number | undefined;
}

export interface FilesChoice {
  readonly kind: 'files';
  readonly files: readonly string[];
}

export type ReplayChoice = CountyChoice | FilesChoice;

/** What a data folder replays; stored before its first event, so that a killed first start goes on with the same. */
export type ReplayState = (
  | {
      readonly kind: 'county';
      readonly seed: number;
      readonly end: number;
      readonly days: number;
      readonly subjects: number;
      /** Actions of the stories that are taken already. */
      readonly acted?: number | undefined;
    }
  | (FilesChoice & {
      /** What was recorded later is refused, epoch ms; absent in folders that were begun before there was such a bound. */
      readonly until?: number;
    })
) & { readonly done: boolean };

const NAME = 'replay';
const SEED = 1;
const DAYS = 90;
const SUBJECTS = 2_000;
const DAY_MS = 86_400_000;
const BATCH_ITEMS = 2_000;

export async function readReplay(meta: NamedValues): Promise<ReplayState | undefined> {
  const stored = await meta.get(NAME);
  return stored === undefined ? undefined : (JSON.parse(Buffer.from(stored).toString('utf8')) as ReplayState);
}

export async function writeReplay(meta: NamedValues, state: ReplayState): Promise<void> {
  await meta.put(NAME, Buffer.from(JSON.stringify(state)));
}

/**
 * The replay of a new data folder; simulated days end at `now` unless chosen otherwise. Of files nothing is taken that
 * was recorded later than now: one such event would take the clock with it, and no time would pass until it comes.
 */
export function newReplay(choice: ReplayChoice, now: number): ReplayState {
  if (choice.kind === 'files') return { ...choice, until: now + ALLOWED_SKEW_MS, done: false };
  const { end = now, days = DAYS, subjects = SUBJECTS } = choice;
  return { kind: 'county', seed: SEED, end, days, subjects, done: false };
}

/**
 * Makes sure that a choice can be replayed, before a data folder is bound to it.
 * @throws CodedError USAGE where a number is out of range, FILE_READ where a file cannot be opened
 */
export async function checkReplay(
  state: ReplayState,
  open: (file: string) => Promise<EventSource>,
): Promise<void> {
  if (state.kind === 'files') {
    for (const file of state.files) await open(file);
    return;
  }
  const { seed, end, days, subjects } = state;
  try {
    generateCounty({ seed, endMs: end, days, subjects }).next();
  } catch (error) {
    if (error instanceof RangeError)
      throw new CodedError('USAGE', `The simulated county: ${error.message}`, error);
    throw error;
  }
}

/** An instant before the first event. */
export function replayStart(state: ReplayState): number {
  return state.kind === 'files' ? 0 : state.end - (state.days + 1) * DAY_MS;
}

/** The instant of the last tick; null for that of the last event. */
export function replayEnd(state: ReplayState): number | null {
  return state.kind === 'files' ? null : state.end;
}

/** What a replay of the county asks for between events. */
export type TakeAct = (act: ScriptedAct, state: ReplayState) => Promise<void>;

/**
 * The events in the order of arrival.
 * @param open opens a file of events
 * @param take takes an action of a story, once all events before it have been handed on; it is told what to remember then
 */
export function replayFeed(
  state: ReplayState,
  open: (file: string) => Promise<EventSource>,
  take: TakeAct,
): AsyncIterable<readonly ReplayItem[]> {
  return state.kind === 'files'
    ? fileFeed(state.files, open, state.until ?? Infinity)
    : countyFeed(state, take);
}

async function* countyFeed(
  state: ReplayState & { kind: 'county' },
  take: TakeAct,
): AsyncGenerator<readonly ReplayItem[]> {
  const { seed, end, days, subjects } = state;
  const county = { seed, endMs: end, days, subjects };
  const acts = countyActs(county);
  let acted = state.acted ?? 0;
  let items: ReplayItem[] = [];
  for (const event of generateCounty(county)) {
    const at = Date.parse(event.recordedtime);
    for (let next = acts[acted]; next !== undefined && next.at < at; next = acts[acted]) {
      // It is asked for more only when these are in the log.
      if (items.length > 0) yield items;
      items = [];
      await take(next, { ...state, acted: ++acted });
    }
    items.push(itemOf(event, at));
    if (items.length < BATCH_ITEMS) continue;
    yield items;
    items = [];
  }
  yield items;
}

function itemOf(value: unknown, at: number): ReplayItem {
  const parsed = parseCloudEvent(value);
  const stamped = parsed.ok ? stamp(parsed.event, at) : parsed;
  if (stamped.ok) return stamped;
  return { ok: false, refusal: stamped, raw: JSON.stringify(value), source: sourceOf(value), at };
}

/** A refused event of a file is named by its place; the file itself is the original. */
async function* fileFeed(
  files: readonly string[],
  open: (file: string) => Promise<EventSource>,
  until: number,
): AsyncGenerator<readonly ReplayItem[]> {
  const sources: EventSource[] = [];
  for (const file of files) sources.push(await open(file));
  let refused: ReplayItem[] = [];
  let at = 0;
  const arrivals = inOrderOfArrival(sources, {
    toMs: Infinity,
    room: new SortRoom(SORT_LIMIT),
    onRefused: ({ source, line, code, message, field }) => {
      const refusal = { ok: false, code, message, ...(field === undefined ? {} : { field }) } as const;
      refused.push({ ok: false, refusal, raw: `${source}:${line}`, source, at });
    },
  });
  for await (const events of arrivals) {
    at = Math.min(events[events.length - 1]?.at ?? at, until);
    yield [...refused, ...events.map((event) => (event.at > until ? early(event, until) : taken(event)))];
    refused = [];
  }
  yield refused;
}

function taken(event: Event): ReplayItem {
  return { ok: true, event };
}

/** It is named by its id, as its place in the file is not known any more. */
function early(event: Event, until: number): ReplayItem {
  const refusal = {
    ok: false,
    code: 'EVENT_FUTURE',
    message: CODES.EVENT_FUTURE,
    field: 'recordedtime',
  } as const;
  return { ok: false, refusal, raw: event.id, source: event.source, at: until };
}

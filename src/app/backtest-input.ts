// What a backtest reads: files of CloudEvents as NDJSON, or the stored history of a deployment.
import { stat } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import { resolve } from 'node:path';
import { openRunStore } from '../adapters/files/run-store.js';
import { lineArrivals } from '../adapters/tabular/line-arrivals.js';
import { fileBytes, objectLines } from '../adapters/tabular/tabular.js';
import { CodedError } from '../events/coded-error.js';
import type { Event, LogRecord } from '../events/event.js';
import { formatInstant } from '../events/timestamp.js';
import type { RuleSet } from '../model/ruleset.js';
import {
  eventsOf,
  type Arriving,
  type EventSource,
  type RefusedEvent,
} from '../pipeline/backtest/backtest.js';
import type { Awaited } from '../pipeline/history/awaited.js';
import { mergedHistory, type MergedAsked } from '../pipeline/history/merged-history.js';
import { releasedOf, type ReleasedStream } from '../pipeline/retention/released.js';
import { openHistory, type HistoryPlace } from './history-place.js';
import { instantOf } from './local-time.js';
import type { Place } from './place.js';

export interface InputRequest {
  /** The deployment whose stored history is read, in place of files. */
  readonly place?: Place | undefined;
  /** Paths of NDJSON files, plain or gzip; `-` is standard input. */
  readonly files: readonly string[];
  /** RFC 3339 or a local date. */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly sortLimit?: number | undefined;
  /** How the end is called on the command line; `--to` where left out. */
  readonly toOption?: string | undefined;
}

export interface BacktestInput {
  /** Epoch ms; -Infinity from the beginning. */
  readonly fromMs: number;
  /** Epoch ms; Infinity to the last record. */
  readonly toMs: number;
  /** The rules that the deployment runs now; null for files. */
  readonly revision: string | null;
  /** What the deployment still has to read the history for; null for nothing, and for files. */
  readonly awaited: Awaited | null;
  /** What of the streams that models read had gone by now at the end of its term; nothing of files. */
  released(models: RuleSet['models']): Promise<readonly ReleasedStream[]>;
  /** The records, once. */
  read(listener: InputListener): Arriving;
  close(): Promise<void>;
}

export interface InputListener {
  readonly onRefused: (refused: RefusedEvent) => void;
  readonly onRead?: ((event: Event, isAssumed: boolean) => void) | undefined;
  /** Hears of each change of the rules that the deployment ran. */
  readonly onRevision?: ((revision: string) => void) | undefined;
}

/** @param zone of local dates; @throws CodedError USAGE, FILE_READ, and as the stores do */
export async function openInput(request: InputRequest, zone: string): Promise<BacktestInput> {
  const { files, place, sortLimit, toOption = '--to' } = request;
  if ((place === undefined) === (files.length === 0))
    throw new CodedError(
      'USAGE',
      'Name files of events, or a deployment with --data or --config, and not both.',
    );
  if (files.filter((file) => file === '-').length > 1) {
    throw new CodedError('USAGE', 'Standard input (-) can be read once.');
  }
  const fromMs = request.from === undefined ? -Infinity : instantOf('--from', request.from, zone);
  const toMs = request.to === undefined ? Infinity : instantOf(toOption, request.to, zone);
  if (fromMs > toMs) throw new CodedError('USAGE', '--from is after --to.');
  if (place !== undefined) return openStored(place, fromMs, toMs, toOption);
  const sources: EventSource[] = [];
  for (const file of files) sources.push(await openEventFile(file));
  const pseudonymKey = randomBytes(32);
  const runs = openRunStore();
  return {
    fromMs,
    toMs,
    revision: null,
    awaited: null,
    released: () => Promise.resolve([]),
    read: (listener) => eventsOf({ ...listener, sources, toMs, sortLimit, runs, pseudonymKey }),
    close: () => runs.close(),
  };
}

/** The history of a deployment as its partitions stepped it, from its first record on; it may run meanwhile. */
async function openStored(
  place: Place,
  fromMs: number,
  asked: number,
  toOption: string,
): Promise<BacktestInput> {
  const opened = await openHistory(place);
  const { clock } = opened;
  const toMs = asked === Infinity ? clock : asked;
  if (!(toMs <= clock) || !Number.isFinite(clock)) {
    await opened.close();
    const until = Number.isFinite(clock) ? `evaluated up to ${formatInstant(clock)}` : 'not evaluated yet';
    throw new CodedError('USAGE', `The deployment is ${until}; ${toOption} names no later instant.`);
  }
  return storedInput(opened, { fromMs, toMs, sinceMs: -Infinity, always: [] });
}

/**
 * The stored history of a deployment that is open.
 * @param span what is reported; before `sinceMs` nothing is read but the streams that are named
 */
export function storedInput(
  opened: HistoryPlace,
  span: Pick<BacktestInput, 'fromMs' | 'toMs'> & Pick<MergedAsked, 'sinceMs' | 'always'>,
): BacktestInput {
  const { history, ends } = opened;
  const { fromMs, toMs, sinceMs, always } = span;
  return {
    ...{ fromMs, toMs, revision: opened.revision, awaited: opened.awaited },
    released: async (models) => releasedOf(await opened.released(), models, sinceMs),
    close: () => opened.close(),
    read: async function* ({ onRead, onRevision }) {
      const all = { sinceMs, always, ends, beforeMs: toMs + 1 };
      for await (const page of mergedHistory(history, all)) {
        for (const { record } of page) if (record.kind === 'revision') onRevision?.(record.revision);
        const records = page.map(({ record }) => record).filter(counts);
        for (const record of records) if (record.kind === 'event') onRead?.(record, false);
        if (records.length > 0) yield records;
      }
    },
  };
}

/** These rules are one for all of the history, so what it says of others means nothing. */
function counts({ kind }: LogRecord): boolean {
  return kind === 'event' || kind === 'tick' || kind === 'gap';
}

/** Opens a file of CloudEvents, NDJSON or NDJSON.gz; `-` is standard input. @throws CodedError FILE_READ */
export async function openEventFile(file: string): Promise<EventSource> {
  const isStdin = file === '-';
  const found = isStdin ? null : await stat(file).catch(() => null);
  if (!isStdin && found === null) throw new CodedError('FILE_READ', `${file}: there is no such file.`);
  if (found?.isDirectory() === true) throw new CodedError('FILE_READ', `${file}: it is a folder.`);
  return {
    name: isStdin ? 'standard input' : file,
    // A pipe gives its bytes once.
    rereadable: found?.isFile() === true,
    batches: () => objectLines(fileBytes(file), file),
    arrivals: () => lineArrivals(fileBytes(file), file),
  };
}

/** @throws CodedError USAGE where what is read by several threads gives its bytes once */
export function refuseUnreadableTwice(files: readonly string[]): void {
  if (files.includes('-'))
    throw new CodedError('USAGE', 'A sweep reads its events several times; name a file.');
}

/** The file of a result; undefined for standard output. */
export function fileOut(out: string | undefined): string | undefined {
  return out === '-' ? undefined : out;
}

/** @throws CodedError USAGE where a result would take the place of what is read */
export function refuseOverlap(read: readonly string[], written: readonly (string | undefined)[]): void {
  for (const out of written.map(fileOut)) {
    if (out !== undefined && read.some((file) => file !== '-' && resolve(file) === resolve(out)))
      throw new CodedError('USAGE', 'The result and the events are different files.');
  }
}

// Backtest from files: CloudEvents as NDJSON through a folder of rules, a transition a line.
import { stat } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import { resolve } from 'node:path';
import { openLines, StreamLines, type LineWriter } from '../adapters/tabular/output.js';
import { fileBytes, openTable } from '../adapters/tabular/tabular.js';
import { CodedError } from '../events/coded-error.js';
import { backtest, type BacktestSummary, type EventSource, type RefusedEvent } from '../pipeline/backtest.js';
import { defaults } from './environment.js';
import { instantOf } from './local-time.js';
import { loadRulesAt } from './named-rules.js';

export interface BacktestRequest {
  /** A folder of rules; the one used by default where left out. */
  readonly rulesDir?: string | undefined;
  /** Paths of NDJSON files, plain or gzip; `-` is standard input. */
  readonly files: readonly string[];
  /** RFC 3339 or a local date. */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  /** Standard output where it is left out or `-`. */
  readonly out?: string | undefined;
  readonly sortLimit?: number | undefined;
}

export interface BacktestResult {
  readonly summary: BacktestSummary;
  /** The first few. */
  readonly refused: readonly RefusedEvent[];
  /** What is to be noticed of the rules, as lines to read. */
  readonly warnings: readonly string[];
  readonly seconds: number;
}

const REFUSED_SHOWN = 10;
const NDJSON = { format: 'ndjson', encoding: 'utf-8', delimiter: ',' } as const;

/**
 * Runs a backtest to its end. Refused events never stop it.
 * @throws CodedError USAGE, FILE_READ, FILE_WRITE, BACKTEST_SORT_LIMIT, and InvalidFiles for faulty rules
 */
export async function backtestFiles(request: BacktestRequest): Promise<BacktestResult> {
  const started = performance.now();
  refuseOverlap(request);
  const { rules, warnings } = await loadRulesAt(request.rulesDir ?? defaults().rules);
  const { zone } = rules.catalogue.calendar;
  const fromMs = request.from === undefined ? undefined : instantOf('--from', request.from, zone);
  const toMs = request.to === undefined ? undefined : instantOf('--to', request.to, zone);
  if (fromMs !== undefined && toMs !== undefined && fromMs > toMs) {
    throw new CodedError('USAGE', '--from is after --to.');
  }
  const sources: EventSource[] = [];
  for (const file of request.files) sources.push(await openEventFile(file));
  const refused: RefusedEvent[] = [];
  const target = fileOut(request.out);
  const out: LineWriter =
    target === undefined ? new StreamLines(process.stdout) : await openLines(target, false);
  try {
    const summary = await backtest({
      rules,
      sources,
      fromMs,
      toMs,
      sortLimit: request.sortLimit,
      pseudonymKey: randomBytes(32),
      onTransition: (transition) => out.write(JSON.stringify(transition)),
      onRefused: (event) => {
        if (refused.length < REFUSED_SHOWN) refused.push(event);
      },
    });
    await out.close();
    return { summary, refused, warnings, seconds: (performance.now() - started) / 1000 };
  } catch (error) {
    await out.abandon();
    throw error;
  }
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
    batches: async function* () {
      yield* (await openTable(fileBytes(file), NDJSON, file)).batches();
    },
  };
}

/** The file of a result; undefined for standard output. */
export function fileOut(out: string | undefined): string | undefined {
  return out === '-' ? undefined : out;
}

function refuseOverlap({ files, out: given }: BacktestRequest): void {
  const out = fileOut(given);
  if (files.filter((file) => file === '-').length > 1) {
    throw new CodedError('USAGE', 'Standard input (-) can be read once.');
  }
  if (out === undefined) return;
  if (files.some((file) => file !== '-' && resolve(file) === resolve(out))) {
    throw new CodedError('USAGE', 'The result and the events are different files.');
  }
}

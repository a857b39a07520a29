// One run of the benchmark: steps the workload through the engine and measures what that takes.
import { isUtf8 } from 'node:buffer';
import { piecesOfUtf8 } from '../../src/adapters/http/text.js';
import { Engine } from '../../src/engine/engine.js';
import { encodeKeyState } from '../../src/engine/key-codec.js';
import { MemoryKeyStore } from '../../src/engine/key-state.js';
import type { Output } from '../../src/engine/output.js';
import { readBody } from '../../src/events/envelope.js';
import type { Event } from '../../src/events/event.js';
import { arriveAt, EventReader, faultOnArrival } from '../../src/events/reader.js';
import { outcomeOf, type Change, type Outcome } from './outcome.js';
import { benchRules, type RuleOptions } from './rules.js';
import { lineOf, Workload, type WorkloadOptions } from './workload.js';

export type Part = 'engine' | 'ndjson' | 'pipeline';

export interface RunOptions {
  /** `engine`: parsed events to warnings; `ndjson`: bytes to warnings; `pipeline`: to warnings on the disk. */
  readonly part: Part;
  /** Of the pipeline: with the warehouse, whose own process is not measured. */
  readonly warehouse?: boolean;
  readonly workload: WorkloadOptions;
  readonly rules: RuleOptions;
}

export interface RunFigures {
  readonly events: number;
  /** User and system time of all threads, the collector's included, over the measured spans. */
  readonly cpuUs: number;
  readonly wallMs: number;
  /** Most memory that the process ever held. */
  readonly peakRssBytes: number;
  /** What the engine's state adds to the heap and to the memory beside it. */
  readonly stateBytes: number;
  /** What the states of all keys take as they are stored, exactly. */
  readonly encodedBytes: number;
  /** Subjects of which anything is known, by themselves or through their device. */
  readonly activeSubjects: number;
  /** Subjects and devices in the engine's store. */
  readonly keys: number;
  readonly bytesALine: number;
  readonly outcome: Outcome;
}

/** Events made at a time, outside the measured spans, so that memory does not grow with the workload. */
const CHUNK_EVENTS = 20_000;
/** Lines in one request body, as a source would send them. */
const BODY_LINES = 500;

interface Chunk {
  readonly lines: Buffer;
  /** End of each body in `lines`. */
  readonly bodyEnds: readonly number[];
  readonly arrivals: readonly number[];
}

/** Frees memory that nothing refers to: the youngest alone, or all. */
export type Collect = (type: 'minor' | 'major') => void;

/**
 * Runs the workload once.
 * @param collect called outside the measured spans: what making the workload left behind is not the engine's cost
 */
export function run({ part, workload, rules }: RunOptions, collect: Collect): RunFigures {
  const changes: Change[] = [];
  const counts = { duplicates: 0, operatorAlerts: 0 };
  const emit = (output: Output) => {
    if (output.kind === 'transition') {
      const { model, scope, key, clock, level } = output;
      changes.push({ model, key: `${scope}:${key}`, clock, raised: level !== 'none' });
    } else if (output.kind === 'verdict') counts.duplicates++;
    else counts.operatorAlerts++;
  };
  const source = new Workload(workload);
  const active = new Uint8Array(workload.subjects);
  const store = new MemoryKeyStore();
  const engine = new Engine(benchRules(rules), { namespace: 'bench', partition: 0, store, emit });
  const reader = new EventReader();
  const meter = new Meter(collect);
  const heapBefore = heapUsed(collect);
  let events = 0;
  let bytes = 0;
  for (let chunk = nextChunk(source, active); chunk !== null; chunk = nextChunk(source, active)) {
    stepChunk(engine, reader, part, chunk, events, meter);
    events += chunk.arrivals.length;
    bytes += chunk.lines.length;
  }
  meter.measure(() => {
    engine.step({ kind: 'tick', at: source.end }, events);
    engine.end();
  });
  const peakRssBytes = process.resourceUsage().maxRSS * 1024;
  const outcome = outcomeOf(changes.splice(0), counts.duplicates, counts.operatorAlerts);
  const stateBytes = heapUsed(collect) - heapBefore;
  return {
    events,
    cpuUs: meter.cpuUs,
    wallMs: meter.wallMs,
    peakRssBytes,
    stateBytes,
    encodedBytes: store.all.reduce((total, state) => total + encodeKeyState(state).length, 0),
    activeSubjects: active.reduce((total, one) => total + one, 0),
    // Read after the heap was measured, so that the engine and its store are still alive then.
    keys: engine.context.store === store ? store.size : 0,
    bytesALine: bytes / events,
    outcome,
  };
}

function stepChunk(
  engine: Engine,
  reader: EventReader,
  part: RunOptions['part'],
  chunk: Chunk,
  offset: number,
  meter: Meter,
): void {
  if (part === 'ndjson') {
    meter.measure(() => eachEvent(reader, chunk, (event, index) => engine.step(event, offset + index)));
    return;
  }
  const parsed: Event[] = [];
  eachEvent(reader, chunk, (event) => parsed.push(event));
  meter.measure(() => {
    for (let index = 0; index < parsed.length; index++) engine.step(parsed[index] as Event, offset + index);
  });
}

function nextChunk(source: Workload, active: Uint8Array): Chunk | null {
  const texts: string[] = [];
  const arrivals: number[] = [];
  const bodyEnds: number[] = [];
  let bytes = 0;
  while (texts.length < CHUNK_EVENTS) {
    const fact = source.next();
    if (fact === undefined) break;
    active[fact.subject] = 1;
    const text = `${lineOf(fact)}\n`;
    bytes += Buffer.byteLength(text);
    texts.push(text);
    arrivals.push(fact.at);
    if (texts.length % BODY_LINES === 0) bodyEnds.push(bytes);
  }
  if (texts.length === 0) return null;
  if (texts.length % BODY_LINES !== 0) bodyEnds.push(bytes);
  return { lines: Buffer.from(texts.join('')), bodyEnds, arrivals };
}

/** From bytes to events, as ingest reads a body and stamps what it holds. */
function eachEvent(
  reader: EventReader,
  { lines, bodyEnds, arrivals }: Chunk,
  take: (event: Event, index: number) => void,
): void {
  let start = 0;
  let index = 0;
  for (const end of bodyEnds) {
    const { values, wellFormed } = readBody(piecesOf(lines.subarray(start, end)));
    for (const value of values) {
      const read = reader.read(value, wellFormed);
      if (!read.ok) throw new Error(`the workload has a refused event: ${read.message}`);
      const at = arrivals[index] as number;
      const fault = faultOnArrival(read.event, at);
      if (fault !== undefined) throw new Error(`the workload has a refused event: ${fault.message}`);
      arriveAt(read.event, at);
      take(read.event, index++);
    }
    start = end;
  }
}

/** As the HTTP adapter reads a body. */
function piecesOf(bytes: Buffer): string[] {
  if (!isUtf8(bytes)) throw new Error('the workload has a body that is not UTF-8');
  return piecesOfUtf8(bytes);
}

export class Meter {
  cpuUs = 0;
  wallMs = 0;

  constructor(private readonly collect: Collect) {}

  measure(action: () => void): void {
    const stop = this.start();
    action();
    stop();
  }

  async measureAsync(action: () => Promise<void>): Promise<void> {
    const stop = this.start();
    await action();
    stop();
  }

  private start(): () => void {
    this.collect('minor');
    const started = process.hrtime.bigint();
    const before = process.cpuUsage();
    return () => {
      const { user, system } = process.cpuUsage(before);
      this.cpuUs += user + system;
      this.wallMs += Number(process.hrtime.bigint() - started) / 1e6;
    };
  }
}

/** Bytes of the heap, and of the memory that ledgers take beside it. */
export function heapUsed(collect: Collect): number {
  collect('major');
  collect('major');
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

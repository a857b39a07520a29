// Ways to run a log through all strata: in one process or over logs, whole or in partitions, in any order of arrival.
import { MemoryKeyStore } from '../../src/engine/key-state.js';
import { Merge } from '../../src/engine/merge.js';
import { murmur3 } from '../../src/engine/murmur3.js';
import type { Derived } from '../../src/engine/derived.js';
import type { Output, Transition } from '../../src/engine/output.js';
import {
  gapFor,
  orderedTransition,
  sourcesBelow,
  Strata,
  Stratum,
  type OrderedTransition,
} from '../../src/engine/strata.js';
import type { LogRecord } from '../../src/events/event.js';
import type { RuleSet } from '../../src/model/ruleset.js';
import { randomFrom } from './generate.js';
import { RewritingStore } from './rewriting-store.js';

/** Steps all records, each with its offset and partition. */
export type Feed = (step: (record: LogRecord, offset: number, partition: number) => void) => void;

export const partitionOf = (key: string, partitions: number) => murmur3(key, 0) % partitions;

/** The logs of n partitions: events by a hash of their key, everything else in each. */
export function split(log: readonly LogRecord[], partitions: number): LogRecord[][] {
  return Array.from({ length: partitions }, (_, partition) =>
    log.filter((record) => record.kind !== 'event' || partitionOf(record.key, partitions) === partition),
  );
}

/** The one log that partitions come to: by their clock after each record, which is when it arrives. */
export function merged(logs: readonly LogRecord[][]): LogRecord[] {
  const placed = logs.flatMap((log) => {
    let clock = -Infinity;
    return log.map((record) => ({ ...record, at: (clock = Math.max(clock, record.at)) }));
  });
  // The sort is stable, so ties stand by partition and offset.
  return placed.sort((a, b) => a.at - b.at);
}

/** Orders in which the partitions of a log may be stepped; each partition's own order stands. */
export const FEEDS: { readonly [way: string]: (logs: readonly LogRecord[][], seed: number) => Feed } = {
  'round robin': (logs) => (step) => {
    const longest = Math.max(...logs.map((log) => log.length));
    for (let offset = 0; offset < longest; offset++) {
      for (const [partition, log] of logs.entries()) {
        const record = log[offset];
        if (record !== undefined) step(record, offset, partition);
      }
    }
  },
  'the first partition after all others': (logs) => (step) => {
    for (const [partition, log] of [...logs.entries()].reverse()) {
      for (const [offset, record] of log.entries()) step(record, offset, partition);
    }
  },
  'any order': (logs, seed) => (step) => {
    const random = randomFrom(seed);
    const next = logs.map(() => 0);
    const open = () => [...logs.keys()].filter((partition) => at(partition) !== undefined);
    const at = (partition: number) => logs[partition]?.[next[partition] ?? 0];
    for (let choice = open(); choice.length > 0; choice = open()) {
      const partition = choice[Math.floor(random() * choice.length)] ?? 0;
      const offset = next[partition] ?? 0;
      step(at(partition) as LogRecord, offset, partition);
      next[partition] = offset + 1;
    }
  },
};

export interface RunOptions {
  readonly partitions?: number;
  /** Every key goes to bytes and back between records. */
  readonly rewriting?: boolean;
  /** Left out where the log is to be ended by its last record alone. */
  readonly ends?: boolean;
  /** Of the ids of warnings; `test` where left out. */
  readonly namespace?: string;
}

/** All strata in one process. */
export function runTogether(rules: RuleSet, feed: Feed, options: RunOptions = {}): Transition[] {
  const { partitions = 1, rewriting = false, ends = true, namespace = 'test' } = options;
  const transitions: Transition[] = [];
  const rewriters: RewritingStore[] = [];
  const strata: Strata = new Strata(rules, {
    namespace,
    partitions,
    partitionOf: (key) => partitionOf(key, partitions),
    store: (stratum, partition) => {
      if (!rewriting) return new MemoryKeyStore();
      const store = new RewritingStore(() => strata.engines[stratum]?.[partition] as never);
      rewriters.push(store);
      return store;
    },
    emit: (output) => keepTransition(output, transitions),
  });
  feed((record, offset, partition) => {
    for (const store of rewriters) store.prepare(record.at);
    strata.step(record, offset, partition);
    for (const store of rewriters) store.flush();
  });
  for (const store of rewriters) store.prepare(strata.clock);
  if (ends) strata.end();
  return transitions;
}

/** What a partition of a stratum writes for one above it, as text: a derived record, or how far it has come. */
type Line = { readonly derived: Derived } | { readonly source: string; readonly clock: number };

/** Every partition of every stratum by itself: it reads what those below wrote for it, now and then. */
export function runOverLogs(rules: RuleSet, feed: Feed, partitions: number, seed: number): Transition[] {
  const random = randomFrom(seed);
  const unread = new Map<Stratum, string[]>();
  const said: OrderedTransition[] = [];
  const rows: Stratum[][] = [];
  const write = (reader: Stratum | undefined, line: Line) =>
    unread.get(reader as Stratum)?.push(JSON.stringify(line));
  const mark = (source: Stratum, clock: number) => {
    if (clock === -Infinity) return;
    for (const reader of rows.slice(source.index + 1).flat()) write(reader, { source: source.name, clock });
  };
  const read = (stratum: Stratum) => {
    for (const text of unread.get(stratum)?.splice(0) ?? []) {
      const line = JSON.parse(text) as Line;
      if ('derived' in line) stratum.merge.push(line.derived);
      else stratum.merge.mark(line.source, line.clock);
    }
    stratum.run();
  };
  for (let index = 0; index < rules.strata; index++) {
    const sources = sourcesBelow(index, partitions);
    rows.push([]);
    for (let partition = 0; partition < partitions; partition++) {
      const emitted: Transition[] = [];
      const stratum = new Stratum(rules, index, partition, sources, {
        namespace: 'test',
        store: new MemoryKeyStore(),
        emit: (output) => {
          keepTransition(output, emitted);
          for (const transition of emitted.splice(0)) said.push(orderedTransition(transition));
        },
        forward: (derived) =>
          write(rows[derived.stratum]?.[partitionOf(derived.key, partitions)], { derived }),
      });
      unread.set(stratum, []);
      rows[index]?.push(stratum);
    }
  }
  feed((record, offset, partition) => {
    const stratum = rows[0]?.[partition] as Stratum;
    if (record.kind === 'gap') {
      for (const reader of rows.slice(1).flat()) {
        write(reader, { derived: gapFor(reader.index, stratum.engine.clock, record.from, record.at) });
      }
    }
    stratum.engine.step(record, offset);
    mark(stratum, stratum.engine.clock);
    for (const reader of rows.slice(1).flat()) {
      if (random() > 0.1) continue;
      read(reader);
      mark(reader, reader.engine.clock);
    }
  });
  for (const [index, row] of rows.entries()) {
    for (const stratum of row) {
      if (index > 0) read(stratum);
      stratum.engine.end();
      mark(stratum, stratum.engine.clock + 1);
    }
  }
  const inbox = new Merge<OrderedTransition>(['all']);
  for (const one of said) inbox.push(one);
  inbox.mark('all', Infinity);
  return inbox.release().map(({ transition }) => transition);
}

function keepTransition(output: Output, transitions: Transition[]): void {
  if (output.kind === 'transition') transitions.push(output);
}

// The strata in one process: every stratum and partition stepped in memory, its outputs merged into one order.
import { CodedError } from '../events/coded-error.js';
import type { LogRecord, PrimeRecord } from '../events/event.js';
import type { RuleSet } from '../model/ruleset.js';
import { textOfBytes, type Cause, type Derived, type Ordered } from './derived.js';
import type { EngineCounters, Watch } from './context.js';
import { Engine } from './engine.js';
import { FIRST_GENERATION, type Generation } from './generation.js';
import { MemoryKeyStore, type KeyStore } from './key-state.js';
import { Merge } from './merge.js';
import { generationAfter, instantOf, turned, type Turn } from './turn.js';
import type { OperatorAlert, Output, Transition, Verdict } from './output.js';

/** One partition of one stratum: its engine, and the merge of what the lower strata say to it. */
export class Stratum {
  engine: Engine;
  readonly merge: Merge<Derived>;
  /** Turns that wait until every source has come to their instant. */
  private readonly turns: { readonly at: number; readonly turn: () => Engine }[] = [];

  constructor(
    rules: RuleSet,
    readonly index: number,
    readonly partition: number,
    /** Names of all partitions of all lower strata. */
    sources: readonly string[],
    options: {
      readonly namespace: string;
      readonly store: KeyStore;
      readonly emit: (output: Output) => void;
      readonly forward: (derived: Derived) => void;
      readonly generation?: Generation;
      readonly modelKeys?: number | undefined;
      readonly watch?: Watch | undefined;
    },
  ) {
    this.engine = new Engine(rules, { ...options, partition, stratum: index });
    this.merge = new Merge(sources);
  }

  get name(): string {
    return sourceName(this.index, this.partition);
  }

  /**
   * Steps what every source has passed, and then time, up to the last instant that all of them have left.
   * @param limit an instant that is not stepped, nor any after it
   */
  run(limit = Infinity): void {
    const least = Math.min(this.merge.least, limit);
    for (let next = this.turns[0]; next !== undefined && next.at <= least; next = this.turns[0]) {
      this.turns.shift();
      for (const derived of this.merge.release(next.at)) this.engine.receive(derived);
      this.engine.advanceBefore(next.at);
      this.engine = next.turn();
    }
    for (const derived of this.merge.release(limit)) this.engine.receive(derived);
    if (least !== -Infinity) this.engine.advance(least - 1);
  }

  /** Lets another engine take over at an instant, once all sources have come there. */
  turnAt(at: number, turn: () => Engine): void {
    this.turns.push({ at, turn });
  }
}

/** The name of a partition of a stratum as a source of higher ones. */
export function sourceName(stratum: number, partition: number): string {
  return `${stratum}/${partition}`;
}

/** The names of all partitions of the strata below one. */
export function sourcesBelow(stratum: number, partitions: number): string[] {
  const names: string[] = [];
  for (let below = 0; below < stratum; below++) {
    for (let partition = 0; partition < partitions; partition++) names.push(sourceName(below, partition));
  }
  return names;
}

/** Where the transitions of all strata stand in one order. */
export interface OrderedTransition extends Ordered {
  readonly transition: Transition;
}

export function orderedTransition(transition: Transition): OrderedTransition {
  const { model, scope, key, clock, ordinal } = transition;
  const cause: Cause = { kind: 0, name: `${placeOf(transition)}${model}\n${scope}:${key}`, ordinal };
  return { at: clock, cause, transition };
}

/**
 * Before the names of models, of which none begins so, where they come first at an instant: after a change of rules,
 * and where they watch over sources, on which others rest. It is the order in which a stratum says them.
 */
function placeOf({ reason, scope }: Transition): string {
  return (reason === 'model-removed' ? ' ' : '') + (scope === 'source' ? '!' : '');
}

export interface StrataOptions {
  readonly namespace: string;
  /** Partitions of every stratum. */
  readonly partitions?: number;
  /** The store of one partition of one stratum. */
  readonly store: (stratum: number, partition: number) => KeyStore;
  /** The rules of a revision that the log may name; without it the first ones stay. */
  readonly rulesOf?: (revision: string) => RuleSet | undefined;
  /** The partition that steps a key in strata above 0; must lie below `partitions`. */
  readonly partitionOf?: (key: string) => number;
  /** Whether the strata read the warnings of `tell` in place of those that they raise themselves. */
  readonly warningsTold?: boolean;
  /** Hears of every evaluation of a model that applies, with its figures in the scope. */
  readonly watch?: Watch;
  /** Hears of everything that is said to keys of higher strata. */
  readonly hear?: (derived: Derived) => void;
  /** Transitions in the order of the alert inbox; verdicts and operator alerts as they come. */
  readonly emit: (output: Transition | Verdict | OperatorAlert) => void;
}

/** Steps records of the events log through all strata. */
export class Strata {
  private readonly strata: Stratum[][] = [];
  private readonly inbox: Merge<OrderedTransition>;
  private readonly partitions: number;
  private readonly stores = new Map<Stratum, KeyStore>();
  /** The turn that stratum 0 made last in any partition: the epoch after it, and of which kind. */
  private lastTurn = '';

  constructor(
    readonly rules: RuleSet,
    private readonly options: StrataOptions,
  ) {
    this.partitions = options.partitions ?? 1;
    this.inbox = new Merge([]);
    for (let index = 0; index < rules.strata; index++) this.addRow(rules, FIRST_GENERATION);
  }

  private get single(): boolean {
    return this.strata.length === 1 && this.partitions === 1;
  }

  private addRow(rules: RuleSet, generation: Generation): readonly Stratum[] {
    const index = this.strata.length;
    const sources = sourcesBelow(index, this.partitions);
    const row = Array.from({ length: this.partitions }, (_, partition) => {
      const store = this.options.store(index, partition);
      const options = { ...this.engineOptions(index, partition, store), generation };
      const stratum = new Stratum(rules, index, partition, sources, options);
      this.stores.set(stratum, store);
      this.inbox.addSource(stratum.name);
      return stratum;
    });
    this.strata.push(row);
    return row;
  }

  private engineOptions(stratum: number, partition: number, store: KeyStore) {
    return {
      namespace: this.options.namespace,
      stratum,
      partition,
      store,
      emit: (output: Output) => this.heard(output),
      forward: (derived: Derived) => this.deliver(derived),
      watch: this.options.watch,
    };
  }

  /** The engines by stratum, one for each partition. */
  get engines(): readonly (readonly Engine[])[] {
    return this.strata.map((row) => row.map(({ engine }) => engine));
  }

  /** The counts of all engines together. */
  get counters(): EngineCounters {
    return countersOf(this.strata.flatMap((row) => row.map(({ engine }) => engine.counters)));
  }

  /** The clock of the slowest partition of stratum 0. */
  get clock(): number {
    return Math.min(...this.row(0).map(({ engine }) => engine.clock));
  }

  /** The next instant at which something may fall due in any stratum; Infinity for never. */
  get nextDue(): number {
    return Math.min(...this.strata.flatMap((row) => row.map(({ engine }) => engine.nextDue)));
  }

  /** Steps one record of one partition of the events log. */
  step(record: LogRecord, offset: number, partition = 0): void {
    const stratum = this.row(0)[partition] as Stratum;
    if (record.kind === 'gap') this.spread(stratum.engine, record.from, record.at);
    const turn = this.turnOf(stratum.engine, record);
    if (turn === null) stratum.engine.step(record, offset);
    else this.turn(stratum, turn, record.at);
    if (record.kind === 'prime' && record.stratum > 0) this.deliver(historyFor(record, stratum.engine.clock));
    if (!this.single) this.cascade(0);
  }

  /** Says to a higher stratum what the log does not hold; before its clock has passed the instant. */
  tell(derived: Derived): void {
    this.options.hear?.(derived);
    const row = this.row(derived.stratum);
    const partition = this.options.partitionOf?.(derived.key) ?? 0;
    (row[partition] as Stratum).merge.push(derived);
  }

  /** Moves the clock of every partition. */
  advance(until: number): void {
    for (const { engine } of this.row(0)) engine.advance(until);
    if (!this.single) this.cascade(0);
  }

  /** Stops at an instant: what falls due before it is decided, and what was said so far is heard in every stratum. */
  stopAt(instant: number): void {
    for (const row of this.strata) {
      for (const stratum of row) {
        if (stratum.index > 0) stratum.run();
        stratum.engine.advanceBefore(instant);
        for (const derived of stratum.merge.drain()) stratum.engine.receive(derived);
      }
      for (const stratum of row) this.mark(stratum, stratum.engine.clock);
    }
  }

  /** Ends a run at the clock of the fastest partition: every stratum leaves that instant. */
  end(): void {
    const last = Math.max(...this.row(0).map(({ engine }) => engine.clock));
    for (const { engine } of this.row(0)) {
      engine.advance(last);
      engine.end();
    }
    if (!this.single) this.cascade(1);
  }

  private row(index: number): readonly Stratum[] {
    return this.strata[index] ?? [];
  }

  /** Hands what a stratum said to those above it, from the lowest up. @param after 1 where the run ends */
  private cascade(after: 0 | 1): void {
    for (const [index, row] of this.strata.entries()) {
      if (index > 0) {
        for (const stratum of row) {
          stratum.run();
          if (after === 1) stratum.engine.end();
        }
      }
      for (const stratum of row) this.mark(stratum, stratum.engine.clock + after);
    }
    for (const { transition } of this.inbox.release()) this.options.emit(transition);
  }

  /** The turn that a record of the log asks for; null for none. */
  private turnOf({ rules, context }: Engine, record: LogRecord): Turn | null {
    if (record.kind === 'primed') {
      return record.epoch === context.generation.epoch ? { kind: 'primed' } : null;
    }
    if (record.kind !== 'revision' || record.revision === rules.revision) return null;
    const next = this.options.rulesOf?.(record.revision);
    return next === undefined ? null : { kind: 'revision', rules: next };
  }

  /** Turns a partition of stratum 0; the higher strata follow once all partitions have come to the instant. */
  private turn(bottom: Stratum, turn: Turn, at: number): void {
    const { engine } = bottom;
    const instant = instantOf(turn, engine.clock, at);
    const former = engine.rules;
    engine.advanceBefore(instant);
    const { generation } = engine.context;
    const { epoch } = generationAfter(generation, former, turn, 0);
    if (this.lastTurn !== `${epoch} ${turn.kind}`) {
      this.lastTurn = `${epoch} ${turn.kind}`;
      for (const row of this.strata.slice(1)) {
        for (const stratum of row) stratum.turnAt(instant, () => this.turned(stratum, turn));
      }
      if (turn.kind === 'revision') this.addRows(engine, turn, generation.epoch);
    }
    bottom.engine = this.turned(bottom, turn);
  }

  /** Adds the strata that the next rules need, before the models that they do not have speak to them of their end. */
  private addRows(bottom: Engine, turn: Turn & { kind: 'revision' }, epoch: number): void {
    while (this.strata.length < turn.rules.strata) {
      const before = { ...FIRST_GENERATION, epoch };
      const generation = generationAfter(before, bottom.rules, turn, this.strata.length);
      for (const { engine } of this.addRow(turn.rules, generation)) {
        for (const { from, to } of bottom.context.gaps.all) engine.context.gaps.add(from, to);
      }
    }
  }

  private turned(stratum: Stratum, turn: Turn): Engine {
    const store = this.stores.get(stratum);
    if (!(store instanceof MemoryKeyStore)) throw new CodedError('INTERNAL', 'Only keys in memory can turn.');
    return turned(stratum.engine, turn, store, this.engineOptions(stratum.index, stratum.partition, store));
  }

  private mark(source: Stratum, clock: number): void {
    this.inbox.mark(source.name, clock);
    for (const row of this.strata.slice(source.index + 1)) {
      for (const reader of row) reader.merge.mark(source.name, clock);
    }
  }

  private heard(output: Output): void {
    if (this.single || output.kind !== 'transition') this.options.emit(output);
    else this.inbox.push(orderedTransition(output));
  }

  private deliver(derived: Derived): void {
    const raised = derived.what === 'event' && derived.event.stream === 'warning';
    if (!raised || this.options.warningsTold !== true) this.tell(derived);
  }

  private spread({ clock }: Engine, from: number, to: number): void {
    for (const row of this.strata.slice(1)) {
      for (const stratum of row) stratum.merge.push(gapFor(stratum.index, clock, from, to));
    }
  }
}

/** Adds up the counts of several engines; events are those that were stepped from the log. */
export function countersOf(all: readonly EngineCounters[]): EngineCounters {
  const late = new Map<string, number>();
  const missing = new Map<string, number>();
  const unknown = new Map<string, number>();
  let events = 0;
  let evaluations = 0;
  for (const counters of all) {
    events += counters.events;
    evaluations += counters.evaluations;
    addAll(late, counters.late);
    addAll(missing, counters.missing);
    addAll(unknown, counters.unknown);
  }
  return { events, evaluations, late, missing, unknown };
}

function addAll(sums: Map<string, number>, counts: ReadonlyMap<string, number>): void {
  for (const [name, count] of counts) sums.set(name, (sums.get(name) ?? 0) + count);
}

/** What the history says of a key of a higher stratum, as that stratum hears of it. */
export function historyFor({ stratum, key, bytes }: PrimeRecord, clock: number): Derived {
  const cause = { kind: 1, name: `\nprime\n${key}`, ordinal: 0 } as const;
  return { what: 'prime', stratum, key, at: clock, cause, live: false, told: textOfBytes(bytes) };
}

/** A gap of the events log, as a stratum hears of it. */
export function gapFor(stratum: number, clock: number, from: number, to: number): Derived {
  return {
    what: 'gap',
    stratum,
    key: '',
    // Not the partition's clock, which would show how the log is partitioned.
    at: Math.max(clock, from),
    cause: { kind: 0, name: '', ordinal: 0 },
    live: true,
    from,
    to,
  };
}

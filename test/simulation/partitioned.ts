// Evaluate over partitions of the logs, each by itself: batches of any size, restarts, lost checkpoints, two owners.
import { expect } from 'vitest';
import type { InboxRecord } from '../../src/alerts/inbox.js';
import type { Transition } from '../../src/engine/output.js';
import { canonicalJson } from '../../src/events/canonical.js';
import { decodeRecord, encodeRecord } from '../../src/events/codec.js';
import type { LogRecord } from '../../src/events/event.js';
import type { RuleSet } from '../../src/model/ruleset.js';
import { decodeJson, FencedError } from '../../src/pipeline/checkpoint.js';
import { Evaluate } from '../../src/pipeline/evaluate.js';
import { LoggedHistory } from '../../src/pipeline/history/logged-history.js';
import { OriginFilter } from '../../src/pipeline/origins.js';
import { Primer } from '../../src/pipeline/primer.js';
import { EvaluateDerived } from '../../src/pipeline/wide/evaluate-derived.js';
import { Outlet } from '../../src/pipeline/wide/outlet.js';
import { partitionOf, sourcesOf } from '../../src/pipeline/wide/partition.js';
import { Sequence } from '../../src/pipeline/wide/sequence.js';
import { WideTelling } from '../../src/pipeline/wide/wide-telling.js';
import { openLosingStores } from '../pipeline/losing-stores.js';
import { randomFrom } from './generate.js';

interface Worker {
  open(): Promise<void>;
  run(): Promise<number>;
}

/** What happened to the workers of a run. */
export interface Disturbances {
  restarts: number;
  lost: number;
  fenced: number;
}

export interface PartitionedRun {
  readonly transitions: readonly Transition[];
  readonly disturbances: Disturbances;
}

/**
 * Runs the logs of the partitions to their end; every log must end with a tick beyond all that is to be said.
 * @param derived partitions of the derived log
 */
export async function runPartitioned(
  rules: RuleSet,
  partitionLogs: readonly (readonly LogRecord[])[],
  derived: number,
  seed: number,
): Promise<PartitionedRun> {
  const run = new Partitioned(rules, { events: partitionLogs.length, derived }, seed);
  await run.start();
  await run.feed(partitionLogs);
  await run.finish();
  return { transitions: await run.transitions(), disturbances: run.disturbances };
}

const range = (count: number) => Array.from({ length: count }, (_, index) => index);

/** What may happen beside the logs that are fed. */
export interface PartitionedOptions {
  /** The rules of a revision that a log may name; without it the first ones stay. */
  readonly rulesOf?: (revision: string) => RuleSet | undefined;
}

export class Partitioned {
  readonly disturbances: Disturbances = { restarts: 0, lost: 0, fenced: 0 };
  readonly stores = openLosingStores();
  readonly random: () => number;
  private readonly makers: readonly (() => Worker)[];
  /** Owners of each share of the work; two at times. */
  private readonly owners: Worker[][];
  private serial = 0;
  private elapsed = 0;

  constructor(
    private readonly rules: RuleSet,
    private readonly partitions: { readonly events: number; readonly derived: number },
    seed: number,
    private readonly options: PartitionedOptions = {},
  ) {
    this.random = randomFrom(seed);
    this.makers = this.makersOf();
    this.owners = this.makers.map(() => []);
  }

  async start(): Promise<void> {
    for (const share of this.makers.keys()) await this.own(share);
  }

  /**
   * Appends the logs little by little, while the owners work and come and go.
   * @param beside hears after each piece how far each partition was written
   */
  async feed(
    partitionLogs: readonly (readonly LogRecord[])[],
    beside: (clocks: readonly number[]) => Promise<void> = () => Promise.resolve(),
  ): Promise<void> {
    const clocks = partitionLogs.map(() => -Infinity);
    const written = partitionLogs.map(() => 0);
    while (written.some((count, index) => count < (partitionLogs[index]?.length ?? 0))) {
      const partition = this.below(partitionLogs.length);
      const log = partitionLogs[partition] ?? [];
      const from = written[partition] ?? 0;
      const next = log.slice(from, from + this.below(8));
      if (next.length > 0) await this.stores.logs.events.append(partition, next.map(encodeRecord));
      written[partition] = from + next.length;
      for (const { at } of next) clocks[partition] = Math.max(clocks[partition] as number, at);
      await beside(clocks);
      const share = this.below(this.makers.length);
      await this.disturb(share);
      for (const worker of [...(this.owners[share] as Worker[])]) await this.round(worker);
    }
  }

  /** Lets one owner of each share work until there is nothing to do. */
  async finish(): Promise<void> {
    for (let idle = false; !idle;) {
      idle = true;
      for (const [worker] of this.owners) if ((await this.round(worker as Worker)) > 0) idle = false;
    }
  }

  /** What the inbox holds, without what came again. */
  async transitions(): Promise<Transition[]> {
    const { events } = this.stores.logs;
    const filter = new OriginFilter({});
    const stored = await this.stores.logs.inbox.read(0, 0, 100_000);
    const records = stored
      .map(({ value }) => decodeJson<InboxRecord>(value))
      .filter((record) => record.kind === 'warning')
      .filter(({ origin }) => filter.admit(origin));
    for (const { sample, transition } of records) {
      // What is shown whole is what the log holds, however it came to hand.
      const shown: string[] = [];
      for (const { position } of transition.contributions.events.slice(-20)) {
        if (position === null) continue;
        const [found] = await events.read(position.partition, position.offset, 1);
        if (found !== undefined) shown.push(canonicalJson(decodeRecord(found.value)));
      }
      expect(sample.map(canonicalJson)).toEqual(shown);
    }
    return records.map(({ transition }) => transition);
  }

  private below(limit: number): number {
    return Math.floor(this.random() * limit);
  }

  private makersOf(): (() => Worker)[] {
    const { rules, partitions, stores, options } = this;
    const { logs, state } = stores;
    const { rulesOf } = options;
    const { events, derived } = partitions;
    const common = () => ({
      rules,
      ...(rulesOf !== undefined && { rulesOf: (revision: string) => Promise.resolve(rulesOf(revision)) }),
      logs,
      state,
      nonce: () => `n${this.serial++}`,
      probe: () => undefined,
      batch: 1 + this.below(25),
      cachedKeys: 1 + this.below(8),
    });
    const outlet = () => new Outlet(logs, derived);
    // One in two keeps its place less often than with every batch.
    const pace = () =>
      this.random() < 0.5
        ? undefined
        : { records: 1 + this.below(80), ms: 1 + this.below(60), elapsed: () => this.elapsed++ };
    const sources = sourcesOf(rules.strata, partitions);
    const above = (partition: number) => ({ ...common(), partition, outlet: outlet(), partitions });
    return [
      ...range(events).map(
        (partition) => () => new Evaluate({ ...common(), partition, outlet: outlet(), pace: pace() }),
      ),
      ...range(derived).map((partition) => () => new EvaluateDerived(above(partition))),
      () => new Sequence({ ...common(), sources, partitions: derived }),
      ...(rulesOf === undefined ? [] : [() => this.primer(rulesOf)]),
    ];
  }

  private primer(rulesOf: (revision: string) => RuleSet | undefined): Worker {
    const { logs, state } = this.stores;
    const { partitions } = this;
    const telling = new WideTelling({
      events: logs.events,
      state,
      partitions,
      nonce: () => `n${this.serial++}`,
      rulesNamed: (revision) => Promise.resolve(rulesOf(revision) as RuleSet),
    });
    const batch = 1 + this.below(25);
    const spread = (key: string) => partitionOf(key, partitions.events);
    const history = new LoggedHistory(logs.events, partitions.events, batch);
    const told = { inbox: logs.inbox, history, telling, partitionOf: spread };
    const primer = new Primer({ ...told, probe: () => undefined, batch });
    return { open: () => Promise.resolve(), run: () => primer.run() };
  }

  private async own(share: number): Promise<void> {
    const worker = (this.makers[share] as () => Worker)();
    await worker.open();
    (this.owners[share] as Worker[]).push(worker);
  }

  private async disturb(share: number): Promise<void> {
    const working = this.owners[share] as Worker[];
    const roll = this.random();
    if (roll < 0.05) {
      await this.stores.losing(() => (working[0] as Worker).run());
      await (working[0] as Worker).open();
      this.disturbances.lost++;
    } else if (roll < 0.1) {
      working.length = 0;
      this.disturbances.restarts++;
      await this.own(share);
    } else if (roll < 0.14 && working.length < 2) await this.own(share);
    else if (roll < 0.2 && working.length > 1) working.splice(this.below(2), 1);
  }

  private async round(worker: Worker): Promise<number> {
    try {
      return await worker.run();
    } catch (error) {
      if (!(error instanceof FencedError)) throw error;
      this.disturbances.fenced++;
      await worker.open();
      return 1;
    }
  }
}

// A deployment in memory whose state is lost at any instant and made anew from the logs, and which then goes on.
import { encodeRecord } from '../../src/events/codec.js';
import type { LogRecord } from '../../src/events/event.js';
import type { RuleSet } from '../../src/model/ruleset.js';
import { Alert } from '../../src/pipeline/alert.js';
import { Deliver } from '../../src/pipeline/deliver/deliver.js';
import type { Pace } from '../../src/pipeline/checkpoint-pace.js';
import { Evaluate } from '../../src/pipeline/evaluate.js';
import { Rebuild } from '../../src/pipeline/rebuild/rebuild.js';
import { surveyEvents } from '../../src/pipeline/rebuild/survey.js';
import { Sealing } from '../../src/pipeline/sealing.js';
import { EvaluateDerived } from '../../src/pipeline/wide/evaluate-derived.js';
import { Outlet } from '../../src/pipeline/wide/outlet.js';
import { sourcesOf } from '../../src/pipeline/wide/partition.js';
import { Sequence } from '../../src/pipeline/wide/sequence.js';
import type { Channel, ChannelPolicy, SendResult } from '../../src/ports/channel.js';
import { POLICY } from '../pipeline/deliver/staged.js';
import { SIGNER } from '../pipeline/sealed-run.js';
import { ForgetfulStores } from './forgetful-stores.js';
import { randomFrom } from './generate.js';

/** What happened in a run. */
export interface Losses {
  /** Between rounds, and in the middle of one. */
  between: number;
  amid: number;
  /** Rebuilds that were cut off. */
  interrupted: number;
  /** How often a copy was put back. */
  copies: number;
}

export interface RebuiltOptions {
  readonly rules: RuleSet;
  readonly partitionLogs: readonly (readonly LogRecord[])[];
  /** Partitions of the derived log. */
  readonly derived: number;
  readonly seed: number;
  /** How likely a loss is at each turn of the feed; 0 for an undisturbed run. */
  readonly lossRate: number;
  /** Whether receivers know a message again; else what is in doubt is not sent twice. */
  readonly knowsKey: boolean;
}

export const EVIDENCE_KEY = new Uint8Array(32).fill(7);

interface Worker {
  open(): Promise<void>;
  run(): Promise<number>;
}

const range = (count: number) => Array.from({ length: count }, (_, index) => index);
const HOUR_MS = 3_600_000;

/** A run of a deployment over logs that end with a tick beyond all that is to be said. */
export class RebuiltRun {
  readonly losses: Losses = { between: 0, amid: 0, interrupted: 0, copies: 0 };
  readonly stores: ForgetfulStores;
  /** Ids of messages that a receiver got, each with its attempt. */
  readonly received: { readonly id: string; readonly attempt: number }[] = [];
  private readonly random: () => number;
  private workers: Worker[] = [];
  private last: Sequence | null = null;
  private serial = 0;
  private now = 0;

  constructor(private readonly options: RebuiltOptions) {
    this.random = randomFrom(options.seed * 13 + 5);
    this.stores = new ForgetfulStores(this.random);
  }

  /** Every transition before this instant is in the inbox. */
  get clock(): number {
    return this.last?.clock ?? -Infinity;
  }

  async run(): Promise<void> {
    const { partitionLogs, lossRate } = this.options;
    await this.openAll();
    const written = partitionLogs.map(() => 0);
    while (written.some((count, index) => count < (partitionLogs[index]?.length ?? 0))) {
      const partition = this.below(partitionLogs.length);
      const log = partitionLogs[partition] ?? [];
      const from = written[partition] ?? 0;
      const next = log.slice(from, from + 1 + this.below(8));
      if (next.length > 0) await this.stores.events.append(partition, next.map(encodeRecord));
      written[partition] = from + next.length;
      await this.worker().run();
      if (this.random() >= lossRate) continue;
      if (this.random() < 0.3) this.losses.between++;
      else await this.crash();
      await this.rebuild();
    }
    await this.finish();
  }

  private worker(): Worker {
    return this.workers[this.below(this.workers.length)] as Worker;
  }

  /** Cuts off whoever writes next. */
  private async crash(): Promise<void> {
    for (let attempt = 0; attempt < 20; attempt++) {
      if (await this.stores.until(1 + this.below(4), () => this.worker().run())) continue;
      this.losses.amid++;
      return;
    }
    this.losses.between++;
  }

  private async finish(): Promise<void> {
    for (let idle = 0; idle < 3;) {
      let done = 0;
      for (const worker of this.workers) done += await worker.run();
      // Whoever waits for another attempt gets it.
      this.now += HOUR_MS;
      await new Promise((next) => setImmediate(next));
      idle = done > 0 ? 0 : idle + 1;
    }
  }

  private async rebuild(): Promise<void> {
    // Sometimes an older copy is at hand, which is brought forward.
    if (this.random() < 0.3) {
      await this.stores.putBack(this.random());
      this.losses.copies++;
    } else this.stores.lose();
    for (let limit = 1 + this.below(30); ; limit *= 4) {
      if (await this.stores.until(this.random() < 0.3 ? Infinity : limit, () => this.rebuiltOnce())) break;
      this.losses.interrupted++;
    }
    this.stores.settle();
    await this.openAll();
  }

  private async rebuiltOnce(): Promise<void> {
    const { stores, partitions } = this;
    const surveyed = await surveyEvents(
      stores.logs.events,
      range(partitions.events).map(() => 0),
    );
    const rebuild = new Rebuild({
      ...this.common(),
      partitions,
      begin: async () => 0,
      surveyed,
      signer: SIGNER,
      manifestDigest: async () => undefined,
      now: () => this.now,
      onProgress: () => undefined,
    });
    await rebuild.survey();
    if (!rebuild.isSaltedRight) throw new Error('the evidence has another salt');
    await rebuild.run();
  }

  private get partitions() {
    return { events: this.options.partitionLogs.length, derived: this.options.derived };
  }

  private below(limit: number): number {
    return Math.floor(this.random() * limit);
  }

  private common() {
    const { logs, state } = this.stores;
    return {
      rules: this.options.rules,
      logs,
      state,
      nonce: () => `n${this.serial++}`,
      probe: () => undefined,
      batch: 1 + this.below(40),
      cachedKeys: 1 + this.below(8),
      evidenceKey: EVIDENCE_KEY,
    };
  }

  private async openAll(): Promise<void> {
    const { rules } = this.options;
    const { partitions } = this;
    const outlet = () => new Outlet(this.stores.logs, partitions.derived);
    const sources = sourcesOf(rules.strata, partitions);
    const sequence = new Sequence({ ...this.common(), sources, partitions: partitions.derived });
    this.last = sequence;
    const sealing = new Sealing({
      ...this.common(),
      signer: SIGNER,
      manifestDigest: async () => undefined,
    });
    this.workers = [
      ...range(partitions.events).map(
        (partition) => new Evaluate({ ...this.common(), partition, outlet: outlet(), pace: this.pace() }),
      ),
      ...range(partitions.derived).map(
        (partition) => new EvaluateDerived({ ...this.common(), partition, outlet: outlet(), partitions }),
      ),
      sequence,
      new Alert({ ...this.common(), clock: () => sequence.clock }),
      this.deliver(),
      { open: () => sealing.open(), run: () => sealing.run(sequence.clock) },
    ];
    for (const worker of this.workers) await worker.open();
  }

  /** One in two keeps its place less often than with every batch. */
  private pace(): Pace | undefined {
    if (this.random() < 0.5) return undefined;
    return { records: 1 + this.below(80), ms: 1 + this.below(60), elapsed: () => this.serial++ };
  }

  private deliver(): Worker {
    const deliver = new Deliver({
      ...this.common(),
      channels: new Map([['file', this.channel()]]),
      now: () => this.now,
      random: this.random,
      zone: 'Asia/Shanghai',
      link: () => null,
      onEnded: () => undefined,
    });
    return {
      open: () => deliver.open(),
      run: async () => {
        this.now += 1_000;
        const done = await deliver.run();
        // A send may be under way for a while: its result is recorded later, or lost with the state.
        if (this.random() < 0.7) await deliver.settled();
        return done + deliver.sending;
      },
    };
  }

  private channel(): Channel {
    const ends = { attempts: 4, giveUpAfterMs: Infinity, circuitFailures: Infinity };
    const policy: ChannelPolicy = { ...POLICY, ...ends, batch: 3, knowsKey: this.options.knowsKey };
    return {
      name: 'file',
      policy: { ...policy, inDoubt: this.options.knowsKey ? 'repeat' : 'avoid' },
      endpointOf: (department) => department,
      preview: () => '',
      close: async () => undefined,
      send: async (messages): Promise<SendResult> => {
        const roll = this.random();
        if (roll < 0.1) return { ok: false, reason: 'WEBHOOK_STATUS', retriable: true };
        if (roll < 0.13) return { ok: false, reason: 'WEBHOOK_STATUS', retriable: false };
        for (const { id, attempt } of messages) this.received.push({ id, attempt });
        await new Promise((next) => setImmediate(next));
        return roll < 0.2
          ? { ok: false, reason: 'WEBHOOK_TIMEOUT', retriable: true, inDoubt: true }
          : { ok: true };
      },
    };
  }
}

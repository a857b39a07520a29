// A deliver stage over stores in memory, with a clock that tests set, and webhooks to real receivers.
import { openOutbound } from '../../../src/adapters/outbound/outbound.js';
import { openWebhook } from '../../../src/adapters/webhook/webhook.js';
import { openMemory } from '../../../src/adapters/memory/memory.js';
import type { InboxRecord } from '../../../src/alerts/inbox.js';
import type { PlannedDelivery } from '../../../src/alerts/messages.js';
import type { Level } from '../../../src/model/model.js';
import type { OperatorAlert } from '../../../src/engine/output.js';
import { decodeJson, encodeJson, type Probe } from '../../../src/pipeline/checkpoint.js';
import { Deliver } from '../../../src/pipeline/deliver/deliver.js';
import type { Channel, ChannelPolicy } from '../../../src/ports/channel.js';
import type { Log, LogName, Logs } from '../../../src/ports/log.js';
import type { StateStore } from '../../../src/ports/state.js';
import type { Receiver } from '../../support/receiver.js';

export const START = Date.UTC(2026, 2, 2, 2);
export const SECRET = 'a secret of thirty-two characters';
const NAMES = ['events', 'inbox', 'verdicts', 'deliveries', 'dead-letters', 'operator'] as const;

export const POLICY: ChannelPolicy = {
  batch: 1,
  attempts: 10,
  giveUpAfterMs: 6 * 3_600_000,
  backoffFirstMs: 2_000,
  backoffMaxMs: 600_000,
  circuitFailures: 5,
  circuitCoolDownMs: 60_000,
  rates: [],
  concurrent: 32,
  knowsKey: true,
  inDoubt: 'repeat',
  quiet: null,
  isPatient: false,
};

/** A webhook to receivers on this machine, by department. */
export function webhookTo(
  receivers: Readonly<Record<string, Pick<Receiver, 'url'>>>,
  now: () => number,
  policy: Partial<ChannelPolicy> = {},
  timeoutMs = 30_000,
): Channel {
  const settings = {
    receivers: Object.fromEntries(
      Object.entries(receivers).map(([department, { url }]) => [department, { url, secret: SECRET }]),
    ),
    allow_http: true,
  };
  const { post } = openOutbound({ allowAddresses: ['127.0.0.0/8'] });
  return openWebhook({ name: 'hook', settings, policy: { ...POLICY, ...policy }, timeoutMs, post, now });
}

export interface Planned {
  readonly department?: string;
  readonly channel?: string;
  readonly warning?: string;
  readonly level?: Level;
  readonly covers?: PlannedDelivery['covers'];
}

/** In memory or on a disk. */
export interface Stores {
  log(name: LogName): Log;
  readonly state: StateStore;
}

export interface StageOptions {
  readonly random?: () => number;
  readonly stores?: Stores;
  readonly state?: StateStore;
}

export function logsOf(stores: Stores): Logs {
  return Object.fromEntries(NAMES.map((name) => [name, stores.log(name)])) as unknown as Logs;
}

/** Appends deliveries to their log. @returns their ids, which count on from those before */
export async function recordDeliveries(
  { deliveries }: Logs,
  at: number,
  given: readonly Planned[],
): Promise<string[]> {
  const first = await deliveries.end(0);
  const records = given.map(({ covers, ...one }, index) => {
    const number = first + index;
    const { department = 'fire', channel = 'hook', warning = `w${number}`, level = 'red' } = one;
    const delivery: PlannedDelivery = {
      id: number.toString(16).padStart(32, '0'),
      warning,
      ordinal: 0,
      department,
      role: 'lead',
      channel,
      kind: 'transition',
      level,
      item: 'gas',
      model: 'gas/leak',
      region: null,
      at,
      ...(covers && { covers }),
      body: { warning, level, message: `【红色预警】单位${number}：燃气泄漏。新发预警。` },
    };
    return { origin: { source: 'inbox/0', offset: number, ordinal: 0 }, delivery };
  });
  if (records.length > 0) await deliveries.append(0, records.map(encodeJson));
  return records.map(({ delivery }) => delivery.id);
}

/** Stores, a clock, and the stage over them, which can be begun anew as after a crash. */
export class Stage {
  at = START;
  readonly logs: Logs;
  deliver: Deliver;
  private ended: () => void = () => undefined;

  private constructor(
    readonly stores: Stores,
    private readonly channels: readonly Channel[],
    private readonly state: StateStore,
    readonly random: () => number,
  ) {
    this.logs = logsOf(stores);
    this.deliver = this.make(() => undefined);
  }

  static async open(
    channels: (now: () => number) => readonly Channel[],
    options: StageOptions = {},
  ): Promise<Stage> {
    const { random = () => 0.5, stores = openMemory() } = options;
    const { state = stores.state } = options;
    const clock: { stage: Stage | null } = { stage: null };
    const stage = new Stage(
      stores,
      channels(() => clock.stage?.at ?? START),
      state,
      random,
    );
    clock.stage = stage;
    await stage.deliver.open();
    return stage;
  }

  /** Another stage takes up what this one left, without its knowledge: a crash and a start. */
  async restart(probe: Probe = () => undefined): Promise<void> {
    this.deliver = this.make(probe);
    await this.deliver.open();
  }

  /** Records deliveries as the alert side does. @returns their ids */
  async plan(...given: readonly Planned[]): Promise<string[]> {
    return recordDeliveries(this.logs, this.at, given);
  }

  /** Runs until nothing is left to do now, but for so many sends that stall. */
  async settle(stalled = 0): Promise<void> {
    for (;;) {
      let hasEnded = false;
      const ended = new Promise<void>((done) => {
        this.ended = () => {
          hasEnded = true;
          done();
        };
      });
      if ((await this.deliver.run()) > 0 || hasEnded) continue;
      if (this.deliver.sending <= stalled) return;
      await ended;
    }
  }

  /** Lets time pass in steps, and settles at each. */
  async pass(spanMs: number, stepMs: number, stalled = 0): Promise<void> {
    for (const end = this.at + spanMs; this.at < end;) {
      this.at = Math.min(end, this.at + stepMs);
      await this.settle(stalled);
    }
  }

  async results(): Promise<Exclude<InboxRecord, { kind: 'warning' }>[]> {
    return this.all(this.logs.inbox);
  }

  async alerts(): Promise<OperatorAlert[]> {
    return (await this.all<{ alert: OperatorAlert }>(this.logs.operator)).map(({ alert }) => alert);
  }

  async delivered(): Promise<string[]> {
    const results = await this.results();
    return results.flatMap((one) => (one.kind === 'delivered' ? one.deliveries : []));
  }

  private async all<T>(log: Logs['inbox']): Promise<T[]> {
    return (await log.read(0, 0, 100_000)).map(({ value }) => decodeJson<T>(value));
  }

  private make(probe: Probe): Deliver {
    return new Deliver({
      logs: this.logs,
      state: this.state,
      channels: new Map(this.channels.map((channel) => [channel.name, channel])),
      nonce: () => 'n',
      probe,
      batch: 100,
      now: () => this.at,
      random: this.random,
      zone: 'Asia/Shanghai',
      link: () => null,
      onEnded: () => this.ended(),
    });
  }
}

/** Attempts by id, in the order of arrival. */
export function attemptsOf({ received }: Pick<Receiver, 'received'>): Map<string, number[]> {
  const attempts = new Map<string, number[]>();
  for (const { headers } of received) {
    const id = String(headers['webhook-id']);
    attempts.set(id, [...(attempts.get(id) ?? []), Number(headers['fenghuo-attempt'])]);
  }
  return attempts;
}

/** Ids that came more than once without all but the first saying that they are retries. */
export function unmarked(receiver: Pick<Receiver, 'received'>): string[] {
  return [...attemptsOf(receiver)].flatMap(([id, attempts]) =>
    attempts.some((attempt, index) => index > 0 && attempt <= (attempts[index - 1] ?? 1)) ? [id] : [],
  );
}

// Deliver: hands recorded deliveries to their channels, tells the inbox, takes a checkpoint.
import type { ResultRecord } from '../alerts/inbox.js';
import type { PlannedDelivery } from '../alerts/messages.js';
import { CodedError } from '../events/coded-error.js';
import type { Channel } from '../ports/channel.js';
import type { Logs } from '../ports/log.js';
import type { StateStore } from '../ports/state.js';
import type { DeliveryRecord } from './alert-round.js';
import { CheckpointCursor, NO_CHANGES, decodeJson, encodeJson, type Probe } from './checkpoint.js';
import { OriginFilter, type Origins } from './origins.js';

export interface DeliverOptions {
  readonly logs: Logs;
  readonly state: StateStore;
  readonly channels: ReadonlyMap<string, Channel>;
  readonly nonce: () => string;
  readonly probe: Probe;
  readonly batch: number;
}

interface Meta {
  readonly offset: number;
  readonly origins: Origins;
}

/** Thrown when a channel did not take a batch; the batch stays, and the caller tries again later. */
export class DeliveryError extends CodedError {
  constructor(
    readonly channel: string,
    readonly reason: string,
    readonly retriable: boolean,
  ) {
    super('DELIVERY_FAILED', `Channel ${channel}: ${reason}.`);
    this.name = 'DeliveryError';
  }
}

export class Deliver {
  private readonly cursor: CheckpointCursor<Meta>;
  private meta: Meta = { offset: 0, origins: {} };

  constructor(private readonly options: DeliverOptions) {
    this.cursor = new CheckpointCursor<Meta>(options.state, 'deliver/0', options.nonce);
  }

  /** Deliveries below it were taken by their channels. */
  get position(): number {
    return this.meta.offset;
  }

  async open(): Promise<void> {
    this.meta = (await this.cursor.load()) ?? this.meta;
  }

  /** Sends one batch. @returns its size. @throws DeliveryError where a channel refuses */
  async run(): Promise<number> {
    const { logs, batch, probe } = this.options;
    const stored = await logs.deliveries.read(0, this.meta.offset, batch);
    if (stored.length === 0) return 0;
    const filter = new OriginFilter(this.meta.origins);
    const recorded = stored.map(({ value }) => decodeJson<DeliveryRecord>(value));
    const planned = recorded.filter(({ origin }) => filter.admit(origin)).map(({ delivery }) => delivery);
    probe('before-send');
    for (const [name, deliveries] of groupBy(planned, (delivery) => delivery.channel)) {
      const result = await this.send(name, deliveries);
      if (!result.ok) throw new DeliveryError(name, result.reason, result.retriable);
    }
    probe('after-send');
    if (planned.length > 0) await logs.inbox.append(0, resultsOf(planned).map(encodeJson));
    const meta = { offset: this.meta.offset + stored.length, origins: filter.origins };
    await this.cursor.commit(meta, NO_CHANGES);
    this.meta = meta;
    return stored.length;
  }

  private async send(name: string, deliveries: readonly PlannedDelivery[]) {
    const channel = this.options.channels.get(name);
    if (channel === undefined) return { ok: false, reason: 'CHANNEL_UNKNOWN', retriable: false } as const;
    return channel.send(deliveries);
  }
}

/** One message may stand for many, of several warnings; each of these hears of it. */
function resultsOf(planned: readonly PlannedDelivery[]): ResultRecord[] {
  const taken = planned.flatMap(({ warning, id, at, covers = [{ warning, id }] }) =>
    covers.map((covered) => ({ ...covered, at })),
  );
  return [...groupBy(taken, ({ warning }) => warning)].map(([warning, messages]) => ({
    kind: 'delivered',
    at: Math.max(...messages.map(({ at }) => at)),
    warning,
    deliveries: messages.map(({ id }) => id),
  }));
}

function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
}

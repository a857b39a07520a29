// Alert: reads the inbox, steps the alert machine, records each delivery before it is made, takes a checkpoint.
import type { InboxRecord, Origin, WarningRecord } from '../alerts/inbox.js';
import { AlertMachine, type AlertState, type PlannedDelivery } from '../alerts/machine.js';
import { Recent } from '../events/recent.js';
import { rank } from '../model/model.js';
import type { RuleSet } from '../model/ruleset.js';
import type { Logs } from '../ports/log.js';
import type { StateStore } from '../ports/state.js';
import { CheckpointCursor, decodeJson, encodeJson, withField, type Probe } from './checkpoint.js';
import { OriginFilter, type Origins } from './origins.js';

export interface AlertOptions {
  readonly rules: RuleSet;
  readonly logs: Logs;
  readonly state: StateStore;
  readonly nonce: () => string;
  readonly probe: Probe;
  readonly batch: number;
}

interface Meta {
  readonly offset: number;
  readonly origins: Origins;
  /** Warnings whose level is not none. */
  readonly current: number;
}

/** A delivery in its log, recorded before it is made. */
export interface DeliveryRecord {
  readonly origin: Origin;
  readonly delivery: PlannedDelivery;
}

export const ALERT_NAMESPACE = 'alert/0';

/** States kept at hand: a warning that was raised is soon told of its deliveries. */
const STATES_KEPT = 1_000;

export class Alert {
  private readonly cursor: CheckpointCursor<Meta>;
  private readonly machine: AlertMachine;
  private meta: Meta = { offset: 0, origins: {}, current: 0 };
  /** As the last checkpoint left them. */
  private recent = new Recent<string, AlertState>(STATES_KEPT);
  /** Records of the inbox as its log holds them, for as long as they are in memory. */
  private readonly stored = new WeakMap<WarningRecord, Uint8Array>();

  constructor(private readonly options: AlertOptions) {
    this.cursor = new CheckpointCursor<Meta>(options.state, ALERT_NAMESPACE, options.nonce);
    this.machine = new AlertMachine(options.rules);
  }

  get position(): number {
    return this.meta.offset;
  }

  /** Warnings that stand now. */
  get current(): number {
    return this.meta.current;
  }

  async open(): Promise<void> {
    this.recent = new Recent(STATES_KEPT);
    this.meta = (await this.cursor.load()) ?? this.meta;
  }

  /** Steps one batch. @returns the number of records stepped */
  async run(): Promise<number> {
    const { logs, batch } = this.options;
    const stored = await logs.inbox.read(0, this.meta.offset, batch);
    if (stored.length === 0) return 0;
    const filter = new OriginFilter(this.meta.origins);
    const records: { readonly offset: number; readonly record: InboxRecord }[] = [];
    for (const { offset, value } of stored) {
      const record = decodeJson<InboxRecord>(value);
      if (record.kind === 'warning') {
        if (!filter.admit(record.origin)) continue;
        this.stored.set(record, value);
      }
      records.push({ offset, record });
    }
    const { states, changes, deliveries, notes, current } = await this.step(records);
    if (deliveries.length > 0) await logs.deliveries.append(0, deliveries.map(encodeJson));
    if (notes.length > 0) await logs.operator.append(0, notes.map(encodeJson));
    this.options.probe('before-checkpoint');
    const meta = { offset: this.meta.offset + stored.length, origins: filter.origins, current };
    await this.cursor.commit(meta, { records: changes });
    this.meta = meta;
    for (const [warning, state] of states) if (state !== undefined) this.recent.set(warning, state);
    this.options.probe('after-checkpoint');
    return stored.length;
  }

  private async step(records: readonly { readonly offset: number; readonly record: InboxRecord }[]) {
    const states = await this.load(records.map(({ record }) => record));
    const before = new Map([...states].map(([warning, state]) => [warning, state && indexName(state)]));
    const deliveries: DeliveryRecord[] = [];
    const notes: unknown[] = [];
    for (const { offset, record } of records) {
      const warning = warningOf(record);
      const { state, outputs } = this.machine.step(states.get(warning), record);
      states.set(warning, state);
      let ordinal = 0;
      const origin = () => ({ source: 'inbox/0', offset, ordinal: ordinal++ });
      for (const delivery of outputs.deliveries) deliveries.push({ origin: origin(), delivery });
      for (const note of outputs.notes) {
        const alert = { kind: 'operator', ...note, clock: record.at, model: null, key: null, count: 1 };
        notes.push({ origin: origin(), alert });
      }
    }
    const { changes, current } = this.changesOf(states, before);
    return { states, changes, deliveries, notes, current };
  }

  /** The records that the batch changed, the list of current warnings among them. */
  private changesOf(
    states: ReadonlyMap<string, AlertState | undefined>,
    before: ReadonlyMap<string, string | null | undefined>,
  ) {
    const changes = new Map<string, Uint8Array | null>();
    let { current } = this.meta;
    for (const [warning, state] of states) {
      if (state === undefined) continue;
      const was = before.get(warning) ?? null;
      const now = indexName(state);
      changes.set(recordName(warning), this.encode(state));
      if (was !== null && was !== now) changes.set(was, null);
      if (now !== null) changes.set(now, new Uint8Array([1]));
      current += (now === null ? 0 : 1) - (was === null ? 0 : 1);
    }
    return { changes, current };
  }

  /** A state as it is stored. Most of it is its newest record, which is there as bytes already. */
  private encode(state: AlertState): Uint8Array {
    const { latest, ...rest } = state;
    const bytes = this.stored.get(latest);
    return bytes === undefined ? encodeJson(state) : withField(rest, 'latest', bytes);
  }

  private async load(records: readonly InboxRecord[]): Promise<Map<string, AlertState | undefined>> {
    const states = new Map<string, AlertState | undefined>();
    for (const record of records) states.set(warningOf(record), this.recent.get(warningOf(record)));
    const missing = [...states.keys()].filter((warning) => states.get(warning) === undefined);
    const stored = await this.options.state.load(ALERT_NAMESPACE, missing.map(recordName));
    for (const [index, warning] of missing.entries()) {
      const bytes = stored[index];
      if (bytes !== undefined) states.set(warning, decodeJson<AlertState>(bytes));
    }
    return states;
  }
}

function warningOf(record: InboxRecord): string {
  return record.kind === 'warning' ? record.transition.warning : record.warning;
}

function recordName(warning: string): string {
  return `w/${warning}`;
}

const LATEST = 9_999_999_999_999;

/** Current warnings are listed gravest first, then newest first: the name sorts so. */
function indexName(state: AlertState): string | null {
  if (state.level === 'none') return null;
  const newestFirst = String(LATEST - state.raised).padStart(13, '0');
  return `c/${9 - rank(state.level)}/${newestFirst}/${state.warning}`;
}

/** What the HTTP front and the summary read of the alert side's state. */
export class WarningBook {
  constructor(private readonly state: StateStore) {}

  /** A page of current warnings, gravest and newest first. */
  async list(offset: number, limit: number): Promise<AlertState[]> {
    const names: string[] = [];
    let after = '';
    while (names.length < offset + limit) {
      const page = await this.state.keys(ALERT_NAMESPACE, 'c/', after, 1000);
      names.push(...page);
      const last = page[page.length - 1];
      if (page.length < 1000 || last === undefined) break;
      after = last;
    }
    const warnings = names.slice(offset, offset + limit).map((name) => name.slice(name.lastIndexOf('/') + 1));
    const stored = await this.state.load(ALERT_NAMESPACE, warnings.map(recordName));
    return stored.flatMap((bytes) => (bytes === undefined ? [] : [decodeJson<AlertState>(bytes)]));
  }

  /** One warning, current or past. */
  async get(warning: string): Promise<AlertState | undefined> {
    const [bytes] = await this.state.load(ALERT_NAMESPACE, [recordName(warning)]);
    return bytes === undefined ? undefined : decodeJson<AlertState>(bytes);
  }
}

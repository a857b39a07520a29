// Alert: reads the inbox, steps the alert machine, records each delivery before it is made, takes a checkpoint.
import type { InboxRecord, Origin, WarningRecord } from '../alerts/inbox.js';
import { AlertMachine, type AlertOutputs, type AlertState, type PlannedDelivery } from '../alerts/machine.js';
import { Silence, type SilencePlain } from '../alerts/silence.js';
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
  /** Sources that are silent. */
  readonly silence: SilencePlain;
  /** A source that spoke again, until all that rested on its silence has been looked at; null for none. */
  readonly release: Release | null;
  /** Warnings that departments have not been told of. */
  readonly withheld: number;
}

interface Release {
  readonly source: string;
  /** When it spoke again. */
  readonly at: number;
  /** Offset in the inbox of the record that says so, and the ordinal of the next output because of it. */
  readonly offset: number;
  readonly ordinal: number;
}

const START: Meta = { offset: 0, origins: {}, current: 0, silence: {}, release: null, withheld: 0 };

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
  private meta: Meta = START;
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

  /** Warnings that are withheld now. */
  get withheld(): number {
    return this.meta.withheld;
  }

  /** Sources that are silent now. */
  get silentSources(): number {
    return Object.keys(this.meta.silence).length;
  }

  async open(): Promise<void> {
    this.recent = new Recent(STATES_KEPT);
    // A checkpoint of a former build knows of no silence.
    this.meta = { ...this.meta, ...(await this.cursor.load()) };
  }

  /** Steps one batch. @returns the number of records stepped */
  async run(): Promise<number> {
    const { logs, batch } = this.options;
    if (this.meta.release !== null) return this.release(this.meta.release);
    const stored = await logs.inbox.read(0, this.meta.offset, batch);
    if (stored.length === 0) return 0;
    const records = stored.map(({ offset, value }) => {
      const record = decodeJson<InboxRecord>(value);
      if (record.kind === 'warning') this.stored.set(record, value);
      return { offset, record };
    });
    const round = await this.begin(records.map(({ record }) => warningOf(record)));
    const filter = new OriginFilter(this.meta.origins);
    const silence = new Silence(this.meta.silence);
    let release: Release | null = null;
    let { offset: next } = this.meta;
    for (const { offset, record } of records) {
      next = offset + 1;
      if (record.kind === 'warning' && !filter.admit(record.origin)) continue;
      const warning = warningOf(record);
      const { state, outputs } = this.machine.step(round.states.get(warning), record, silence);
      round.states.set(warning, state);
      const ordinal = round.take(outputs, { offset, ordinal: 0, at: record.at });
      const spoke = record.kind === 'warning' ? silence.hear(record.transition) : null;
      if (spoke === null) continue;
      // What comes after is stepped once all that was withheld has been looked at.
      release = { source: spoke, at: record.at, offset, ordinal };
      break;
    }
    await this.finish(round, { offset: next, origins: filter.origins, silence: silence.plain, release });
    return records.length;
  }

  /** Looks at one batch of what rested on a source that speaks again. */
  private async release(release: Release): Promise<number> {
    const { state, batch } = this.options;
    const prefix = withheldPrefix(release.source);
    const names = await state.keys(ALERT_NAMESPACE, prefix, '', batch);
    const round = await this.begin(names.map((name) => name.slice(prefix.length)));
    const silence = new Silence(this.meta.silence);
    let { ordinal } = release;
    for (const [warning, known] of round.states) {
      if (known === undefined) continue;
      const { state: after, outputs } = this.machine.release(known, release.at, silence);
      round.states.set(warning, after);
      ordinal = round.take(outputs, { ...release, ordinal });
    }
    await this.finish(round, { release: names.length < batch ? null : { ...release, ordinal } });
    return 1;
  }

  private async begin(warnings: readonly string[]): Promise<Round> {
    const states = await this.load([...new Set(warnings)]);
    return new Round(states, (state) => this.encode(state));
  }

  /** Writes what a round says, each durable before the checkpoint that says so. */
  private async finish(round: Round, place: Partial<Meta>): Promise<void> {
    const { logs, probe } = this.options;
    const { deliveries, notes } = round;
    if (deliveries.length > 0) await logs.deliveries.append(0, deliveries.map(encodeJson));
    if (notes.length > 0) await logs.operator.append(0, notes.map(encodeJson));
    probe('before-checkpoint');
    const { changes, current, withheld } = round.changes();
    const meta = {
      ...this.meta,
      ...place,
      current: this.meta.current + current,
      withheld: this.meta.withheld + withheld,
    };
    await this.cursor.commit(meta, { records: changes });
    this.meta = meta;
    for (const [warning, state] of round.states) if (state !== undefined) this.recent.set(warning, state);
    probe('after-checkpoint');
  }

  /** A state as it is stored. Most of it is its newest record, which is there as bytes already. */
  private encode(state: AlertState): Uint8Array {
    const { latest, ...rest } = state;
    const bytes = this.stored.get(latest);
    return bytes === undefined ? encodeJson(state) : withField(rest, 'latest', bytes);
  }

  private async load(warnings: readonly string[]): Promise<Map<string, AlertState | undefined>> {
    const states = new Map<string, AlertState | undefined>();
    for (const warning of warnings) states.set(warning, this.recent.get(warning));
    const missing = warnings.filter((warning) => states.get(warning) === undefined);
    const stored = await this.options.state.load(ALERT_NAMESPACE, missing.map(recordName));
    for (const [index, warning] of missing.entries()) {
      const bytes = stored[index];
      if (bytes !== undefined) states.set(warning, decodeJson<AlertState>(bytes));
    }
    return states;
  }
}

/** What the inbox says in one round, until its checkpoint. */
class Round {
  readonly deliveries: DeliveryRecord[] = [];
  readonly notes: unknown[] = [];
  private readonly before: ReadonlyMap<string, Names>;

  constructor(
    readonly states: Map<string, AlertState | undefined>,
    private readonly encode: (state: AlertState) => Uint8Array,
  ) {
    this.before = new Map([...states].map(([warning, state]) => [warning, namesOf(state)]));
  }

  /** Takes outputs of a record. @returns the ordinal of the next one because of it */
  take({ deliveries, notes }: AlertOutputs, place: Omit<Release, 'source'>): number {
    let { ordinal } = place;
    const origin = () => ({ source: 'inbox/0', offset: place.offset, ordinal: ordinal++ });
    for (const delivery of deliveries) this.deliveries.push({ origin: origin(), delivery });
    for (const note of notes) {
      const alert = { kind: 'operator', ...note, clock: place.at, model: null, key: null, count: 1 };
      this.notes.push({ origin: origin(), alert });
    }
    return ordinal;
  }

  /** The records that changed, the lists of warnings among them, and how many more those have. */
  changes() {
    const records = new Map<string, Uint8Array | null>();
    let current = 0;
    let withheld = 0;
    for (const [warning, state] of this.states) {
      if (state === undefined) continue;
      const was = this.before.get(warning) ?? namesOf(undefined);
      const now = namesOf(state);
      records.set(recordName(warning), this.encode(state));
      for (const name of [...was.current, ...was.withheld]) records.set(name, null);
      for (const name of [...now.current, ...now.withheld]) records.set(name, LISTED);
      current += now.current.length - was.current.length;
      withheld += Math.min(1, now.withheld.length) - Math.min(1, was.withheld.length);
    }
    return { changes: records, current, withheld };
  }
}

const LISTED = new Uint8Array([1]);

/** Under which names a warning is listed. */
interface Names {
  /** One where its level is not none. */
  readonly current: readonly string[];
  /** One for each silent source that it waits for. */
  readonly withheld: readonly string[];
}

function namesOf(state: AlertState | undefined): Names {
  const current = state === undefined ? null : indexName(state);
  const sources = state?.withheld?.sources ?? [];
  return {
    current: current === null ? [] : [current],
    withheld: sources.map((source) => withheldPrefix(source) + (state?.warning ?? '')),
  };
}

/** Before the ids of the warnings that rest on a source; it holds no space itself. */
function withheldPrefix(source: string): string {
  return `h/${source} `;
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

// Alert: reads the inbox, steps the alert machine, records each delivery before it is made, takes a checkpoint.
import { bulletinDeliveries } from '../alerts/bulletin.js';
import type { BulletinRecord, CaseRecord, InboxRecord, MarkRecord, UnmuteRecord } from '../alerts/inbox.js';
import { isStandingTask } from '../alerts/joint-task.js';
import { AlertMachine } from '../alerts/machine.js';
import { Posts } from '../alerts/posts.js';
import { muteSource, Silence, type Mute } from '../alerts/silence.js';
import { takenIn } from '../alerts/taken.js';
import { withheldIn } from '../alerts/withholding.js';
import type { Transition } from '../engine/output.js';
import type { WarningLevel } from '../model/model.js';
import type { RuleSet } from '../model/ruleset.js';
import type { Logs } from '../ports/log.js';
import type { StateStore } from '../ports/state.js';
import { countLevels, levelsAfter, levelsIn } from './alert-levels.js';
import { START, type AlertMeta, type Release } from './alert-meta.js';
import {
  ALERT_NAMESPACE,
  BULLETIN_PREFIX,
  bulletinName,
  MUTE_PREFIX,
  muteName,
  withheldPrefix,
} from './alert-names.js';
import { Places } from './alert-places.js';
import { Round } from './alert-round.js';
import { CheckpointCursor, encodeJson, type Probe } from './checkpoint.js';
import { dueTimers } from './due.js';
import { OriginFilter } from './origins.js';
import { handedOn, handOn } from './recent-log.js';
import { rulesNamed } from './running-rules.js';
import { StoredCases } from './stored-cases.js';
import { storedRecords } from './stored-names.js';
import { StoredQueues } from './stored-queues.js';

export interface AlertOptions {
  /** What runs until the inbox names other rules. */
  readonly rules: RuleSet;
  /** The rules of a revision that the inbox may name; undefined for one that is not at hand. */
  readonly rulesOf?: (revision: string) => Promise<RuleSet | undefined>;
  readonly logs: Logs;
  readonly state: StateStore;
  readonly nonce: () => string;
  readonly probe: Probe;
  readonly batch: number;
  /** Every warning before this instant, epoch ms, is in the inbox; deadlines pass as it does. */
  readonly clock: () => number;
}

/** Warnings that fall due in one round. */
const DUE_PER_ROUND = 1_000;
const LISTED_PAGE = 100;

interface Read {
  readonly offset: number;
  readonly record: InboxRecord;
}

/** What others see of the alert side, in whatever process it runs. */
export type AlertView = Pick<Alert, 'position' | 'current' | 'silences' | 'passed'>;

export class Alert {
  private readonly cursor: CheckpointCursor<AlertMeta>;
  private rules: RuleSet;
  private machine: AlertMachine;
  private posts: Posts;
  private queues: StoredQueues;
  /** The silences that were ordered and have not ended. */
  private mutes = new Map<string, Mute>();
  /** Bulletins that were told. */
  private told = new Set<string>();
  private meta: AlertMeta = START;
  private cases: StoredCases;
  /** Who waits for a record of the inbox to be decided. */
  private readonly missedCounts = new Map<string, number>();
  private waiting: { readonly offset: number; readonly done: () => void }[] = [];

  constructor(private readonly options: AlertOptions) {
    this.cursor = new CheckpointCursor<AlertMeta>(options.state, ALERT_NAMESPACE, options.nonce);
    this.rules = options.rules;
    this.machine = new AlertMachine(options.rules);
    this.posts = new Posts(options.rules.catalogue, new Map());
    this.queues = new StoredQueues(options.state);
    this.cases = new StoredCases(options.state, options.rules.catalogue);
  }

  /** The rules in force at its position. */
  get inForce(): RuleSet {
    return this.rules;
  }

  get position(): number {
    return this.meta.offset;
  }

  /** Warnings that stand now. */
  get current(): number {
    return this.meta.current;
  }

  /** Warnings that stand now, by level. */
  get levels(): ReadonlyMap<WarningLevel, number> {
    return levelsIn(this.meta.levels);
  }

  /** Deadlines that passed since the start, by kind. */
  get missed(): ReadonlyMap<string, number> {
    return this.missedCounts;
  }

  /** Warnings that are withheld now. */
  get withheld(): number {
    return this.meta.withheld;
  }

  /** The silences that were ordered and have not ended. */
  get silences(): readonly Mute[] {
    return [...this.mutes.values()];
  }

  /** Sources that are silent now. */
  get silentSources(): number {
    return Object.keys(this.meta.silence).length;
  }

  async open(): Promise<void> {
    // A checkpoint of a former build knows of no silence.
    this.meta = { ...this.meta, ...(await this.cursor.load()) };
    const { revision } = this.meta;
    if (revision !== undefined) this.rules = await rulesNamed(this.options, revision);
    this.machine = new AlertMachine(this.rules);
    this.cases = new StoredCases(this.options.state, this.rules.catalogue);
    this.queues = new StoredQueues(this.options.state);
    this.posts = new Posts(this.rules.catalogue, await this.queues.load());
    this.told = new Set(await this.listed<string>(BULLETIN_PREFIX));
    this.meta = { ...this.meta, levels: this.meta.levels ?? (await countLevels(this.options.state)) };
    this.mutes = new Map((await this.listed<Mute>(MUTE_PREFIX)).map((mute) => [mute.id, mute]));
  }

  /** Resolves once the record at an offset of the inbox is decided and the checkpoint says so. */
  async passed(offset: number): Promise<void> {
    if (this.meta.offset > offset) return;
    await new Promise<void>((done) => this.waiting.push({ offset, done }));
  }

  /** Steps one batch. @returns the number of records stepped */
  async run(): Promise<number> {
    const { logs, batch } = this.options;
    if (this.meta.release !== null) return this.release(this.meta.release);
    const stored = await logs.inbox.read(0, this.meta.offset, batch);
    if (stored.length === 0) return this.mark();
    const records = stored.map(({ offset, value }): Read => {
      const record = handedOn<InboxRecord>(value);
      if (record.kind === 'warning') this.cases.heard(record, value);
      return { offset, record };
    });
    const horizon = records.reduce((latest, { record }) => Math.max(latest, instantOf(record)), this.clock);
    const { timers, until } = await this.dueBy(horizon);
    const beyond = until === null ? -1 : records.findIndex(({ record }) => instantOf(record) > until);
    const within = beyond < 0 ? records : records.slice(0, beyond);
    const named = within.flatMap(({ record }) => (isOfWarning(record) ? warningsOf(record) : []));
    const transitions = within.flatMap(({ record }) =>
      record.kind === 'warning' ? [record.transition] : [],
    );
    const places = await Places.load(this.options.state, transitions);
    const round = await this.begin([...timers.map(({ key }) => key), ...named, ...places.taskWarnings]);
    if (within.length > 0) return this.stepAll(round, within, places);
    const clock = Math.max(this.clock, until ?? this.clock);
    round.fallDue(clock, this.meta.offset);
    await this.finish(round, { ordinal: round.ordinal, clock });
    return 1;
  }

  private get clock(): number {
    return this.meta.clock ?? -Infinity;
  }

  private dueBy(horizon: number) {
    return dueTimers(this.options.state, ALERT_NAMESPACE, horizon, DUE_PER_ROUND);
  }

  /** Lets time pass in the inbox where something falls due by it, and not otherwise. */
  private async mark(): Promise<number> {
    const at = this.options.clock() - 1;
    if (!(at > this.clock)) return 0;
    const { timers } = await this.dueBy(at);
    const over = [...this.mutes.values()].filter(({ until }) => until <= at);
    if (timers.length === 0 && this.posts.next > at && over.length === 0) return 0;
    const ends = over.map(({ id, until }): UnmuteRecord => ({ kind: 'unmute', at: until, id, by: null }));
    const mark: MarkRecord = { kind: 'mark', at };
    await this.options.logs.inbox.append(0, [...ends, mark].map(encodeJson));
    return 1;
  }

  private async stepAll(round: Round, records: readonly Read[], places: Places): Promise<number> {
    const filter = new OriginFilter(this.meta.origins);
    const silence = this.silence(places.reds);
    let { clock } = this;
    let release: Release | null = null;
    let { revision } = this.meta;
    let next = this.meta.offset;
    for (const { offset, record } of records) {
      next = offset + 1;
      clock = Math.max(clock, instantOf(record));
      round.fallDue(clock, offset);
      const sources = this.stepOne(round, { offset, record }, clock, { filter, silence, places });
      if (sources.length > 0) release = { sources, at: record.at, offset, ordinal: round.ordinal };
      round.ordinal = 0;
      // What comes after is stepped once all that waited has been looked at, and with the silences that are now.
      if (release !== null || record.kind === 'mute') break;
      if (record.kind !== 'rules' || !filter.admit(record.origin)) continue;
      revision = record.revision;
      break;
    }
    for (const [name, warnings] of places.changes()) round.keep(name, warnings);
    const place = { offset: next, ordinal: 0, clock: Number.isFinite(clock) ? clock : null };
    const named = revision === undefined ? {} : { revision };
    const before = this.meta.revision;
    await this.finish(round, {
      ...place,
      ...named,
      origins: filter.origins,
      silence: silence.plain,
      release,
    });
    // What comes after is stepped under these.
    if (revision !== before) await this.open();
    return next - (records[0]?.offset ?? next);
  }

  private silence(reds?: Map<string, readonly string[]>): Silence {
    const { catalogue } = this.rules;
    return new Silence(this.meta.silence, {
      mutes: this.mutes.values(),
      ...(reds === undefined ? {} : { reds }),
      inhibited: catalogue.push.inhibit,
      domainOf: (item) => catalogue.items.get(item)?.domain,
    });
  }

  /** @returns what nothing waits for any more */
  private stepOne(
    round: Round,
    { offset, record }: Read,
    clock: number,
    { filter, silence, places }: { filter: OriginFilter; silence: Silence; places: Places },
  ): readonly string[] {
    if (record.kind === 'mute') this.mute(round, record.mute);
    if (record.kind === 'unmute') return this.unmute(round, record.id);
    if (record.kind === 'bulletin') this.tell(round, record, { offset, at: clock });
    if (!isOfWarning(record) || (record.kind === 'warning' && !filter.admit(record.origin))) return [];
    const warning = warningOf(record);
    const before = round.state(warning);
    const stepped = this.machine.step(before, record, silence, clock, (id) => round.state(id));
    const taken = record.kind === 'action' ? takenIn(before, stepped.state) : null;
    // A record of the inbox is one action at most, and counts apart from what is sent because of it.
    if (taken !== null) round.taken.push({ origin: { source: 'inbox/0', offset, ordinal: 0 }, taken });
    round.take(warning, stepped, { offset, at: record.kind === 'warning' ? record.at : clock });
    if (record.kind !== 'warning') return [];
    const withholding = withheldIn(before, stepped.state);
    if (withholding !== null) round.withhold(withholding, offset);
    this.joinTasks(round, places, record.transition, { offset, at: record.at });
    return silence.hear(record.transition);
  }

  /** Keeps the list of tasks on a key that stand, and lets the warning join those that are open. */
  private joinTasks(
    round: Round,
    places: Places,
    transition: Transition,
    place: { readonly offset: number; readonly at: number },
  ): void {
    // One that was closed is never heard of again; those that stand must have the room.
    places.keepTasks(transition, (warning) => {
      const listed = round.state(warning);
      return listed === undefined || isStandingTask(listed);
    });
    const state = round.state(transition.warning);
    if (state !== undefined) places.list(transition, isStandingTask(state));
    // Who was drawn is inspected for that, whatever else is under way.
    for (const warning of transition.draw === undefined ? places.tasksOn(transition) : []) {
      const task = round.state(warning);
      if (task === undefined || warning === transition.warning) continue;
      const stepped = this.machine.join(task, transition, place.at);
      if (stepped.state !== task) round.take(warning, stepped, place);
    }
  }

  private mute(round: Round, mute: Mute): void {
    this.mutes.set(mute.id, mute);
    round.keep(muteName(mute.id), mute);
  }

  private tell(round: Round, bulletin: BulletinRecord, place: { offset: number; at: number }): void {
    if (this.told.has(bulletin.id)) return;
    this.told.add(bulletin.id);
    round.keep(bulletinName(bulletin.id), bulletin.id);
    const deliveries = bulletinDeliveries(bulletin, this.rules.catalogue, place.at);
    round.say({ deliveries, notes: [] }, place);
  }

  private unmute(round: Round, id: string): readonly string[] {
    if (!this.mutes.delete(id)) return [];
    round.keep(muteName(id), null);
    return [muteSource(id)];
  }

  /** Looks at one batch of what waited for something that is gone. */
  private async release(release: Release): Promise<number> {
    const { state, batch } = this.options;
    const [source = '', ...others] = release.sources;
    const prefix = withheldPrefix(source);
    const names = await state.keys(ALERT_NAMESPACE, prefix, '', batch);
    const round = await this.begin(names.map((name) => name.slice(prefix.length)));
    round.ordinal = release.ordinal;
    const silence = this.silence();
    for (const known of round.known) {
      const { warning } = known;
      round.take(warning, this.machine.release(known, source, release.at, silence), release);
    }
    const { ordinal } = round;
    const left = names.length < batch ? others : release.sources;
    await this.finish(round, { release: left.length === 0 ? null : { ...release, sources: left, ordinal } });
    return 1;
  }

  private async begin(warnings: readonly string[]): Promise<Round> {
    const states = await this.cases.load([...new Set(warnings)]);
    return new Round(states, this.machine, this.posts, this.cases, this.queues, this.meta.ordinal);
  }

  /** Writes what a round says, each durable before the checkpoint that says so. */
  private async finish(round: Round, place: Partial<AlertMeta>): Promise<void> {
    const { logs, probe } = this.options;
    const { deliveries, notes, taken, withheld: untold, standings } = round;
    await this.cursor.verify();
    if (deliveries.length > 0) await logs.deliveries.append(0, deliveries.map(handOn));
    if (taken.length > 0) await logs.actions.append(0, taken.map(encodeJson));
    if (untold.length > 0) await logs.withheld.append(0, untold.map(encodeJson));
    if (standings.length > 0) await logs.cases.append(0, standings.map(encodeJson));
    if (notes.length > 0) await logs.operator.append(0, notes.map(encodeJson));
    probe('before-checkpoint');
    const { current, withheld, levels, ...changes } = round.changes();
    const meta = {
      ...this.meta,
      ...place,
      current: this.meta.current + current,
      withheld: this.meta.withheld + withheld,
      levels: levelsAfter(this.meta.levels, levels),
    };
    await this.cursor.commit(meta, changes);
    this.meta = meta;
    this.cases.committed(round.changed);
    for (const kind of round.missed) this.missedCounts.set(kind, (this.missedCounts.get(kind) ?? 0) + 1);
    probe('after-checkpoint');
    const decided = this.waiting.filter(({ offset }) => offset < this.meta.offset);
    this.waiting = this.waiting.filter(({ offset }) => offset >= this.meta.offset);
    for (const { done } of decided) done();
  }

  /** The records whose names begin so. */
  private async listed<T>(prefix: string): Promise<T[]> {
    const found: T[] = [];
    const records = storedRecords<T>(this.options.state, ALERT_NAMESPACE, prefix, LISTED_PAGE);
    for await (const [, record] of records) found.push(record);
    return found;
  }
}

/** Up to when time has passed by a record; the result of a channel says nothing of it. */
function instantOf(record: InboxRecord): number {
  return record.kind === 'delivered' || record.kind === 'undeliverable' ? -Infinity : record.at;
}

const OF_NO_WARNING: readonly InboxRecord['kind'][] = ['mark', 'mute', 'unmute', 'bulletin', 'rules'];

function isOfWarning(record: InboxRecord): record is CaseRecord {
  return !OF_NO_WARNING.includes(record.kind);
}

/** The warning that a record is of, and the one that its action names. */
function warningsOf(record: CaseRecord): string[] {
  const act = record.kind === 'action' ? record.act : null;
  const into = act?.type === 'feedback' ? act.into : undefined;
  return [warningOf(record), ...(into === undefined ? [] : [into])];
}

function warningOf(record: CaseRecord): string {
  return record.kind === 'warning' ? record.transition.warning : record.warning;
}

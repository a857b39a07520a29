// The judge of the strata: every stratum at every instant, its figures recomputed from all that it ever heard.
import { createHash } from 'node:crypto';
import type { Event, Json, JsonObject, LogRecord } from '../../src/events/event.js';
import { isFact, ledgerOf, profileFrom, type Deed } from './ledger.js';
import { Holding, moveLevels, type Entry } from './strata-holding.js';
import { text, type Known, type ReferenceIndicator, type Seen, type StrataModel } from './strata-model.js';
import { LEADS } from './strata-models.js';
import { spanOf } from './strata-sequences.js';

/** One change of the level shown, as the engine must report it. */
export interface Said {
  readonly model: string;
  readonly key: string;
  readonly clock: number;
  readonly level: string;
  readonly previous: string;
  readonly reason: string;
  readonly raised: number;
  readonly quiet: boolean;
  readonly figures: { readonly [name: string]: Json };
  /** Items of the joint task; null for models that have none. */
  readonly items: readonly string[] | null;
}

export interface Judgement {
  readonly said: Said[];
  /**
   * Somewhere something fell due at the very instant at which a quiet warning spoke. Whether what follows is quiet is
   * then not judged: it is live where the engine was woken, and it need not wake for what can change nothing.
   */
  readonly quietIsOpen: boolean;
}

/** A version of a warning on its way to the strata above. */
interface Version {
  readonly warning: string;
  readonly model: StrataModel;
  readonly key: string;
  /** By scope of the reader: decided when the warning was raised. */
  readonly readers: ReadonlyMap<string, string>;
  readonly raised: number;
  readonly clock: number;
  readonly data: JsonObject;
  readonly profile: Known;
  readonly live: boolean;
  /** It does not stand any more, since what it rested on was taken back. */
  readonly withdrawn: boolean;
}

const RANKS = ['none', 'blue', 'yellow', 'orange', 'red'];
const SCOPES = ['subject', 'device', 'place', 'region', 'industry', 'region+industry'];
const isWide = (scope: string) => SCOPES.indexOf(scope) > 2;
const scopeOf = (key: string) => key.slice(0, key.indexOf(':'));
const idOf = (key: string) => key.slice(key.indexOf(':') + 1);

/** The codes of a wide key are all that is known of it. */
function codesOf(key: string): Known {
  const [region, industry] = idOf(key).split('/');
  if (scopeOf(key) === 'region') return { region: region ?? null };
  if (scopeOf(key) === 'industry') return { industry: region ?? null };
  return { region: region ?? null, industry: industry ?? null };
}

/** The key of a scope that a profile points to; null where it points to none. */
function wideKey(scope: string, profile: Known, data: JsonObject): string | null {
  const codes: string[] = [];
  if (scope !== 'industry') codes.push(text(data['region'] ?? profile['region']));
  if (scope !== 'region') codes.push(text(profile['industry']));
  return codes.includes('') ? null : `${scope}:${codes.join('/')}`;
}

/** Which key of a scope hears of something at a key: an event of the log, or a warning. */
function readerOf(scope: string, key: string, profile: Known, stream: string, data: JsonObject) {
  if (isWide(scope)) return wideKey(scope, profile, data);
  const from = scopeOf(key);
  const byOwner =
    scope === 'subject' &&
    from !== 'subject' &&
    (stream === 'warning' || (stream === 'sensor-reading' && from === 'device'));
  if (byOwner) return typeof profile['owner'] === 'string' ? `subject:${profile['owner']}` : null;
  return scope === from ? key : null;
}

/** Runs the log on a grid of instants; every instant at which something can change must be on it. */
export function strataRun(
  log: readonly LogRecord[],
  models: readonly StrataModel[],
  grid: readonly number[],
): Judgement {
  const ledger = ledgerOf(log);
  const gaps = log.flatMap((record) => (record.kind === 'gap' ? [{ from: record.from, to: record.at }] : []));
  const heights = [...new Set(models.map((model) => model.stratum))].sort((a, b) => a - b);
  const floors = heights.map((height) => new Floor(height, models, gaps));
  const said: Said[] = [];
  for (const clock of grid) {
    const deeds = ledger.get(clock) ?? [];
    const versions: Version[] = [];
    for (const floor of floors) versions.push(...floor.live(clock, deeds, versions, said));
  }
  // Evaluations of one instant come in the order of model and key, whatever their strata.
  said.sort((a, b) => a.clock - b.clock || (`${a.model}\n${a.key}` < `${b.model}\n${b.key}` ? -1 : 1));
  return { said, quietIsOpen: floors.some((floor) => floor.quietIsOpen) };
}

/** One stratum: what its keys know, and what its models hold. */
class Floor {
  private readonly models: readonly StrataModel[];
  private readonly joint: ReadonlySet<string>;
  private readonly holdings = new Map<string, Holding>();
  private readonly facts = new Map<string, Event[]>();
  /** What the facts come to. */
  private readonly profiles = new Map<string, Known>();
  private readonly met = new Set<string>();
  private readonly takenAhead = new Set<string>();
  quietIsOpen = false;

  constructor(
    private readonly height: number,
    all: readonly StrataModel[],
    private readonly gaps: readonly { readonly from: number; readonly to: number }[],
  ) {
    this.models = all.filter((model) => model.stratum === height);
    const readsWarnings = (model: StrataModel) =>
      Object.values(model.indicators).some(({ from }) => from.includes('warning'));
    this.joint = new Set(all.filter(readsWarnings).map((model) => model.name));
  }

  /** One instant: first what the strata below said of their warnings, then the records, then the models look. */
  live(clock: number, deeds: readonly Deed[], below: readonly Version[], said: Said[]): Version[] {
    const versions = [...below].sort((a, b) =>
      a.model.name + '\n' + a.key < b.model.name + '\n' + b.key ? -1 : 1,
    );
    for (const version of versions) this.hear(version);
    // Stratum 0 reads the log; to the others the records of one instant come in the order of their ids.
    const inOrder =
      this.height === 0
        ? deeds
        : [...deeds].sort((a, b) => (a.cause < b.cause ? -1 : a.cause > b.cause ? 1 : 0));
    for (const deed of inOrder) this.take(deed, clock);
    const spoken: Version[] = [];
    for (const holding of this.holdings.values()) {
      if (!holding.byLive && !holding.byBackfill && clock < holding.lookAt) continue;
      const version = this.look(holding, clock, said);
      if (version !== null) spoken.push(version);
      holding.byLive = holding.byBackfill = holding.withdrawn = false;
      holding.lookAt = holding.nextLook(clock);
    }
    return spoken;
  }

  private holding(model: StrataModel, key: string): Holding {
    const name = `${model.name}\n${key}`;
    let holding = this.holdings.get(name);
    if (holding === undefined) this.holdings.set(name, (holding = new Holding(model, key)));
    return holding;
  }

  /** A key of a higher stratum keeps what it hears for the longest window there that reads it. */
  private keptMs(scope: string, stream: string): number {
    if (this.height === 0) return Infinity;
    const readers = this.models
      .filter((model) => model.scope === scope)
      .flatMap(({ indicators }) => Object.values(indicators))
      .filter(({ from }) => from.includes(stream));
    return Math.max(...readers.map(spanOf));
  }

  private profile(key: string): Known {
    let known = this.profiles.get(key);
    if (known === undefined) {
      known = isWide(scopeOf(key)) ? codesOf(key) : profileFrom(this.facts.get(key) ?? []);
      this.profiles.set(key, known);
    }
    return known;
  }

  private setFacts(key: string, facts: Event[]): void {
    this.facts.set(key, facts);
    this.profiles.delete(key);
  }

  private ownerOf(key: string): Known {
    const { owner } = this.profile(key);
    return typeof owner === 'string' ? this.profile(`subject:${owner}`) : {};
  }

  private hear(version: Version): void {
    for (const model of this.models) {
      const key = version.readers.get(model.scope);
      if (key === undefined) continue;
      const holding = this.holding(model, key);
      const replaced = holding.remove(version.warning, version.key, version.clock);
      if (replaced) holding.touch(version.live, version.withdrawn);
      if (version.withdrawn) continue;
      const { warning: id, key: from, raised: time, clock: at, data, profile, live } = version;
      this.count(holding, { id, from, time, at, data, stream: 'warning' }, profile, live, at);
    }
  }

  private take(deed: Deed, clock: number): void {
    const { event, what, live } = deed;
    const name = `${event.id}\n${event.key}`;
    if (what === 'taken') {
      // Met only at the same instant, where it comes later in the order of ids.
      if (this.met.has(name)) this.takeOut(event, live, clock);
      else this.takenAhead.add(name);
      return;
    }
    this.met.add(name);
    if (this.takenAhead.has(name)) return;
    const { key, id, time, at, data, stream } = event;
    if (isFact(event)) {
      this.setFacts(key, [...(this.facts.get(key) ?? []), event]);
      this.profileChanged(key, live, false);
    }
    for (const model of this.models) {
      const reader = readerOf(model.scope, key, deed.profile, stream, data);
      if (reader === null) continue;
      const holding = this.holding(model, reader);
      this.count(holding, { id, from: key, time, at, data, stream }, deed.profile, live, clock);
    }
  }

  private takeOut(event: Event, live: boolean, clock: number): void {
    for (const holding of this.holdings.values()) {
      if (holding.remove(event.id, event.key, clock)) holding.touch(live, true);
    }
    if (!isFact(event)) return;
    const facts = this.facts.get(event.key) ?? [];
    this.setFacts(
      event.key,
      facts.filter((one) => one !== event),
    );
    this.profileChanged(event.key, live, true);
  }

  /** Models rest on every fact of a profile that they ask for. */
  private profileChanged(key: string, live: boolean, withdrawn: boolean): void {
    for (const model of this.models) {
      if (model.scope !== scopeOf(key)) continue;
      if (model.readsProfile === true || model.readsOwner === true) {
        this.holding(model, key).touch(live, withdrawn);
      }
    }
    for (const holding of this.holdings.values()) {
      if (holding.model.readsOwner !== true) continue;
      if (`subject:${text(this.profile(holding.key)['owner'])}` === key) holding.touch(live, withdrawn);
    }
  }

  /** Lets an event or a warning count in every window that it belongs to; decided once, now. */
  private count(
    holding: Holding,
    event: Pick<Event, 'id' | 'time' | 'at' | 'data'> & { readonly from: string; readonly stream: string },
    attached: Known,
    live: boolean,
    clock: number,
  ): void {
    const { model, key } = holding;
    const { id, from, data, stream } = event;
    for (const [indicator, rule] of Object.entries(model.indicators)) {
      if (!rule.from.includes(stream)) continue;
      if (stream === 'warning') {
        const source = text(data['model']);
        if (rule.of === undefined ? this.joint.has(source) : !rule.of.includes(source)) continue;
      }
      const placement = rule.basis === 'arrival' ? event.at : event.time;
      // A warning that stands waits for its next version.
      const stands = stream === 'warning' && data['level'] !== 'none';
      const keptUntil = stands ? Infinity : clock + this.keptMs(model.scope, stream);
      const own = this.profile(key);
      const subject = model.readsOwner === true ? this.ownerOf(key) : attached;
      const seen = { data, own, subject };
      const serves = servedBy(rule, stream, seen);
      const entry: Entry = { indicator, id, from, placement, stream, serves, keptUntil, data };
      if (!holding.inWindow(entry, clock)) continue;
      if (rule.sequence === undefined ? rule.where?.(seen) === false : serves.length === 0) continue;
      holding.entries.push(entry);
      holding.touch(live, false);
    }
  }

  private look(holding: Holding, clock: number, said: Said[]): Version | null {
    const { model, key } = holding;
    const own = this.profile(key);
    const owner = model.readsOwner === true ? this.ownerOf(key) : {};
    const inWindow = holding.entries.filter((entry) => holding.inWindow(entry, clock));
    const figures = model.figures({
      data: (indicator) => inWindow.filter((one) => one.indicator === indicator).map(({ data }) => data),
      absent: (indicator) => this.isAbsent(holding, indicator, clock),
      matches: (indicator) => holding.matches(indicator, clock),
    });
    const previous = holding.shown;
    const applies = model.applies?.(own, owner) !== false;
    if (applies) moveLevels(holding, model.levels(figures, own, owner), clock);
    else {
      holding.levels.clear();
      holding.shown = 'none';
    }
    const level = holding.shown;
    if (level === previous) return null;
    const up = RANKS.indexOf(level) > RANKS.indexOf(previous);
    const lower = level === 'none' ? 'cleared' : 'de-escalated';
    const down = !applies ? 'not-applicable' : holding.withdrawn ? 'withdrawn' : lower;
    const reason = !up ? down : previous === 'none' ? 'raised' : 'escalated';
    // Time alone is live; backfilled history is not, unless something live came with it.
    const live = holding.byLive || !holding.byBackfill;
    if (up && !live && holding.lookAt <= clock) this.quietIsOpen = true;
    if (previous === 'none') {
      holding.raised = clock;
      holding.quiet = !live;
      holding.readers = readersOf(key, own);
    } else if (up && live) holding.quiet = false;
    const { raised, quiet, readers } = holding;
    const items = model.task === true ? itemsOf(holding, clock) : null;
    const change = { model: model.name, key, clock, level, previous, reason, raised, quiet };
    said.push({ ...change, figures, items });
    const warning = warningId(model.name, key, raised);
    const data = dataOf(model, key, level);
    const withdrawn = level === 'none' && reason === 'withdrawn';
    return { warning, model, key, readers, raised, clock, data, profile: own, live: !quiet, withdrawn };
  }

  /** Nothing for the span of the window, counted from the last event or the registration; what nobody listened to does not count. */
  private isAbsent({ entries, key, model }: Holding, indicator: string, clock: number): boolean | null {
    const { over } = model.indicators[indicator] as ReferenceIndicator;
    const placements = entries.filter((one) => one.indicator === indicator).map((one) => one.placement);
    const registered = (this.facts.get(key) ?? []).filter(({ stream }) => stream === 'registration');
    const bases = isWide(scopeOf(key)) || registered.length === 0 ? [] : [firstAt(registered)];
    if (placements.length > 0) bases.push(Math.max(...placements));
    if (bases.length === 0) return null;
    const base = Math.max(...bases);
    const unheard = this.gaps.reduce(
      (total, gap) => total + Math.max(0, Math.min(clock, gap.to) - Math.max(base, gap.from)),
      0,
    );
    return clock - base - unheard >= over;
  }
}

/** The steps of a sequence that an event can serve. */
function servedBy({ sequence = [] }: ReferenceIndicator, stream: string, seen: Seen): number[] {
  return [...sequence.entries()]
    .filter(([, { from, where }]) => from.includes(stream) && where?.(seen) !== false)
    .map(([step]) => step);
}

/** What the warnings that the figures rest on ask for. */
function itemsOf(holding: Holding, clock: number): string[] {
  const bases = Object.keys(holding.model.indicators).flatMap((name) => holding.basesOf(name, clock));
  const warnings = bases.filter(({ stream }) => stream === 'warning');
  return [...new Set(warnings.map(({ data }) => text(data['item'])))].sort();
}

/** As design.md has it: of two things of one instant the one with the lesser id comes first. */
function warningId(model: string, key: string, raised: number): string {
  return createHash('sha256').update(`test\n${model}\n${key}\n${raised}`).digest('hex').slice(0, 32);
}

const firstAt = (events: readonly Event[]) => Math.min(...events.map(({ at }) => at));

function readersOf(key: string, profile: Known): Map<string, string> {
  const readers = SCOPES.map((scope) => [scope, readerOf(scope, key, profile, 'warning', {})] as const);
  return new Map(readers.flatMap(([scope, reader]) => (reader === null ? [] : [[scope, reader] as const])));
}

function dataOf({ name, item }: StrataModel, key: string, level: string): JsonObject {
  return { model: name, item, department: LEADS[item], level, key: idOf(key) };
}

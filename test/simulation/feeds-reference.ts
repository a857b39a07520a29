// The judge of feeds: at every instant it asks each key anew when it spoke, and each source how many of its keys did.
import type { Event, Json, JsonObject, LogRecord } from '../../src/events/event.js';
import { CADENCES, MINUTE, type Cadence } from './feeds-models.js';
import { FEEDS_END, STEP } from './feeds-generate.js';
import { START } from './generate.js';
import { isFact, ledgerOf, profileFrom, type Deed } from './ledger.js';

/** One change of the level shown by a model that watches over a cadence. */
export interface SaidOfFeed {
  readonly model: string;
  readonly key: string;
  readonly clock: number;
  readonly level: string;
  readonly reason: string;
  readonly raised: number;
  readonly figures: { readonly [name: string]: Json };
  readonly restsOn: readonly string[] | undefined;
}

interface Heard {
  readonly at: number;
  readonly source: string;
}

const text = (value: Json | undefined) => (typeof value === 'string' ? value : '');

/** All that was heard up to an instant. */
class World {
  readonly facts = new Map<string, Event[]>();
  /** By cadence and key. */
  readonly heard = new Map<string, Heard>();
  /** Keys of which a fact was taken back at this instant. */
  readonly shaken = new Set<string>();
  private readonly profiles = new Map<string, JsonObject>();

  profile(key: string): JsonObject {
    let profile = this.profiles.get(key);
    if (profile === undefined) this.profiles.set(key, (profile = profileFrom(this.facts.get(key) ?? [])));
    return profile;
  }

  owner(key: string): string {
    return `subject:${text(this.profile(key)['owner'])}`;
  }

  take({ event, what }: Deed): void {
    if (!isFact(event)) return;
    const { key } = event;
    const known = this.facts.get(key) ?? [];
    this.facts.set(key, what === 'counts' ? [...known, event] : known.filter((one) => one !== event));
    this.profiles.delete(key);
    if (what === 'taken') this.shaken.add(key);
  }

  hear(cadence: Cadence, { event, what, profile }: Deed): void {
    if (what === 'taken' || event.stream !== cadence.stream || event.backfill === true) return;
    const atOwner = cadence.of === 'subject' && event.key.startsWith('device:');
    const key = atOwner ? `subject:${text(profile['owner'])}` : event.key;
    if (key === 'subject:' || !key.startsWith(cadence.of)) return;
    this.heard.set(`${cadence.model} ${key}`, { at: event.at, source: event.source });
  }
}

interface Standing {
  raised: number;
  /** Since when nothing holds it any more; null while something does. */
  since: number | null;
}

class Watch {
  readonly said: SaidOfFeed[] = [];
  /** Members of a source, and the silent ones, by source. */
  private counts = new Map<string, { keys: number; silent: number }>();
  private readonly standing = new Map<string, Standing>();
  private readonly sources = new Set<string>();

  constructor(
    private readonly cadence: Cadence,
    private readonly gaps: readonly { readonly from: number; readonly to: number }[],
  ) {}

  look(world: World, clock: number): void {
    const { model } = this.cadence;
    this.counts = new Map();
    const own = [...world.heard].filter(([name]) => name.startsWith(`${model} `));
    for (const [name, heard] of own) this.lookAtKey(world, name.slice(model.length + 1), heard, clock);
    for (const source of this.counts.keys()) this.sources.add(source);
    for (const source of this.sources) this.lookAtSource(source, clock);
  }

  private lookAtKey(world: World, key: string, { at, source }: Heard, clock: number): void {
    const { cadence } = this;
    const profile = world.profile(key);
    const owner = world.owner(key);
    const applies = cadence.applies(profile, cadence.asksOwner ? world.profile(owner) : {});
    const every = typeof profile['cadence'] === 'number' ? profile['cadence'] * 1000 : cadence.every;
    const unheard = this.gaps.reduce(
      (total, gap) => total + Math.max(0, Math.min(clock, gap.to) - Math.max(at, gap.from)),
      0,
    );
    const silence = clock - at - unheard - Math.min(every, 10 * MINUTE);
    const missed = Math.max(0, Math.min(2, Math.floor(silence / every)));
    if (applies) {
      const count = this.counts.get(source) ?? { keys: 0, silent: 0 };
      const silent = count.silent + (missed > 0 ? 1 : 0);
      this.counts.set(source, { keys: count.keys + 1, silent });
    }
    const withdrawn = world.shaken.has(key) || (cadence.asksOwner && world.shaken.has(owner));
    const down = !applies ? 'not-applicable' : withdrawn ? 'withdrawn' : 'cleared';
    const holds = applies && missed === 2;
    this.move(`${cadence.model}:feed`, key, clock, { holds, down, hold: 0, level: 'blue' }, { missed }, [
      source,
    ]);
  }

  private lookAtSource(source: string, clock: number): void {
    const { model, every } = this.cadence;
    const { keys, silent } = this.counts.get(source) ?? { keys: 0, silent: 0 };
    const holds = silent >= 10 && silent / keys >= 0.3 - 1e-9;
    const way = { holds, down: 'cleared', hold: every, level: 'orange' };
    this.move(`${model}:source`, `source:${source}`, clock, way, { keys, silent }, undefined);
  }

  private move(
    model: string,
    key: string,
    clock: number,
    way: { readonly holds: boolean; readonly down: string; readonly hold: number; readonly level: string },
    figures: SaidOfFeed['figures'],
    restsOn: readonly string[] | undefined,
  ): void {
    const name = `${model} ${key}`;
    const standing = this.standing.get(name);
    if (standing === undefined) {
      if (!way.holds) return;
      this.standing.set(name, { raised: clock, since: null });
      this.said.push({
        model,
        key,
        clock,
        level: way.level,
        reason: 'raised',
        raised: clock,
        figures,
        restsOn,
      });
      return;
    }
    standing.since = way.holds ? null : (standing.since ?? clock);
    if (standing.since === null || clock - standing.since < way.hold) return;
    this.standing.delete(name);
    const { raised } = standing;
    this.said.push({
      model,
      key,
      clock,
      level: 'none',
      reason: way.down,
      raised,
      figures,
      restsOn: undefined,
    });
  }
}

/** All that must be said of feeds, in the order in which it must come. */
export function feedRun(log: readonly LogRecord[]): SaidOfFeed[] {
  const ledger = ledgerOf(log);
  const gaps = log.flatMap((record) => (record.kind === 'gap' ? [{ from: record.from, to: record.at }] : []));
  const world = new World();
  const watches = CADENCES.map((cadence) => new Watch(cadence, gaps));
  for (let clock = START; clock <= FEEDS_END; clock += STEP) {
    const deeds = ledger.get(clock) ?? [];
    const byId = [...deeds].sort((a, b) => (a.cause < b.cause ? -1 : a.cause > b.cause ? 1 : 0));
    world.shaken.clear();
    for (const deed of deeds) world.take(deed);
    for (const [index, cadence] of CADENCES.entries()) {
      for (const deed of cadence.stratum === 0 ? deeds : byId) world.hear(cadence, deed);
      watches[index]?.look(world, clock);
    }
  }
  // Of one instant what is said of sources comes first.
  const place = ({ model, key }: SaidOfFeed) => `${model.endsWith(':source') ? '!' : ''}${model}\n${key}`;
  const said = watches.flatMap((watch) => watch.said);
  return said.sort((a, b) => a.clock - b.clock || (place(a) < place(b) ? -1 : 1));
}

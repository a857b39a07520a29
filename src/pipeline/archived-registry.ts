// What the archive knows of keys: profiles folded from the registrations that it has brought in, and where they changed.
import { itemsOver } from '../alerts/joint-draw.js';
import { factsOf } from '../engine/profile-history.js';
import { keyId, keyScope, type Event, type Json, type JsonObject, type Key } from '../events/event.js';
import type { RuleSet } from '../model/ruleset.js';
import type { Row, Warehouse } from '../ports/warehouse.js';

/** Keys asked for at once: their names go into the address of a request. */
const KEYS_MAX = 1_000;
/** Registrations and credit changes of a key that are read, the latest ones. */
const ENTRIES_MAX = 100;

const FACTS = `
SELECT scope, key, time, id, offset, any(stream) AS stream, any(data) AS data
FROM registry
WHERE scope = {scope:String} AND key IN {keys:Array(String)} AND partition = {partition:UInt16} AND cause < {before:UInt64}
GROUP BY scope, key, time, id, offset
HAVING sum(sign) > 0
ORDER BY time DESC, id DESC
LIMIT ${ENTRIES_MAX} BY scope, key`;

const STANDING = `
SELECT *
FROM profiles
WHERE scope = {scope:String} AND key IN {keys:Array(String)} AND partition = {partition:UInt16} AND offset < {before:UInt64}
ORDER BY offset DESC, sign DESC
LIMIT 1 BY scope, key`;

interface Entry {
  readonly offset: number;
  readonly time: number;
  readonly id: string;
  readonly facts: JsonObject;
  readonly isRegistration: boolean;
}

/** One key: what is registered of it, and the row of its profile that stands. */
interface Known {
  entries: Entry[];
  standing: Row | null;
  folded: Folded | null;
}

interface Folded {
  readonly facts: JsonObject;
  readonly domains: readonly string[];
  readonly isRegistered: boolean;
}

/** Where an event stands in the registry. */
export interface EventPlace {
  readonly region: string;
  readonly industry: string;
  readonly domains: readonly string[];
}

/** The profiles of the keys of one block, as of its beginning, brought forward record by record. */
export class BlockRegistry {
  /** Rows of `profiles`, in the order of the records that brought them. */
  readonly rows: Row[] = [];
  /** Of a key of which nothing is registered. */
  private nothing: Folded | null = null;
  /** By tags and industry. */
  private readonly domains = new Map<string, readonly string[]>();

  /** @param known by key; see `loadRegistry` */
  constructor(
    private readonly known: ReadonlyMap<Key, Known>,
    private readonly partition: number,
    private readonly rules: RuleSet,
  ) {}

  /** Where an event stands: by what it says itself, else by the profile of its key as it is now. */
  placeOf({ key, data }: Event): EventPlace {
    const { facts, domains } = this.fold(this.of(key));
    const item = this.rules.catalogue.items.get(textIn(data, 'item'));
    return {
      region: textIn(data, 'region') || textIn(facts, 'region'),
      industry: textIn(data, 'industry') || textIn(facts, 'industry'),
      domains: item === undefined ? domains : [item.domain],
    };
  }

  /**
   * Takes in what a record says of profiles: registrations and credit changes; other events change nothing.
   * @param added the event of the record where it counts
   * @param removed the event that the record takes back
   */
  step(
    place: { readonly offset: number; readonly at: number },
    added: Event | null,
    removed: { readonly offset: number; readonly event: Event } | null,
  ): void {
    const keys = new Set<Key>();
    if (removed !== null && isFactual(removed.event)) {
      const known = this.of(removed.event.key);
      known.entries = known.entries.filter((entry) => entry.offset !== removed.offset);
      keys.add(removed.event.key);
    }
    if (added !== null && isFactual(added)) {
      this.of(added.key).entries.push(entryOf(added, place.offset));
      keys.add(added.key);
    }
    for (const key of keys) this.changed(key, this.of(key), place.at, place.offset);
  }

  private changed(key: Key, known: Known, since: number, offset: number): void {
    known.folded = null;
    const { standing } = known;
    const next = this.rowOf(key, this.fold(known), { offset, since });
    if (standing !== null && next !== null && saysTheSame(standing, next)) return;
    if (standing !== null) this.rows.push({ ...standing, offset, sign: -1 });
    if (next !== null) this.rows.push(next);
    known.standing = next;
  }

  private rowOf(
    key: Key,
    { facts, domains, isRegistered }: Folded,
    place: { offset: number; since: number },
  ) {
    if (!isRegistered) return null;
    const { cadence, tags } = facts;
    return {
      partition: this.partition,
      version: place.offset,
      ...place,
      sign: 1,
      scope: keyScope(key),
      key: keyId(key),
      ...Object.fromEntries(TEXTS.map((name) => [name, textIn(facts, name)])),
      domains: [...domains],
      tags: Array.isArray(tags) ? tags.filter((tag) => typeof tag === 'string') : [],
      cadence: typeof cadence === 'number' ? cadence : null,
    };
  }

  private of(key: Key): Known {
    return this.known.get(key) ?? { entries: [], standing: null, folded: null };
  }

  private fold(known: Known): Folded {
    if (known.folded !== null) return known.folded;
    if (known.entries.length === 0)
      return (this.nothing ??= { facts: {}, domains: this.domainsOf({}), isRegistered: false });
    const entries = [...known.entries].sort(
      (a, b) => a.time - b.time || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0),
    );
    const facts: { [name: string]: Json } = {};
    for (const entry of entries) Object.assign(facts, entry.facts);
    const domains = this.domainsOf(facts);
    known.folded = { facts, domains, isRegistered: entries.some(({ isRegistration }) => isRegistration) };
    return known.folded;
  }

  /** Of the items that a profile is supervised under, which many have in common. */
  private domainsOf(facts: JsonObject): readonly string[] {
    const name = JSON.stringify([facts['tags'], facts['industry']]);
    const found = this.domains.get(name);
    if (found !== undefined) return found;
    const domains = [...new Set(itemsOver(facts, this.rules.catalogue).map(({ domain }) => domain))].sort();
    this.domains.set(name, domains);
    return domains;
  }
}

const TEXTS = ['name', 'kind', 'region', 'industry', 'owner', 'credit', 'status'] as const;

/**
 * What the warehouse knows of keys below an offset of a partition; the same whenever it is asked.
 * @param changing those of them whose profiles may change
 */
export async function loadRegistry(
  warehouse: Warehouse,
  keys: ReadonlySet<Key>,
  changing: ReadonlySet<Key>,
  { partition, before }: { readonly partition: number; readonly before: number },
): Promise<Map<Key, Known>> {
  const known = new Map<Key, Known>();
  for (const key of keys) known.set(key, { entries: [], standing: null, folded: null });
  for (const [scope, ids] of pages(keys)) {
    for (const row of await warehouse.query(FACTS, { scope, keys: ids, partition, before })) {
      known.get(`${scope}:${String(row['key'])}`)?.entries.push(storedEntry(row));
    }
  }
  for (const [scope, ids] of pages(changing)) {
    for (const row of await warehouse.query(STANDING, { scope, keys: ids, partition, before })) {
      const one = known.get(`${scope}:${String(row['key'])}`);
      // The newest row says that its profile stands no more where a profile ended.
      if (one !== undefined && Number(row['sign']) > 0) one.standing = row;
    }
  }
  return known;
}

/** Whether an event says something about the profile of its key. */
export function isFactual({ stream }: Pick<Event, 'stream'>): boolean {
  return stream === 'registration' || stream === 'credit-change';
}

function entryOf(event: Event, offset: number): Entry {
  const { id, time, stream } = event;
  return { offset, time, id, facts: factsOf(event), isRegistration: stream === 'registration' };
}

function storedEntry(row: Row): Entry {
  const stream = String(row['stream']) as 'registration' | 'credit-change';
  const data = JSON.parse(String(row['data'])) as JsonObject;
  const [id, time] = [String(row['id']), Date.parse(String(row['time']))];
  const facts = factsOf({ stream, data } as Parameters<typeof factsOf>[0]);
  return { offset: Number(row['offset']), time, id, facts, isRegistration: stream === 'registration' };
}

const SAID = [...TEXTS, 'domains', 'tags', 'cadence'] as const;

function saysTheSame(one: Row, other: Row): boolean {
  return SAID.every((name) => JSON.stringify(one[name]) === JSON.stringify(other[name]));
}

/** A text among facts or data; empty where there is none. */
export function textIn(facts: JsonObject, name: string): string {
  const value = facts[name];
  return typeof value === 'string' ? value : '';
}

/** Keys by scope, so many at a time. */
function* pages(keys: ReadonlySet<Key>): Iterable<[scope: string, ids: string[]]> {
  const byScope = new Map<string, string[]>();
  for (const key of keys) {
    const scope = keyScope(key);
    const ids = byScope.get(scope) ?? [];
    ids.push(keyId(key));
    byScope.set(scope, ids);
  }
  for (const [scope, ids] of byScope) {
    for (let from = 0; from < ids.length; from += KEYS_MAX) yield [scope, ids.slice(from, from + KEYS_MAX)];
  }
}

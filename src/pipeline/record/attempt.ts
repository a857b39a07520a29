// One way to write recorded events as a case: how far back it begins, how its time is moved, where its profiles stand.
import type { Event, JsonObject, Key } from '../../events/event.js';
import { keyId, keyScope } from '../../events/event.js';
import { formatInstant } from '../../events/timestamp.js';
import { LONGEST_SPAN_MS, offsetText } from '../../catalogue/duration.js';
import { TEST_ORIGIN_MS, testKeyId } from '../../model/tests.js';
import { OTHERS } from '../../model/tests-shape.js';
import { Disguise } from './disguise.js';
import type { RecordNeeds } from './needs.js';
import { isFact } from './selection.js';

export interface Way {
  /** Events that arrived earlier are left out, but for facts of profiles; -Infinity for none. */
  readonly sinceMs: number;
  /** Whether that is nearer than windows look back, so that figures have to be looked at as well. */
  readonly short: boolean;
  /** Whether time is moved by whole weeks, so that the case begins in the first; else offsets count to the true dates. */
  readonly moved: boolean;
  /** Whether facts from before the first event stand as the profile; else each stands as an event. */
  readonly profiled: boolean;
}

export interface Written {
  readonly keys: { readonly [kind: string]: JsonObject };
  readonly events: readonly JsonObject[];
  /** The true instant that the case calls 0d, epoch ms. */
  readonly baseMs: number;
}

const WEEK_MS = 7 * 86_400_000;

/** Whole seconds, in which files of tests count. */
export function wholeSecond(epochMs: number): number {
  return Math.floor(epochMs / 1_000) * 1_000;
}

/**
 * Writes events as a case does.
 * @param events those that counted, in order of arrival
 * @param keys the keys of the case with their names; null for its own, which comes first
 */
export function writtenBy(
  way: Way,
  needs: RecordNeeds,
  events: readonly Event[],
  keys: ReadonlyMap<Key, string | null>,
): Written {
  const kept = events.filter((event) => isFact(event) || event.at >= way.sinceMs);
  const named = new Set(kept.flatMap(({ revokes, amends }) => [revokes ?? [], amends ?? []].flat()));
  const begin = kept.find((event) => !isFact(event))?.at ?? Infinity;
  const folds = (event: Event) =>
    way.profiled && isFact(event) && event.at <= begin && !takesBack(event) && !named.has(event.id);
  const told = kept.filter((event) => !folds(event));
  const baseMs = way.moved ? weekOf(told[0]?.at ?? kept[0]?.at ?? TEST_ORIGIN_MS) : TEST_ORIGIN_MS;
  const offset = (epochMs: number) => offsetText(wholeSecond(epochMs) - baseMs);
  const disguise = new Disguise(needs, keys, (epochMs) => {
    const offsetMs = wholeSecond(epochMs) - baseMs;
    return Math.abs(offsetMs) <= LONGEST_SPAN_MS
      ? offsetText(offsetMs)
      : formatInstant(TEST_ORIGIN_MS + offsetMs);
  });
  const profiles = profilesOf(kept.filter(folds), disguise);
  const ids = idsOf(told, named);
  const sources = new Set(told.map(({ source }) => source));
  const isSourced = sources.size > 1 || [...sources].some((source) => needs.literals.has(source));
  return {
    keys: keysOf(keys, profiles),
    events: told.flatMap((event) => {
      const target = event.revokes ?? event.amends;
      // What takes back an event that the case does not have changes nothing in it.
      if (target !== undefined && !ids.has(target) && event.revokes !== undefined) return [];
      const isTimed = wholeSecond(event.time) !== wholeSecond(event.at);
      const owner = ownerOf(keys, event.key);
      const id = ids.get(event.id);
      const amends = event.amends === undefined ? undefined : ids.get(event.amends);
      return {
        at: offset(event.at),
        ...(isTimed ? { time: offset(event.time) } : {}),
        ...(id === undefined ? {} : { id }),
        ...(isSourced ? { source: disguise.source(event.source) } : {}),
        ...(event.backfill === true ? { backfill: 'true' } : {}),
        ...owner,
        ...(event.revokes === undefined
          ? { [event.stream]: disguise.data(event.stream, event.data, event.key) }
          : { revokes: ids.get(event.revokes) ?? null }),
        ...(amends === undefined ? {} : { amends }),
      };
    }),
    baseMs,
  };
}

function takesBack({ revokes, amends }: Event): boolean {
  return revokes !== undefined || amends !== undefined;
}

function weekOf(epochMs: number): number {
  return TEST_ORIGIN_MS + Math.floor((epochMs - TEST_ORIGIN_MS) / WEEK_MS) * WEEK_MS;
}

/** What each key was known as, from facts in the order of (time, id), a later one over the earlier. */
function profilesOf(facts: readonly Event[], disguise: Disguise): ReadonlyMap<Key, JsonObject> {
  const profiles = new Map<Key, JsonObject>();
  for (const { key, stream, data } of [...facts].sort(byTimeAndId)) {
    const shown = disguise.data(stream, data, key);
    const stated =
      stream === 'registration' ? shown : 'credit' in shown ? { credit: shown['credit'] ?? null } : {};
    profiles.set(key, { ...profiles.get(key), ...stated });
  }
  return profiles;
}

/** The profiles as a case has them: its own, and those of further keys by their names. */
function keysOf(
  keys: ReadonlyMap<Key, string | null>,
  profiles: ReadonlyMap<Key, JsonObject>,
): { readonly [kind: string]: JsonObject } {
  const shown: { [kind: string]: JsonObject } = {};
  for (const [key, name] of keys) {
    const scope = keyScope(key) as keyof typeof OTHERS;
    const profile = profiles.get(key);
    if (name === null) {
      if (profile !== undefined) shown[scope] = profile;
      continue;
    }
    // Named keys say their owner by its name there.
    const { owner, ...rest } = profile ?? {};
    const isNamed = typeof owner === 'string' && owner !== testKeyId();
    const ownerName = isNamed ? { owner: owner.slice(testKeyId('').length) } : {};
    const others = shown[OTHERS[scope]] ?? {};
    shown[OTHERS[scope]] = { ...others, [name]: { ...rest, ...ownerName } };
  }
  return withOwnerName(shown);
}

/** A device of its own names the subject beside it, and not the id that stands for it. */
function withOwnerName(shown: { [kind: string]: JsonObject }): { readonly [kind: string]: JsonObject } {
  for (const kind of ['device', 'place']) {
    const owner = shown[kind]?.['owner'];
    if (typeof owner !== 'string') continue;
    shown[kind] = { ...shown[kind], owner: owner.slice(testKeyId('').length) };
  }
  return shown;
}

function ownerOf(keys: ReadonlyMap<Key, string | null>, key: Key): JsonObject {
  const name = keys.get(key) ?? null;
  return name === null ? {} : { [keyScope(key)]: name };
}

/** Ids for events that others name, and where only ids say which of two at one instant comes first. */
function idsOf(told: readonly Event[], named: ReadonlySet<string>): ReadonlyMap<string, string> {
  const order = [...told].sort(byTimeAndId);
  const digits = String(order.length).length;
  const isTied = (index: number, other: number) =>
    order[other] !== undefined &&
    wholeSecond(order[index]?.time ?? NaN) === wholeSecond(order[other]?.time ?? NaN);
  const ids = new Map<string, string>();
  for (const [index, { id }] of order.entries()) {
    if (!named.has(id) && !isTied(index, index - 1) && !isTied(index, index + 1)) continue;
    ids.set(id, `e${String(index + 1).padStart(digits, '0')}`);
  }
  return ids;
}

function byTimeAndId(a: Event, b: Event): number {
  return a.time - b.time || (a.id < b.id ? -1 : 1);
}

/** The name of a key of a case by the id that it has while the case runs; null for its own. */
export function nameOfTestKey(id: string): string | null {
  return id === testKeyId() ? null : id.slice(testKeyId('').length);
}

/** Names for the keys beside the own one: d1, d2 for devices, p1 for places, s1 for subjects. */
export function namedKeys(own: Key, related: readonly Key[]): ReadonlyMap<Key, string | null> {
  const counts = new Map<string, number>();
  const names = new Map<Key, string | null>([[own, null]]);
  for (const key of related) {
    if (names.has(key) || keyId(key) === '') continue;
    const letter = keyScope(key).slice(0, 1);
    const count = (counts.get(letter) ?? 0) + 1;
    counts.set(letter, count);
    names.set(key, `${letter}${count}`);
  }
  return names;
}

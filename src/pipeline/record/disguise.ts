// What is left of the data of recorded events: what models read of it, with nobody to be recognised in it.
import type { Json, JsonObject, Key, StreamName } from '../../events/event.js';
import { keyId } from '../../events/event.js';
import { isWide } from '../../engine/wide-key.js';
import type { FieldType } from '../../events/fields.js';
import { PROFILE_FACTS } from '../../events/profile.js';
import { pseudonymiseData } from '../../events/pseudonym.js';
import { isFreeText, personalKindOf, STREAM_DECLARATIONS, streamFields } from '../../events/streams.js';
import { parseTimestamp } from '../../events/timestamp.js';
import { testKeyId } from '../../model/tests.js';
import type { RecordNeeds } from './needs.js';

/** Pseudonyms, and hashes of payloads, which cover personal values. */
const HIDDEN = /(?:\bp|\bsha256):[0-9a-f]{32}\b/g;
/** Fields that name one thing of the world: what matters of them is whether two are the same. */
const NAMING = ['name', 'address', 'url', 'media', 'place', 'document', 'case_no', 'inspection', 'list_name'];
/** Needed by the schema of a stream, or by the registry, whether a model reads them or not. */
const NEEDED: { readonly [S in StreamName]?: readonly string[] } = {
  registration: ['kind', 'owner', 'cadence'],
  'credit-change': ['credit', 'kind'],
  'sensor-reading': ['value', 'finding', 'media', 'media_hash'],
};
/** Prose of which nothing matters. */
const LEFT_OUT = '（略）';
/** A shorter id of a key stands in texts that have nothing to do with it. */
const ID_LENGTH_MIN = 6;
/** A random key would do, for what it hides is numbered anyway. */
const NUMBERED_KEY = new Uint8Array(32);

/** Whether a model that speaks of a region or an industry is among them. */
function needsWide({ rules }: RecordNeeds): boolean {
  return rules.models.some(({ scope }) => isWide(scope));
}

/** How an instant is written: as an offset from the origin where it can be. */
export type InstantText = (epochMs: number) => string;

export class Disguise {
  private readonly numbers = new Map<string, string>();
  private readonly counts = new Map<string, number>();
  /** Texts of the rules, the longest first. */
  private readonly literals: readonly string[];

  /** @param keys the keys of the case with their names in it; null for its own */
  constructor(
    private readonly needs: RecordNeeds,
    private readonly keys: ReadonlyMap<Key, string | null>,
    private readonly instant: InstantText,
  ) {
    this.literals = [...needs.literals].sort((a, b) => b.length - a.length || (a < b ? -1 : 1));
  }

  /** The data as a case has it. @param own the key that the event belongs to */
  data(stream: StreamName, data: JsonObject, own: Key): JsonObject {
    const shown: JsonObject = {};
    for (const [name, field] of Object.entries(streamFields(stream))) {
      const value = data[name];
      if (value === undefined || value === null || !this.isKept(stream, name, field.optional)) continue;
      if (name === 'place' && own === `place:${value as string}`) continue;
      const kept = this.field(stream, name, field.type, value);
      if (kept !== undefined) shown[name] = kept;
    }
    return shown;
  }

  /** A source, which is no person, or the number of one that the rules do not name. */
  source(source: string): string {
    return this.needs.literals.has(source) ? source : this.numbered('urn:source:', source);
  }

  private isKept(stream: StreamName, name: string, isOptional: boolean): boolean {
    const { names } = this.needs;
    if (!isOptional || names.has(name) || NEEDED[stream]?.includes(name) === true) return true;
    // Wider models go by them, whether an event says them or the profile.
    if (name === 'region' && stream !== 'registration') return needsWide(this.needs);
    if (stream === 'registration' && (name === 'region' || name === 'industry')) {
      return (PROFILE_FACTS as readonly string[]).includes(name) && this.needs.rules.strata > 1;
    }
    return STREAM_DECLARATIONS[stream].number === name && names.has('id');
  }

  private field(stream: StreamName, name: string, type: FieldType, value: Json): Json | undefined {
    if (type.type === 'timestamp') {
      const ms = typeof value === 'string' ? parseTimestamp(value) : undefined;
      return ms === undefined ? undefined : this.instant(ms);
    }
    // Codes of a standard, of which wider models are the keys; their digits are no phone.
    if (name === 'region' || name === 'industry') return value;
    if (name === 'owner') return typeof value === 'string' ? this.owner(value) : undefined;
    if (personalKindOf(stream, name) !== undefined) return this.numbered('p', JSON.stringify(value));
    if (name === 'media_hash') return this.numbered('', JSON.stringify(value)).padStart(64, '0');
    if (NAMING.includes(name) || STREAM_DECLARATIONS[stream].number === name) return this.named(name, value);
    if (isFreeText(stream, name)) return typeof value === 'string' ? this.prose(value) : undefined;
    return this.value(value, type.type === 'object' || type.type === 'list');
  }

  /** What has no declared meaning of its own. @param isNested whether prose may stand in it undeclared */
  private value(value: Json, isNested: boolean): Json {
    if (typeof value === 'string') return this.plain(value, isNested);
    if (value === null || typeof value !== 'object') return value;
    if (Array.isArray(value)) return value.map((element) => this.value(element, typeof element === 'object'));
    return Object.fromEntries(
      Object.entries(value).flatMap(([name, inner]) => {
        const isAsked = this.needs.names.has(name) || name === 'code';
        return isAsked ? [[name, this.value(inner, true)] as const] : [];
      }),
    );
  }

  private plain(text: string, isNested: boolean): string {
    if (this.needs.literals.has(text)) return text;
    if (isNested && /[\s\p{Script=Han}]/u.test(text)) return this.prose(text);
    const { data } = pseudonymiseData('complaint', { content: text }, NUMBERED_KEY);
    const content = data['content'];
    let shown = (typeof content === 'string' ? content : '').replace(HIDDEN, (found) =>
      this.numbered('p', found),
    );
    for (const [key, name] of this.keys) {
      const id = keyId(key);
      if (id.length >= ID_LENGTH_MIN) shown = shown.replaceAll(id, testKeyId(name ?? undefined));
    }
    // In a case this would be a number.
    return shown.replaceAll('{n}', '{ n}');
  }

  /** Of prose only the words that rules look for. */
  private prose(text: string): string {
    const found: string[] = [];
    for (const literal of this.literals) {
      if (text.includes(literal) && !found.some((longer) => longer.includes(literal))) found.push(literal);
    }
    return found.length === 0 ? LEFT_OUT : found.join('，');
  }

  private named(name: string, value: Json): Json | undefined {
    if (typeof value !== 'string') return undefined;
    if (this.needs.literals.has(value)) return value;
    if (name === 'place') return this.keyNamed(`place:${value}`);
    // An inspection and what rectifies it have one number.
    return this.numbered('n', `${name === 'name' || name === 'address' ? name : 'number'} ${value}`);
  }

  private owner(value: string): string | undefined {
    const key = `subject:${value}`;
    const name = this.keys.get(key);
    return name === undefined ? undefined : testKeyId(name ?? undefined);
  }

  private keyNamed(key: Key): string {
    const name = this.keys.get(key);
    return name === undefined ? testKeyId(this.numbered('x', key)) : testKeyId(name ?? undefined);
  }

  /** The same for the same, counted from 1 in the order in which they come. */
  private numbered(prefix: string, what: string): string {
    const known = this.numbers.get(`${prefix} ${what}`);
    if (known !== undefined) return known;
    const count = (this.counts.get(prefix) ?? 0) + 1;
    this.counts.set(prefix, count);
    const shown = `${prefix}${count}`;
    this.numbers.set(`${prefix} ${what}`, shown);
    return shown;
  }
}

// Personal values become keyed pseudonyms before anything is stored; their clear values go to the vault.
import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { STREAMS, type Event, type Json, type JsonObject, type StreamName } from './event.js';
import { announcedKind } from './personal-names.js';
import { isFreeText, personalKindOf, STREAM_SHAPES, streamFields } from './streams.js';
import type { PersonalKind } from './streams/field.js';

/** A clear value and what stands for it in the log. */
export interface VaultEntry {
  readonly pseudonym: string;
  readonly value: string;
}

export interface Pseudonymised<E> {
  readonly event: E;
  /** One entry per pseudonym, with the value as it was first written. */
  readonly vault: readonly VaultEntry[];
}

const PSEUDONYM = /^p:[0-9a-f]{32}$/;
const LEAST_KEY_BYTES = 16;

/**
 * Inside prose, tried in this order: pseudonyms, whose digits are nobody's phone; resident identity numbers (GB 11643:
 * region, birth date, order, check; a mistyped check is personal as well); mobile numbers of mainland China with or
 * without +86 and separators.
 */
const HIDDEN =
  /(p:[0-9a-f]{32})|((?<![0-9A-Za-z])[1-8][0-9]{5}(?:18|19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:[0-2][0-9]|3[01])[0-9]{3}[0-9Xx](?![0-9A-Za-z]))|(?<![0-9])(?:\+?86[- ]?)?1[3-9][0-9](?:[- ]?[0-9]{4}){2}(?![0-9])/g;
/** A mobile number has fewer digits than a resident identity number. */
const PHONE_DIGITS = 11;
/** Text with spaces or Chinese characters; codes and numbers of records have none. */
const PROSE = /[\s\p{Script=Han}]/u;

type Treatment = PersonalKind | 'prose' | 'keep' | 'search';

const TREATMENTS = new Map<StreamName, ReadonlyMap<string, Treatment>>(
  STREAMS.map((stream) => [
    stream,
    new Map(Object.keys(STREAM_SHAPES[stream]).map((field) => [field, treatmentOf(stream, field)])),
  ]),
);

/**
 * Replaces the personal values of an event: the declared fields, undeclared ones (at any depth) whose name announces
 * an ID, a phone, a contact or a name, and mobile and resident ID numbers inside prose. A pseudonym is `p:` and
 * 32 hex digits of HMAC-SHA256 over kind and normalised value, so that one person has one in every stream.
 * Values that are pseudonyms already stay. The event given is not changed.
 * @param siteKey at least 16 random bytes, the same for the lifetime of the site.
 * @throws RangeError for a shorter key.
 */
export function pseudonymise<E extends Pick<Event, 'stream' | 'data'>>(
  event: E,
  siteKey: Uint8Array,
): Pseudonymised<E> {
  const { data, vault } = pseudonymiseData(event.stream, event.data, siteKey);
  return { event: data === event.data ? event : { ...event, data }, vault };
}

/** As `pseudonymise`, the data alone: what holds nothing personal is given back as it is. */
export function pseudonymiseData(
  stream: StreamName,
  data: JsonObject,
  siteKey: Uint8Array,
): { readonly data: JsonObject; readonly vault: readonly VaultEntry[] } {
  if (siteKey.length < LEAST_KEY_BYTES) {
    throw new RangeError(`The site key has ${siteKey.length} bytes; it needs at least ${LEAST_KEY_BYTES}.`);
  }
  const replacement = new Replacement(siteKey);
  const treatments = TREATMENTS.get(stream);
  const shown = withFields(data, (name, value) => replacement.field(name, value, treatments?.get(name)));
  return { data: shown, vault: replacement.entries() };
}

/** The object with some fields replaced: itself where none is. */
function withFields(object: JsonObject, field: (name: string, value: Json) => Json): JsonObject {
  let changed: JsonObject | null = null;
  for (const name in object) {
    const value = object[name] as Json;
    const shown = field(name, value);
    if (shown !== value) (changed ??= { ...object })[name] = shown;
  }
  return changed ?? object;
}

/** The pseudonym of one value, for looking a person up. */
export function pseudonymOf(kind: PersonalKind, value: string, siteKey: Uint8Array): string {
  const message = utf8ToBytes(`${kind}\n${normalise(kind, value)}`);
  return `p:${bytesToHex(keyed(siteKey).clone().update(message).digest().subarray(0, 16))}`;
}

/** HMAC states that have taken in their key already; setting one up costs as much as the message. */
const KEYED = new WeakMap<Uint8Array, ReturnType<typeof hmac.create>>();

function keyed(siteKey: Uint8Array): ReturnType<typeof hmac.create> {
  let state = KEYED.get(siteKey);
  if (state === undefined) {
    state = hmac.create(sha256, siteKey);
    KEYED.set(siteKey, state);
  }
  return state;
}

const NO_ENTRIES: readonly VaultEntry[] = [];

class Replacement {
  /** Null while there is nothing. */
  private vault: Map<string, string> | null = null;

  constructor(private readonly siteKey: Uint8Array) {}

  entries(): readonly VaultEntry[] {
    return this.vault === null
      ? NO_ENTRIES
      : Array.from(this.vault, ([pseudonym, value]) => ({ pseudonym, value }));
  }

  field(name: string, value: Json, treatment: Treatment | undefined): Json {
    switch (treatment) {
      case 'keep':
        return value;
      case 'prose':
        return typeof value === 'string' ? this.prose(value) : value;
      case 'search':
        return this.search(value, undefined);
      case undefined:
        return this.search(value, announcedKind(name));
      case 'name':
      case 'phone':
      case 'id':
      case 'contact':
        return this.search(value, treatment);
    }
  }

  /** Goes through a value that no schema describes; `kind` is what the names above it announced. */
  private search(value: Json, kind: PersonalKind | undefined): Json {
    if (typeof value === 'string') {
      if (kind !== undefined) return this.replace(kind, value);
      return mayHide(value) && PROSE.test(value) ? this.prose(value) : value;
    }
    if (typeof value === 'number') return kind === undefined ? value : this.replace(kind, String(value));
    if (value === null || typeof value !== 'object') return value;
    if (Array.isArray(value)) {
      const shown = value.map((element) => this.search(element, kind));
      return shown.every((element, index) => element === value[index]) ? value : shown;
    }
    return withFields(value, (name, inner) => this.search(inner, announcedKind(name) ?? kind));
  }

  private prose(text: string): string {
    if (!mayHide(text)) return text;
    return text.replace(HIDDEN, (found: string, pseudonym: string | undefined, id: string | undefined) =>
      pseudonym === undefined ? this.replace(id === undefined ? 'phone' : 'id', found) : found,
    );
  }

  private replace(kind: PersonalKind, value: string): string {
    if (value.trim() === '' || PSEUDONYM.test(value)) return value;
    const pseudonym = pseudonymOf(kind, value, this.siteKey);
    this.vault ??= new Map();
    if (!this.vault.has(pseudonym)) this.vault.set(pseudonym, value);
    return pseudonym;
  }
}

function treatmentOf(stream: StreamName, field: string): Treatment {
  const kind = personalKindOf(stream, field);
  if (kind !== undefined) return kind;
  if (isFreeText(stream, field)) return 'prose';
  const type = streamFields(stream)[field]?.type;
  const inner = type?.type === 'list' ? type.element : type;
  // Objects take extra fields at every level, so none of them is known in full.
  return inner?.type === 'object' ? 'search' : 'keep';
}

/** Whether a text has as many digits as the shortest number that is sought in it. */
function mayHide(text: string): boolean {
  if (text.length < PHONE_DIGITS) return false;
  let digits = 0;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    if (unit >= 0x30 && unit <= 0x39 && ++digits === PHONE_DIGITS) return true;
  }
  return false;
}

/** One form for one person, however it was typed. */
function normalise(kind: PersonalKind, value: string): string {
  const plain = value.normalize('NFKC').trim();
  switch (kind) {
    case 'name':
      // 张 三 is 张三, but John Smith keeps one space.
      return /\p{Script=Han}/u.test(plain)
        ? plain.replace(/\s+/g, '')
        : plain.replace(/\s+/g, ' ').toLowerCase();
    case 'phone': {
      const digits = plain.replace(/[^0-9]/g, '');
      if (digits === '') return plain;
      return digits.replace(/^(?:00)?86(?=1[3-9][0-9]{9}$)/, '');
    }
    case 'id':
      return plain.replace(/[\s-]+/g, '').toUpperCase();
    case 'contact':
      return plain.toLowerCase();
  }
}

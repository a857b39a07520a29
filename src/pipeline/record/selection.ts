// Which records of a history a case is made of: those of its keys that models read, found in one or two passes.
import { CodedError } from '../../events/coded-error.js';
import { profileOfWideKey } from '../../engine/wide-key.js';
import { keyScope, type Event, type Gap, type Json, type Key, type LogRecord } from '../../events/event.js';
import type { RecordNeeds } from './needs.js';

/** A case can name as many keys of a kind. */
const KEYS_MAX = 200;
/** Beyond this many records of one key, nothing that a person would read comes of it. */
const RECORDS_MAX = 200_000;

/** The first pass, where the model looks at keys that belong together: which those are. */
export class RelatedKeys {
  private readonly found = new Set<Key>();
  private readonly inside: KeysInside | null;

  /** @param sinceMs what arrived earlier matters no more than for what a key was registered as */
  constructor(
    private readonly needs: RecordNeeds,
    private readonly own: Key,
    sinceMs: number,
  ) {
    this.inside = needs.related === 'inside' ? new KeysInside(needs, own, sinceMs) : null;
  }

  /** @throws CodedError CASE_LIMIT */
  take(record: LogRecord): void {
    if (record.kind !== 'event') return;
    if (this.inside !== null) this.inside.take(record);
    else if (record.stream === 'registration') this.takeOwner(record);
    if (this.found.size > KEYS_MAX) throw tooMany(this.found.size);
  }

  /** In the order in which they came. @throws CodedError CASE_LIMIT */
  get keys(): readonly Key[] {
    const keys = this.inside?.keys ?? [...this.found];
    if (keys.length > KEYS_MAX) throw tooMany(keys.length);
    return keys;
  }

  private takeOwner(record: Event): void {
    const { owner } = record.data;
    if (typeof owner !== 'string') return;
    const subject: Key = `subject:${owner}`;
    if (this.needs.related === 'owner' && record.key === this.own) this.found.add(subject);
    const isOwned = keyScope(record.key) !== 'subject' && subject === this.own;
    if (this.needs.related === 'owned' && isOwned) this.found.add(record.key);
  }
}

function tooMany(count: number): CodedError {
  const detail = `${count} subjects, devices and places belong to it; a case can name ${KEYS_MAX}.`;
  return new CodedError('CASE_LIMIT', detail);
}

/** Which keys speak of a region or an industry: by what they were registered as, or by what an event itself says. */
class KeysInside {
  private readonly region: Json | undefined;
  private readonly industry: Json | undefined;
  private readonly industries = new Set<Key>();
  private readonly regions = new Set<Key>();
  private readonly owners = new Map<Key, Set<Key>>();
  private readonly active = new Set<Key>();
  /** In the order in which they came. */
  private readonly known = new Set<Key>();

  constructor(
    private readonly needs: RecordNeeds,
    own: Key,
    private readonly sinceMs: number,
  ) {
    ({ region: this.region, industry: this.industry } = profileOfWideKey(own));
  }

  take({ key, stream, data, at }: Event): void {
    const { region, industry, owner } = data;
    this.known.add(key);
    if (this.region !== undefined && region === this.region) this.regions.add(key);
    if (this.industry !== undefined && industry === this.industry) this.industries.add(key);
    if (at >= this.sinceMs && !isFact({ stream }) && this.needs.streams.has(stream)) this.active.add(key);
    if (stream !== 'registration' || typeof owner !== 'string') return;
    const owners = this.owners.get(key) ?? new Set<Key>();
    this.owners.set(key, owners.add(`subject:${owner}`));
  }

  /** Those inside, what they own, and who owns them. */
  get keys(): readonly Key[] {
    const inside = new Set([...this.known].filter((key) => this.isInside(key)));
    const related = new Set(inside);
    for (const [key, owners] of this.owners) {
      for (const owner of owners) {
        if (inside.has(owner)) related.add(key);
        if (inside.has(key)) related.add(owner);
      }
    }
    const speaks = (key: Key): boolean => related.has(key) && (this.needs.silence || this.active.has(key));
    const wanted = new Set([...this.known].filter(speaks));
    for (const [key, owners] of this.owners) {
      if (!speaks(key)) continue;
      for (const owner of owners) if (related.has(owner) && this.known.has(owner)) wanted.add(owner);
    }
    return [...this.known].filter((key) => wanted.has(key));
  }

  private isInside(key: Key): boolean {
    if (this.region !== undefined && !this.regions.has(key)) return false;
    return this.industry === undefined || this.industries.has(key);
  }
}

/** The second pass: the records themselves, in order. */
export class Selection {
  readonly records: (Event | Gap)[] = [];
  /** Arrival of the last record of whatever kind, epoch ms. */
  lastAt = -Infinity;

  constructor(
    private readonly needs: RecordNeeds,
    private readonly keys: ReadonlySet<Key>,
  ) {}

  /** @throws CodedError CASE_LIMIT */
  take(record: LogRecord): void {
    this.lastAt = Math.max(this.lastAt, record.at);
    if (record.kind === 'gap') this.records.push(record);
    if (record.kind === 'event' && this.keys.has(record.key) && this.isRead(record))
      this.records.push(record);
    if (this.records.length > RECORDS_MAX)
      throw new CodedError('CASE_LIMIT', `The key has more than ${RECORDS_MAX} events that the model reads.`);
  }

  private isRead({ stream }: Event): boolean {
    return isFact({ stream }) || this.needs.streams.has(stream);
  }
}

/** Whether an event says something of the profile of its key. */
export function isFact({ stream }: Pick<Event, 'stream'>): boolean {
  return stream === 'registration' || stream === 'credit-change';
}

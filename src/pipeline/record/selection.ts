// Which records of a history a case is made of: those of its keys that models read, found in one or two passes.
import { CodedError } from '../../events/coded-error.js';
import { keyScope, type Event, type Gap, type Key, type LogRecord } from '../../events/event.js';
import type { RecordNeeds } from './needs.js';

/** A case can name as many keys of a kind. */
const KEYS_MAX = 200;
/** Beyond this many records of one key, nothing that a person would read comes of it. */
const RECORDS_MAX = 200_000;

/** The first pass, where the model looks at keys that belong together: which those are. */
export class RelatedKeys {
  private readonly found = new Set<Key>();

  constructor(
    private readonly needs: RecordNeeds,
    private readonly own: Key,
  ) {}

  /** @throws CodedError CASE_LIMIT */
  take(record: LogRecord): void {
    if (record.kind !== 'event' || record.stream !== 'registration') return;
    const { owner } = record.data;
    if (typeof owner !== 'string') return;
    const subject = `subject:${owner}`;
    if (this.needs.related === 'owner' && record.key === this.own) this.found.add(subject);
    const isOwned = keyScope(record.key) !== 'subject' && subject === this.own;
    if (this.needs.related === 'owned' && isOwned) this.found.add(record.key);
    if (this.found.size > KEYS_MAX)
      throw new CodedError('CASE_LIMIT', `More than ${KEYS_MAX} devices and places belong to it.`);
  }

  /** In the order in which they came. */
  get keys(): readonly Key[] {
    return [...this.found];
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

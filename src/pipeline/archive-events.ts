// The events log as rows: what counts has sign 1, what does not 0, and what was taken back a further row with -1.
import { decodeRecord } from '../events/codec.js';
import { keyId, keyScope, type Event } from '../events/event.js';
import type { Logs } from '../ports/log.js';
import type { Row } from '../ports/warehouse.js';
import type { ArchiveSource, Block } from './archive.js';
import { decodeJson } from './checkpoint.js';
import type { VerdictRecord } from './evaluate.js';

/** Offset in the verdict log below which every verdict is about an archived event. */
export type EventsMemory = number;

const VERDICT_PAGE = 1_000;

export class EventsSource implements ArchiveSource<EventsMemory> {
  readonly name = 'events/0';
  readonly start = 0;

  constructor(
    private readonly logs: Logs,
    /** Offset below which evaluate has decided. */
    private readonly decided: () => number,
  ) {}

  limit(): Promise<number> {
    return Promise.resolve(this.decided());
  }

  async block(from: number, to: number, memory: EventsMemory): Promise<Block<EventsMemory>> {
    const verdicts = await this.verdicts(memory, to);
    const rows: Row[] = [];
    for (const { offset, value } of await this.logs.events.read(0, from, to - from)) {
      if (offset >= to) break;
      const record = decodeRecord(value);
      if (record.kind !== 'event') continue;
      const verdict = verdicts.byOffset.get(offset)?.verdict;
      const counts = verdict === undefined || verdict.verdict === 'amends';
      rows.push(rowOf(record, offset, counts ? 1 : 0, verdict?.verdict ?? 'counts', offset));
      if (verdict?.original == null) continue;
      const original = await this.event(verdict.original.offset);
      if (original !== null) rows.push(rowOf(original, verdict.original.offset, -1, 'revoked', offset));
    }
    return { rows: new Map([['events', rows]]), memory: verdicts.next };
  }

  /** Verdicts about records below `to`; written again after a crash they are the same. */
  private async verdicts(from: number, to: number) {
    const byOffset = new Map<number, VerdictRecord>();
    let next = from;
    for (;;) {
      const page = await this.logs.verdicts.read(0, next, VERDICT_PAGE);
      for (const { value } of page) {
        const record = decodeJson<VerdictRecord>(value);
        if (record.verdict.position.offset >= to) return { byOffset, next };
        byOffset.set(record.verdict.position.offset, record);
        next++;
      }
      if (page.length < VERDICT_PAGE) return { byOffset, next };
    }
  }

  private async event(offset: number): Promise<Event | null> {
    const [stored] = await this.logs.events.read(0, offset, 1);
    const record = stored === undefined ? null : decodeRecord(stored.value);
    return record?.kind === 'event' ? record : null;
  }
}

function rowOf(event: Event, offset: number, sign: number, verdict: string, cause: number): Row {
  const text = (name: string) => {
    const value = event.data[name];
    return typeof value === 'string' ? value : '';
  };
  return {
    partition: 0,
    offset,
    cause_offset: cause,
    id: event.id,
    stream: event.stream,
    source: event.source,
    scope: keyScope(event.key),
    key: keyId(event.key),
    region: text('region'),
    industry: text('industry'),
    time: event.time,
    at: event.at,
    sign,
    verdict,
    backfill: event.backfill === true ? 1 : 0,
    data: JSON.stringify(event.data),
  };
}

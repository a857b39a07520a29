// The events log as rows: what counts has sign 1, what does not 0, and what was taken back a further row with -1.
import { isGone } from '../events/coded-error.js';
import { decodeRecord } from '../events/codec.js';
import { keyId, keyScope, type Event } from '../events/event.js';
import type { EventArchive } from '../ports/history.js';
import type { Logs } from '../ports/log.js';
import type { Row } from '../ports/warehouse.js';
import type { ArchiveSource, Block } from './archive.js';
import { decodeJson } from './checkpoint.js';
import type { VerdictRecord } from './outputs.js';

/** Offset in the verdict log below which every verdict is about an archived event. */
export type EventsMemory = number;

const VERDICT_PAGE = 1_000;

export class EventsSource implements ArchiveSource<EventsMemory> {
  readonly name: string;
  readonly start = 0;
  readonly reached: string;

  /** @param decided offset below which evaluate has decided */
  constructor(
    private readonly logs: Logs,
    private readonly decided: () => number | Promise<number>,
    private readonly partition = 0,
    /** What the log has let go of; without it everything is in the log. */
    private readonly archive?: EventArchive,
  ) {
    this.name = `events/${partition}`;
    // A row that takes another back stands beside that of the record that did so, whose offset is the higher.
    const where = `partition = ${partition} AND offset >= {next:UInt64}`;
    this.reached = `SELECT max(offset) AS highest, count() AS total FROM events WHERE ${where}`;
  }

  async limit(): Promise<number> {
    return this.decided();
  }

  async block(from: number, to: number, memory: EventsMemory): Promise<Block<EventsMemory>> {
    const verdicts = await this.verdicts(memory, to);
    const rows: Row[] = [];
    const gaps: Row[] = [];
    for (const { offset, value } of await this.logs.events.read(this.partition, from, to - from)) {
      if (offset >= to) break;
      const record = decodeRecord(value);
      if (record.kind === 'gap')
        gaps.push({ partition: this.partition, offset, began: record.from, at: record.at });
      if (record.kind !== 'event') continue;
      const verdict = verdicts.byOffset.get(offset)?.verdict;
      const counts = verdict === undefined || verdict.verdict === 'amends';
      const judged = { sign: counts ? 1 : 0, verdict: verdict?.verdict ?? '', code: verdict?.code ?? '' };
      rows.push({ ...this.rowOf(record, offset), ...judged });
      // A duplicate names its original, too, but takes nothing back.
      if (verdict === undefined || verdict.original === null || verdict.verdict === 'duplicate') continue;
      const original = await this.event(verdict.original.offset);
      if (original === null) continue;
      const taken = { sign: -1, verdict: 'revoked', code: verdict.code, cause_offset: offset };
      rows.push({ ...this.rowOf(original, verdict.original.offset), ...taken });
    }
    const tables = new Map([
      ['events', rows],
      ['gaps', gaps],
    ]);
    return { rows: tables, memory: verdicts.next };
  }

  /** Verdicts about records below `to`; written again after a crash they are the same. */
  private async verdicts(from: number, to: number) {
    const byOffset = new Map<number, VerdictRecord>();
    let next = from;
    for (;;) {
      const page = await this.logs.verdicts.read(this.partition, next, VERDICT_PAGE);
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
    try {
      const [stored] = await this.logs.events.read(this.partition, offset, 1);
      const record = stored === undefined ? null : decodeRecord(stored.value);
      return record?.kind === 'event' ? record : null;
    } catch (error) {
      if (this.archive === undefined || !isGone(error)) throw error;
      return (await this.archive.at(this.partition, [offset])).get(offset) ?? null;
    }
  }

  private rowOf(event: Event, offset: number): Row {
    return { partition: this.partition, offset, ...fieldsOf(event) };
  }
}

function fieldsOf(event: Event): Row {
  const text = (name: string) => {
    const value = event.data[name];
    return typeof value === 'string' ? value : '';
  };
  return {
    id: event.id,
    stream: event.stream,
    source: event.source,
    scope: keyScope(event.key),
    key: keyId(event.key),
    region: text('region'),
    industry: text('industry'),
    time: event.time,
    at: event.at,
    revokes: event.revokes ?? '',
    amends: event.amends ?? '',
    backfill: event.backfill === true,
    data: JSON.stringify(event.data),
  };
}

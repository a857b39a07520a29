// The events log as rows: what counts has sign 1, what does not 0, and what was taken back a further row with -1.
import { isGone } from '../events/coded-error.js';
import { decodeRecord } from '../events/codec.js';
import { keyId, keyScope, type Event, type Key } from '../events/event.js';
import type { EventArchive } from '../ports/history.js';
import type { Logs } from '../ports/log.js';
import type { RuleSet } from '../model/ruleset.js';
import type { Row, Warehouse } from '../ports/warehouse.js';
import type { ArchiveSource, Block } from './archive.js';
import { BlockRegistry, isFactual, loadRegistry, textIn, type EventPlace } from './archived-registry.js';
import { decodeJson } from './checkpoint.js';
import type { VerdictRecord } from './outputs.js';
import type { ReleasedEvents } from './retention/released.js';

/** Offset in the verdict log below which every verdict is about an archived event. */
export type EventsMemory = number;

const VERDICT_PAGE = 1_000;
/** Events that were taken back and are asked for at once. */
const ORIGINALS_PAGE = 1_000;

const PLACES = `
SELECT offset, region, industry, domains
FROM events
WHERE partition = {partition:UInt16} AND offset IN {offsets:Array(UInt64)} AND offset < {before:UInt64} AND sign = 1`;

/** By what the archive knows where an event stands in the registry. */
export interface RegistrySource {
  readonly warehouse: Warehouse;
  readonly rules: () => RuleSet;
}

interface Judged {
  readonly offset: number;
  readonly event: Event;
  readonly verdict: VerdictRecord['verdict'] | undefined;
  /** What it takes back, where that is known. */
  readonly original: { readonly offset: number; readonly event: Event } | null;
  readonly code: string;
}

export class EventsSource implements ArchiveSource<EventsMemory> {
  readonly name: string;
  readonly start = 0;
  // A row that takes another back has the offset of that one, and stands beside that of the record that did so.
  readonly tables = ['events', 'gaps', 'profiles'];

  /** @param decided offset below which evaluate has decided */
  constructor(
    private readonly logs: Logs,
    private readonly decided: () => number | Promise<number>,
    private readonly partition = 0,
    /** What the log has let go of; without it everything is in the log. */
    private readonly archive?: EventArchive,
    /** Without it events stand where they say themselves. */
    private readonly registry?: RegistrySource,
    /** What went at the end of its term, where the log may still have it; it does not come back. */
    private readonly released?: () => Promise<ReleasedEvents>,
  ) {
    this.name = `events/${partition}`;
  }

  async limit(): Promise<number> {
    return this.decided();
  }

  async block(from: number, to: number, memory: EventsMemory): Promise<Block<EventsMemory>> {
    const verdicts = await this.verdicts(memory, to);
    const released = await this.released?.();
    const gaps: Row[] = [];
    const judged: Judged[] = [];
    for (const { offset, value } of await this.logs.events.read(this.partition, from, to - from)) {
      if (offset >= to) break;
      const record = decodeRecord(value);
      if (record.kind === 'gap')
        gaps.push({ partition: this.partition, offset, began: record.from, at: record.at });
      if (record.kind !== 'event' || released?.has(offset, record) === true) continue;
      const verdict = verdicts.byOffset.get(offset)?.verdict;
      // Without a verdict, as most are, nothing is waited for.
      const original = verdict === undefined ? null : await this.originalOf(verdict, released);
      const isReleased = original === null && takenBackBy(verdict) !== null;
      const code = isReleased ? 'REVOKED_RELEASED' : (verdict?.code ?? '');
      judged.push({ offset, event: record, verdict, original, code });
    }
    const { rows, profiles } = await this.rowsOf(judged, from);
    const tables = new Map([
      ['events', rows],
      ['gaps', gaps],
      ['profiles', profiles],
    ]);
    return { rows: tables, memory: verdicts.next };
  }

  /** Null also where it was let go at the end of its term: totals then keep it, and the code of the row says so. */
  private async originalOf(
    verdict: Judged['verdict'],
    released: ReleasedEvents | undefined,
  ): Promise<Judged['original']> {
    const offset = takenBackBy(verdict);
    if (offset === null) return null;
    const event = await this.event(offset);
    return event === null || released?.has(offset, event) === true ? null : { offset, event };
  }

  /** @param from where the block begins */
  private async rowsOf(judged: readonly Judged[], from: number) {
    const registry = await this.registryOf(judged, from);
    const places = await this.formerPlaces(judged, from);
    const rows: Row[] = [];
    for (const { offset, event, verdict, original, code } of judged) {
      const counts = verdict === undefined || verdict.verdict === 'amends';
      registry?.step({ offset, at: event.at }, counts ? event : null, original);
      const place = registry?.placeOf(event) ?? statedPlace(event);
      places.set(offset, place);
      const said = verdict?.verdict ?? '';
      rows.push(this.rowOf(event, offset, place, { sign: counts ? 1 : 0, verdict: said, code, cause: null }));
      if (original === null) continue;
      // It is taken off where it was counted, wherever its key stands by now.
      const former = places.get(original.offset) ?? statedPlace(original.event);
      const taken = { sign: -1, verdict: 'revoked', code, cause: offset };
      rows.push(this.rowOf(original.event, original.offset, former, taken));
    }
    return { rows, profiles: registry?.rows ?? [] };
  }

  private async registryOf(judged: readonly Judged[], before: number): Promise<BlockRegistry | null> {
    if (this.registry === undefined) return null;
    const { warehouse, rules } = this.registry;
    const [keys, changing] = [new Set<Key>(), new Set<Key>()];
    const meets = (event: Event) => {
      keys.add(event.key);
      if (isFactual(event)) changing.add(event.key);
    };
    for (const { event, original } of judged) {
      meets(event);
      if (original !== null) meets(original.event);
    }
    const { partition } = this;
    return new BlockRegistry(
      await loadRegistry(warehouse, keys, changing, { partition, before }),
      partition,
      rules(),
    );
  }

  /** Where events stand that were archived before this block and are taken back in it. */
  private async formerPlaces(judged: readonly Judged[], before: number): Promise<Map<number, EventPlace>> {
    const places = new Map<number, EventPlace>();
    const offsets = judged.flatMap(({ original }) =>
      original !== null && original.offset < before ? [original.offset] : [],
    );
    if (this.registry === undefined) return places;
    const { partition } = this;
    for (let at = 0; at < offsets.length; at += ORIGINALS_PAGE) {
      const asked = { partition, before, offsets: offsets.slice(at, at + ORIGINALS_PAGE) };
      for (const row of await this.registry.warehouse.query(PLACES, asked)) {
        const { region, industry, domains } = row as unknown as EventPlace;
        places.set(Number(row['offset']), { region, industry, domains });
      }
    }
    return places;
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
      const record = stored?.offset === offset ? decodeRecord(stored.value) : null;
      return record?.kind === 'event' ? record : null;
    } catch (error) {
      if (this.archive === undefined || !isGone(error)) throw error;
      return (await this.archive.at(this.partition, [offset])).get(offset) ?? null;
    }
  }

  /** In one piece, as all rows are alike then, which the machine makes and reads in the fewest steps. */
  private rowOf(event: Event, offset: number, place: EventPlace, judgement: Judgement): Row {
    return {
      partition: this.partition,
      offset,
      id: event.id,
      stream: event.stream,
      source: event.source,
      scope: keyScope(event.key),
      key: keyId(event.key),
      time: event.time,
      at: event.at,
      revokes: event.revokes ?? '',
      amends: event.amends ?? '',
      backfill: event.backfill === true,
      data: JSON.stringify(event.data),
      region: place.region,
      industry: place.industry,
      domains: place.domains,
      sign: judgement.sign,
      verdict: judgement.verdict,
      code: judgement.code,
      cause_offset: judgement.cause,
    };
  }
}

/** The offset of what a record takes back; null for nothing. A duplicate names its original, too. */
function takenBackBy(verdict: Judged['verdict']): number | null {
  return verdict === undefined || verdict.verdict === 'duplicate' ? null : (verdict.original?.offset ?? null);
}

/** How a row counts, and why. */
interface Judgement {
  readonly sign: number;
  readonly verdict: string;
  readonly code: string;
  /** Offset of the record that took it back. */
  readonly cause: number | null;
}

/** Where an event says itself that it happened. */
function statedPlace({ data }: Event): EventPlace {
  return { region: textIn(data, 'region'), industry: textIn(data, 'industry'), domains: [] };
}

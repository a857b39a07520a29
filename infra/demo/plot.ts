// How a story is written down: steps on days before the end, turned into events of one subject.
import type { JsonObject, StreamName } from '../../src/events/event.js';
import { draft, SOURCES } from './event.js';
import type { Draft } from './event.js';
import { personHandle } from './day.js';
import type { Registry, Subject } from './registry.js';
import { DAY_MS, dayStart, HOUR_MS, localDay, MINUTE_MS, workingDayUpTo } from './rhythm.js';

/** A warning that must be raised before the end of a story. */
export interface Expected {
  readonly model: string;
  /** The key that it is raised on, such as `subject:92330199X…`, `device:sim:gas-alarm-0000` or `region:330199002`. */
  readonly key: string;
}

/** A planted course of events that a person can follow. */
export interface Story {
  readonly id: string;
  /** The subjects and devices to which it happens, the one it is about first; chance does nothing to these subjects. */
  readonly keys: readonly string[];
  readonly title: string;
  readonly summary: string;
  readonly domain: string;
  readonly expected: readonly Expected[];
  /** What becomes of the expected warnings: they stand at the last instant, or are over by then. */
  readonly after: 'standing' | 'cleared' | 'withdrawn';
  /** The harm (or, in the story of a revoked penalty, the revocation): epoch milliseconds. */
  readonly end: number;
}

/** A story with the events that tell it. */
export interface Plot {
  readonly story: Story;
  readonly drafts: readonly Draft[];
}

const SOURCE_OF: { readonly [stream in StreamName]?: string } = {
  complaint: SOURCES.hotline,
  inspection: SOURCES.inspections,
  penalty: SOURCES.penalties,
  opinion: SOURCES.opinions,
  judgment: SOURCES.courts,
  registration: SOURCES.registry,
};

/** Writes the events of one story. Days are counted back from the local day in which the data end. */
export class Teller {
  readonly drafts: Draft[] = [];
  private readonly lastDay: number;

  constructor(
    private readonly registry: Registry,
    endMs: number,
    private readonly story: { readonly id: string; readonly number: number },
    readonly subject: Subject,
  ) {
    this.lastDay = localDay(endMs);
  }

  /** The instant of an hour (local, may have a fraction) so many days before the last. */
  instant(daysBefore: number, hour: number): number {
    return dayStart(this.lastDay) - daysBefore * DAY_MS + Math.round(hour * 60) * MINUTE_MS;
  }

  /** How many days before the last a working day is, on or before the day asked for. */
  workingDay(daysBefore: number): number {
    return this.lastDay - workingDayUpTo(this.lastDay - daysBefore);
  }

  /** A citizen of this story; nobody else in the county has these handles. */
  person(number: number): string {
    return personHandle(this.registry.size.subjects * 5 + this.story.number * 100 + number);
  }

  /** Adds an event and returns its id. `delayMs` after `time` it arrives. */
  tell(
    stream: StreamName,
    time: number,
    data: JsonObject,
    more: { delayMs?: number; revokes?: string } = {},
  ): string {
    const id = `story-${this.story.id}-${String(this.drafts.length + 1).padStart(2, '0')}`;
    const fields = { id, source: SOURCE_OF[stream] as string, stream, subject: this.subject.id, time };
    const at = time + (more.delayMs ?? 12 * MINUTE_MS);
    const official =
      stream === 'inspection' || stream === 'penalty' ? { department: this.subject.department } : {};
    const revokes = more.revokes === undefined ? {} : { revokes: more.revokes };
    this.drafts.push(
      draft({ ...fields, ...revokes, at, data: { region: this.subject.region, ...official, ...data } }),
    );
    return id;
  }

  /** One complaint for each entry: days before the last, and the number of the complainant. */
  complaints(category: string, entries: readonly (readonly [daysBefore: number, person: number])[]): void {
    entries.forEach(([daysBefore, person], order) => {
      const hour = 10 + ((order * 37) % 97) / 10;
      const content = `模拟投诉：${category}`;
      const data = {
        category,
        channel: order % 3 === 2 ? '12315' : '12345',
        content,
        complainant: this.person(person),
      };
      this.tell('complaint', this.instant(daysBefore, hour), data);
    });
  }

  /** A failed inspection on a working day; returns the instant. */
  failedInspection(daysBefore: number, item: string, problem: string, deadline?: string): number {
    const time = this.instant(this.workingDay(daysBefore), 15);
    const data = {
      inspection: `story-${this.story.id}-inspection`,
      result: 'fail',
      method: 'special',
      item,
      problems: [{ code: `story-${this.story.id}`, description: problem, severity: 'major' }],
      ...(deadline === undefined ? {} : { deadline }),
    };
    this.tell('inspection', time, data, { delayMs: HOUR_MS });
    return time;
  }
}

// The shape of what the county sends: CloudEvents 1.0 in structured JSON, and the sources they come from.
import type { JsonObject, StreamName } from '../../src/events/event.js';

/** A CloudEvent as a source sends it. A few are wrong on purpose, so the fields are no narrower than this. */
export interface DemoEvent {
  readonly specversion: '1.0';
  readonly id: string;
  readonly source: string;
  /** `fenghuo.<stream>` */
  readonly type: string;
  /** The subject, device or place; absent where `data.place` says which place. */
  readonly subject?: string;
  /** When it happened (RFC 3339, UTC). */
  readonly time: string;
  /** When it arrived (RFC 3339, UTC). */
  readonly recordedtime: string;
  /** Id, of the same source, of the event that this one takes back. */
  readonly revokes?: string;
  readonly data: JsonObject;
}

/** An event on its way: it is sent when the county's clock reaches `at`. */
export interface Draft {
  readonly at: number;
  readonly event: DemoEvent;
}

/** Takes what a generator makes, in any order of arrival. */
export type Emit = (draft: Draft) => void;

const source = (name: string): string => `urn:fenghuo:simulated:${name}`;

/** Every source of the county. The configuration of a replay declares each with `clock: recorded`. */
export const SOURCES = {
  registry: source('registry'),
  hotline: source('12345-hotline'),
  consumer: source('12315-platform'),
  online: source('online-platform'),
  inspections: source('inspection-platform'),
  penalties: source('penalty-platform'),
  credit: source('credit-platform'),
  opinions: source('opinion-monitor'),
  courts: source('court-feed'),
  gas: source('gas-iot'),
  gasDining: source('gas-iot-dining'),
  equipment: source('equipment-iot'),
  cases: source('case-system'),
} as const;

export interface DraftFields {
  readonly id: string;
  readonly source: string;
  readonly stream: StreamName;
  readonly subject?: string;
  readonly time: number;
  readonly at: number;
  readonly revokes?: string;
  readonly data: JsonObject;
}

/** RFC 3339 in UTC, with milliseconds. */
export function timestamp(instantMs: number): string {
  return new Date(instantMs).toISOString();
}

export function draft(fields: DraftFields): Draft {
  const event: DemoEvent = {
    specversion: '1.0',
    id: fields.id,
    source: fields.source,
    type: `fenghuo.${fields.stream}`,
    ...(fields.subject === undefined ? {} : { subject: fields.subject }),
    time: timestamp(fields.time),
    recordedtime: timestamp(fields.at),
    ...(fields.revokes === undefined ? {} : { revokes: fields.revokes }),
    data: fields.data,
  };
  return { at: fields.at, event };
}

/** Ids number the events of a stream within a day of the county: `cmp-012-00034`. They hold no calendar date. */
export function numbered(prefix: string, dayIndex: number, sequence: number): string {
  return `${prefix}-${String(dayIndex).padStart(3, '0')}-${String(sequence).padStart(5, '0')}`;
}

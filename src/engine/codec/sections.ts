// The parts of a key's record that most keys do not have, each behind a flag of the header.
//
// To keep something new on a key, add a section at the end of SECTIONS: its flag is its place. A build that does not
// know a section refuses the record, so a new one needs no new version.
import type { Json, JsonObject } from '../../events/event.js';
import type { ByteReader } from '../byte-reader.js';
import type { ByteWriter } from '../byte-writer.js';
import type { KeyState } from '../key-state.js';
import { BackfilledReadings } from '../known-events.js';
import type { EventReference } from '../reference.js';
import type { ForwardedTo, ReadWarning, StrataState } from '../strata-state.js';

export interface Section {
  readonly name: string;
  holds(state: KeyState): boolean;
  /** Visits the events that it names; absent where it names none. */
  each?(state: KeyState, visit: (reference: EventReference) => void): void;
  /** It tells something of events, and is written with each part of them. */
  readonly ofEvents?: true;
  /**
   * Writes it; an event is named by its `place`. `base` is the arrival of the last event of the record. Where the events
   * of the key lie in parts, what is told of each event is told for those of `among` alone.
   */
  write(writer: ByteWriter, state: KeyState, base: number, among: readonly EventReference[] | null): void;
  read(reader: ByteReader, state: KeyState, references: readonly EventReference[], base: number): void;
}

/** Count, then each: day, metric, count of times, the first, growth from time to time. */
const BACKFILLED: Section = {
  name: 'backfilled',
  holds: ({ backfilled }) => backfilled !== null && backfilled.size > 0,
  write(writer, { backfilled }) {
    writer.whole(backfilled?.size ?? 0);
    backfilled?.each((day, metric, times) => {
      writer.whole(day);
      writer.string(metric);
      writer.whole(times.length);
      let before = 0;
      for (let index = 0; index < times.length; index++) {
        const time = times[index] as number;
        if (index === 0) writer.instant(time, 0);
        else writer.whole(time - before);
        before = time;
      }
    });
  },
  read(reader, state) {
    const backfilled = (state.backfilled ??= new BackfilledReadings());
    for (let count = reader.whole(); count > 0; count--) {
      const day = reader.whole();
      const metric = reader.string();
      const times: number[] = [];
      for (let left = reader.whole(); left > 0; left--) {
        const before = times[times.length - 1];
        times.push(before === undefined ? reader.instant(0) : before + reader.whole());
      }
      backfilled.restore(day, metric, times);
    }
  },
};

/** Count, then each: id, until. */
const TOMBSTONES: Section = {
  name: 'tombstones',
  holds: ({ tombstones }) => tombstones !== null && tombstones.size > 0,
  write(writer, { tombstones }, base) {
    writer.whole(tombstones?.size ?? 0);
    for (const [id, until] of tombstones ?? []) {
      writer.string(id);
      writer.instant(until, base);
    }
  },
  read(reader, state, _references, base) {
    for (let count = reader.whole(); count > 0; count--) {
      state.setTombstone(reader.string(), reader.instant(base), -Infinity);
    }
  },
};

/** Facts of the oldest records, then count and each: 2 x event (+ 1 for a registration), facts. */
const PROFILE: Section = {
  name: 'profile',
  holds: ({ history }) => history !== null,
  each(state, visit) {
    for (const { reference } of state.history?.entries ?? []) visit(reference);
  },
  write(writer, { history }) {
    writer.value(history?.base ?? {});
    writer.whole(history?.entries.length ?? 0);
    for (const { reference, facts, registration } of history?.entries ?? []) {
      writer.whole(2 * (reference.place - 1) + (registration ? 1 : 0));
      writer.value(facts);
    }
  },
  read(reader, state, references) {
    const history = state.openHistory();
    history.base = reader.value() as JsonObject;
    for (let count = reader.whole(); count > 0; count--) {
      const coded = reader.whole();
      const reference = references[coded >> 1] as EventReference;
      history.add(reference, reader.value() as JsonObject, coded % 2 === 1);
    }
  },
};

/**
 * Where events went, and warnings that were read:
 *   keys that events went to: count, each: stratum, key; then count of events, each: event, count, places of its keys
 *   warnings: count, each: id, event, item, stands u8
 */
const BEYOND_EVENTS: Section = {
  name: 'events and other keys',
  ofEvents: true,
  holds: ({ beyond }) => beyond !== null,
  each: ({ beyond }, visit) => beyond?.each(visit),
  write(writer, { beyond }, _base, among) {
    if (beyond === null) return;
    const forwarded = among === null ? beyond.forwarded : forwardedAmong(beyond, among);
    const warnings = among === null ? beyond.warnings : warningsAmong(beyond, among);
    writeForwarded(writer, forwarded);
    writer.whole(warnings.size);
    for (const [warning, { reference, item, stands }] of warnings) {
      writer.string(warning);
      writer.whole(reference.place - 1);
      writer.value(item);
      writer.byte(stands ? 1 : 0);
    }
  },
  read(reader, state, references) {
    const beyond = state.openBeyond(-Infinity);
    readForwarded(reader, beyond.forwarded, references);
    for (let count = reader.whole(); count > 0; count--) {
      const warning = reader.string();
      const reference = references[reader.whole()] as EventReference;
      const item = reader.value() as string;
      beyond.warnings.set(warning, { reference, item, stands: reader.byte() === 1 });
    }
  },
};

/**
 * What other keys are to this one:
 *   devices: count, each: key, when it left (0 for not yet, or 1 and the instant)
 *   owners:  count, each: id, profile
 */
const BEYOND_KEYS: Section = {
  name: 'devices and owners',
  holds: ({ beyond }) => beyond !== null && beyond.deviceCount + beyond.owners.size > 0,
  write(writer, { beyond }, base) {
    writer.whole(beyond?.deviceCount ?? 0);
    beyond?.eachDevice((device, leftAt) => {
      writer.string(device);
      writer.byte(leftAt === Infinity ? 0 : 1);
      if (leftAt !== Infinity) writer.instant(leftAt, base);
    });
    writer.whole(beyond?.owners.size ?? 0);
    for (const [owner, profile] of beyond?.owners ?? []) {
      writer.string(owner);
      writer.value(profile);
    }
  },
  read(reader, state, _references, base) {
    const beyond = state.openBeyond(-Infinity);
    for (let count = reader.whole(); count > 0; count--) {
      const device = reader.string();
      beyond.restoreDevice(device, reader.byte() === 0 ? Infinity : reader.instant(base));
    }
    for (let count = reader.whole(); count > 0; count--) {
      beyond.owners.set(reader.string(), reader.value() as { [field: string]: Json });
    }
  },
};

function forwardedAmong({ forwarded }: StrataState, among: readonly EventReference[]): Forwarded {
  const found: Forwarded = new Map();
  for (const reference of among) {
    const keys = forwarded.get(reference);
    if (keys !== undefined) found.set(reference, keys);
  }
  return found;
}

function warningsAmong(
  { warnings }: StrataState,
  among: readonly EventReference[],
): Map<string, ReadWarning> {
  const found = new Map<string, ReadWarning>();
  for (const reference of among) {
    const warning = warnings.get(reference.id);
    if (warning?.reference === reference) found.set(reference.id, warning);
  }
  return found;
}

type Forwarded = Map<EventReference, readonly ForwardedTo[]>;

/** Many events went to few keys, so these are told once. */
function writeForwarded(writer: ByteWriter, forwarded: Forwarded): void {
  const places = new Map<string, number>();
  const targets: ForwardedTo[] = [];
  for (const keys of forwarded.values()) {
    for (const target of keys) {
      const name = `${target.stratum} ${target.key}`;
      if (!places.has(name)) places.set(name, targets.push(target) - 1);
    }
  }
  writer.whole(targets.length);
  for (const { stratum, key } of targets) {
    writer.whole(stratum);
    writer.string(key);
  }
  writer.whole(forwarded.size);
  for (const [reference, keys] of forwarded) {
    writer.whole(reference.place - 1);
    writer.whole(keys.length);
    for (const { stratum, key } of keys) writer.whole(places.get(`${stratum} ${key}`) ?? 0);
  }
}

function readForwarded(
  reader: ByteReader,
  forwarded: Forwarded,
  references: readonly EventReference[],
): void {
  const targets: ForwardedTo[] = [];
  for (let count = reader.whole(); count > 0; count--) {
    targets.push({ stratum: reader.whole(), key: reader.string() });
  }
  for (let count = reader.whole(); count > 0; count--) {
    const reference = references[reader.whole()] as EventReference;
    const keys: ForwardedTo[] = [];
    for (let left = reader.whole(); left > 0; left--) keys.push(targets[reader.whole()] as ForwardedTo);
    forwarded.set(reference, keys);
  }
}

/** What only keys have whose events are objects. */
export const BESIDE_ROWS: readonly Section[] = [BACKFILLED, TOMBSTONES];
/** What names events of any stream; the others name those alone that state facts. */
export const NAMES_ANY: readonly Section[] = [BEYOND_EVENTS];

/** In the order of their flags, which are part of the layout. */
export const SECTIONS: readonly Section[] = [BACKFILLED, TOMBSTONES, PROFILE, BEYOND_EVENTS, BEYOND_KEYS];

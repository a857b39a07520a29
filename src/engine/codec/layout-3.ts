// Layout 3 of a key's state, as builds before layout 4 wrote it. It is read, and never written any more.
//
//   version u8 = 3, epoch of the rules that wrote it, primed in + 1
//   references: count, then each: id, metric ('' for none), stream u8, flags u8 (1 revoked, 2 revocation, 4 known,
//               8 forwarded), time f64, at f64, offset, keepUntil f64, and where forwarded partition + 1
//   backfilled: count, then each: day, metric, time count, first time f64, growth from time to time
//   tombstones: count, then each: id, until f64
//   profile:    0, or 1 and base JSON, entry count, then each: reference index, registration u8, facts JSON
//   windows:    count, then each: identity, 1 where it waits for its history, length in bytes u32, what it holds
//   models:     count, then each: name, rank shown (0 none), episode u8 [warning, raised f64, ordinal, quiet u8,
//               key count + 1 or 0 for not yet, forwarded to],
//               due f64, count of levels that are not idle, each: rank, on u8, elapsed, runningSince f64, unknownSince f64
//   beyond:     0, or 1 and forwarded events (count, each: reference index, key count, each: stratum, key), devices
//               (count, each: key, left at f64), owners (count, each: id, profile JSON), warnings (count, each: id,
//               reference index, item, stands u8)
//
// What a window holds: [departed f64 where it is absent or has a baseline], then for an exact one the end of its
// overflow f64 (-Infinity for none), count of entries, each: reference index, value; for one in panes their count, each:
// start f64, lost u8, and entries as above, or error u8 [placement f64, id, value] and its tally; for one that waits
// for its history entries, and mostly count of placements of what was forgotten, each f64.
import type { Json, JsonObject, Key } from '../../events/event.js';
import { LEVELS, type WindowIndicator } from '../../model/model.js';
import { ByteReader } from '../byte-reader.js';
import { ByteWriter } from '../byte-writer.js';
import { bornName } from '../generation.js';
import { FeedCountWindow } from '../indicators/feed-count.js';
import { MissedWindow } from '../indicators/missed.js';
import { openWindow } from '../indicators/open.js';
import { tallyFor } from '../indicators/tally-for.js';
import { KeyState, type Episode } from '../key-state.js';
import { BackfilledReadings } from '../known-events.js';
import { isIdle, openLevel } from '../levels.js';
import { EventReference, ForwardedReference } from '../reference.js';
import { isOf, takeReferences, takeWindow, type Reading } from './reading.js';

/** Decodes a key's state of layout 3 for a plan; the version has been read. */
export function readLayout3(reader: ByteReader, key: Key, reading: Reading): KeyState {
  const state = new KeyState(key);
  const epoch = reader.whole();
  state.primedIn = reader.whole() - 1;
  const references = readReferences(reader, state, reading);
  readBackfilled(reader, state);
  for (let count = reader.whole(); count > 0; count--) {
    state.setTombstone(reader.string(), reader.double(), -Infinity);
  }
  readProfile(reader, state, references);
  for (let count = reader.whole(); count > 0; count--) readWindow(reader, state, references, reading, epoch);
  for (let count = reader.whole(); count > 0; count--) readModel(reader, state, reading, epoch);
  if (reader.byte() === 1) readBeyond(reader, state, references);
  return state;
}

function readReferences(reader: ByteReader, state: KeyState, { unify }: Reading): EventReference[] {
  const references: EventReference[] = [];
  let known = 0;
  for (let count = reader.whole(); count > 0; count--) {
    const id = reader.string();
    const metric = reader.string() || null;
    const stream = reader.byte();
    const flags = reader.byte();
    const time = reader.double();
    const at = reader.double();
    const offset = reader.whole();
    const keepUntil = reader.double();
    const reference =
      (flags & 8) === 0
        ? new EventReference(id, stream, time, at, offset, keepUntil, metric, (flags & 2) !== 0)
        : new ForwardedReference(id, stream, time, at, offset, keepUntil, reader.whole() - 1);
    reference.revoked = (flags & 1) !== 0;
    // Known events came first.
    if ((flags & 4) !== 0) known++;
    references.push(reference);
  }
  takeReferences(state, references, known, unify);
  return references;
}

function readBackfilled(reader: ByteReader, state: KeyState): void {
  for (let count = reader.whole(); count > 0; count--) {
    const day = reader.whole();
    const metric = reader.string();
    const times: number[] = [];
    for (let left = reader.whole(); left > 0; left--) {
      const before = times[times.length - 1];
      times.push(before === undefined ? reader.double() : before + reader.whole());
    }
    (state.backfilled ??= new BackfilledReadings()).restore(day, metric, times);
  }
}

function readProfile(reader: ByteReader, state: KeyState, references: readonly EventReference[]): void {
  if (reader.byte() === 0) return;
  const history = state.openHistory();
  history.base = JSON.parse(reader.string()) as JsonObject;
  for (let count = reader.whole(); count > 0; count--) {
    const reference = references[reader.whole()] as EventReference;
    const registration = reader.byte() === 1;
    history.add(reference, JSON.parse(reader.string()) as JsonObject, registration);
  }
}

function readWindow(
  reader: ByteReader,
  state: KeyState,
  references: readonly EventReference[],
  reading: Reading,
  epoch: number,
): void {
  const identity = reader.string();
  const isPriming = reader.byte() === 1;
  const end = reader.u32() + reader.offset;
  const plan = reading.plan.byIdentity.get(identity);
  if (plan !== undefined && isOf(reading, identity, epoch)) {
    const section = new ByteReader(reader.bytes, reader.offset, end);
    const rewritten = new ByteReader(asWritten(section, plan.indicator, isPriming));
    takeWindow(state, plan, isPriming, reading, (window) => window.decode(rewritten, references));
  }
  reader.offset = end;
}

/** What a window of today would have written. */
function asWritten(reader: ByteReader, indicator: WindowIndicator, isPriming: boolean): Uint8Array {
  const writer = new ByteWriter();
  if (isPriming) {
    const count = reader.whole();
    writer.whole(count);
    for (let left = count; left > 0; left--) {
      writer.whole(reader.whole());
      writer.value(reader.value());
    }
    // The first builds said nothing of what was forgotten.
    const lost = reader.done ? 0 : reader.whole();
    writer.whole(lost);
    for (let left = lost; left > 0; left--) writer.instant(reader.double(), 0);
    return writer.finish();
  }
  // These have no entries, and have not changed what they write.
  const empty = openWindow(indicator);
  if (empty instanceof MissedWindow || empty instanceof FeedCountWindow) {
    return reader.bytes.slice(reader.offset, reader.end);
  }
  if (indicator.operator === 'absent' || indicator.baseline !== null) {
    const departed = reader.double();
    writer.byte(Number.isNaN(departed) ? 0 : 1);
    if (!Number.isNaN(departed)) writer.instant(departed, 0);
  }
  if (indicator.panes !== null) rewritePanes(reader, writer, indicator);
  else {
    const overflow = reader.double();
    const isOver = overflow !== -Infinity;
    const count = reader.whole();
    writer.whole(4 * count + 1 + (isOver ? 2 : 0));
    if (isOver) writer.instant(overflow, 0);
    rewriteEntries(reader, writer, count, 0);
  }
  return writer.finish();
}

/** @param expected index of the event that would be next @returns the same after the entries */
function rewriteEntries(reader: ByteReader, writer: ByteWriter, count: number, expected: number): number {
  let next = expected;
  for (let left = count; left > 0; left--) {
    const index = reader.whole();
    writer.signed(index - next);
    writer.value(reader.value());
    next = index + 1;
  }
  return next;
}

function rewritePanes(reader: ByteReader, writer: ByteWriter, indicator: WindowIndicator): void {
  const count = reader.whole();
  writer.whole(count);
  let [before, expected] = [0, 0];
  for (let left = count; left > 0; left--) {
    const start = reader.double();
    const lost = reader.byte();
    writer.signed(start - before);
    before = start;
    if (indicator.keepsEntries) {
      writer.byte(lost);
      const entries = reader.whole();
      writer.whole(entries);
      expected = rewriteEntries(reader, writer, entries, expected);
      continue;
    }
    const hasError = reader.byte();
    writer.byte(lost | (2 * hasError));
    if (hasError === 1) {
      writer.instant(reader.double(), start);
      writer.string(reader.string());
      writer.value(reader.value());
    }
    const tally = tallyFor(indicator);
    tally.decode(reader);
    tally.encode(writer);
  }
}

function readModel(reader: ByteReader, state: KeyState, reading: Reading, epoch: number): void {
  const plan = reading.plan.byName.get(reader.string());
  const shown = reader.whole();
  const episode = reader.byte() === 1 ? readEpisode(reader) : null;
  const due = reader.double();
  const levels = plan?.model.levels.map(openLevel) ?? [];
  for (let count = reader.whole(); count > 0; count--) {
    const named = LEVELS[reader.whole()];
    const index = plan?.model.levels.findIndex(({ level }) => level === named) ?? -1;
    const level = levels[index] ?? openLevel();
    level.on = reader.byte() === 1;
    level.elapsed = reader.whole();
    level.runningSince = reader.double();
    level.unknownSince = reader.double();
  }
  if (plan === undefined || !isOf(reading, bornName(plan.model), epoch)) return;
  const model = state.openModel(plan);
  model.shown = shown;
  model.episode = episode;
  model.due = model.storedDue = due;
  model.levels = levels.every(isIdle) ? null : levels;
  model.storedHolds = model.holds;
}

function readEpisode(reader: ByteReader): Episode {
  const warning = reader.string();
  const raised = reader.double();
  const episode: Episode = { warning, raised, ordinal: reader.whole(), quiet: reader.byte() === 1 };
  const count = reader.whole() - 1;
  if (count >= 0) episode.forwardedTo = Array.from({ length: count }, () => reader.string());
  return episode;
}

function readBeyond(reader: ByteReader, state: KeyState, references: readonly EventReference[]): void {
  const beyond = state.openBeyond(-Infinity);
  for (let count = reader.whole(); count > 0; count--) {
    const reference = references[reader.whole()] as EventReference;
    const keys = Array.from({ length: reader.whole() }, () => ({
      stratum: reader.whole(),
      key: reader.string(),
    }));
    beyond.forwarded.set(reference, keys);
  }
  for (let count = reader.whole(); count > 0; count--) {
    beyond.restoreDevice(reader.string(), reader.double());
  }
  for (let count = reader.whole(); count > 0; count--) {
    beyond.owners.set(reader.string(), JSON.parse(reader.string()) as { [field: string]: Json });
  }
  for (let count = reader.whole(); count > 0; count--) {
    const warning = reader.string();
    const reference = references[reader.whole()] as EventReference;
    beyond.warnings.set(warning, { reference, item: reader.string(), stands: reader.byte() === 1 });
  }
}

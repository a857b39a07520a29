// The state of one key as bytes.
//
//   version u8 = 3, epoch of the rules that wrote it, primed in + 1
//   references: count, then each: id, metric ('' for none), stream u8, flags u8 (1 revoked, 2 revocation, 4 known,
//               8 forwarded), time f64, at f64, offset, keepUntil f64, and where forwarded partition + 1
//   backfilled: count, then each: day, metric, time count, first time, growth from time to time
//   tombstones: count, then each: id, until f64
//   profile:    0, or 1 and base JSON, entry count, then each: reference index, registration u8, facts JSON
//   windows:    count, then each: identity, 1 where it waits for its history, length in bytes, what the window wrote
//   models:     count, then each: name, rank shown (0 none), episode u8 [warning, raised f64, ordinal, quiet u8,
//               key count + 1 or 0 for not yet, forwarded to],
//               due f64, count of levels that are not idle, each: rank, on u8, elapsed, runningSince f64, unknownSince f64
//
//   beyond:     0, or 1 and what StrataState writes
//
// Whole numbers are variable length, strings UTF-8 with their length; windows, models and levels are named, so that a
// revision finds what it kept.
import { CodedError } from '../events/coded-error.js';
import type { JsonObject, Key } from '../events/event.js';
import { ByteReader, ByteWriter } from './bytes.js';
import { KeyState, type ModelState } from './key-state.js';
import { BackfilledReadings } from './known-events.js';
import { LEVELS, rank } from '../model/model.js';
import { bornName, FIRST_GENERATION, type Generation } from './generation.js';
import { PrimingWindow } from './indicators/priming-window.js';
import { isIdle, openLevel, type LevelState } from './levels.js';
import type { ScopePlan } from './plan.js';
import { EventReference, ForwardedReference, PLACES_MAX } from './reference.js';

const VERSION = 3;

/** Reused for every key. */
const writer = new ByteWriter();

/**
 * Encodes a key's state; marks are not part of it, they belong to the checkpoint.
 * @param epoch of the rules that it was stepped with
 */
export function encodeKeyState(state: KeyState, epoch = 0): Uint8Array {
  writer.restart();
  writer.byte(VERSION);
  writer.whole(epoch);
  writer.whole(state.primedIn + 1);
  const references = referencesOf(state);
  try {
    writeState(state, references);
  } finally {
    for (const reference of references.all) reference.place = 0;
  }
  return writer.finish();
}

function writeState(state: KeyState, references: References): void {
  writeReferences(writer, references);
  writeBackfilled(writer, state);
  writer.whole(state.tombstones?.size ?? 0);
  for (const [id, until] of state.tombstones ?? []) {
    writer.string(id);
    writer.double(until);
  }
  writeProfile(writer, state);
  writeWindows(writer, state);
  writer.whole(state.modelStates.length);
  for (const model of state.modelStates) writeModel(writer, model);
  writer.byte(state.beyond === null ? 0 : 1);
  state.beyond?.encode(writer, indexOf);
}

/** All references that a key holds, each once, the known events first; each is told its place for the while. */
interface References {
  readonly all: readonly EventReference[];
  /** How many of them are known events. */
  readonly known: number;
}

function referencesOf(state: KeyState): References {
  const all: EventReference[] = [];
  const note = (reference: EventReference) => {
    if (reference.place === 0) reference.place = all.push(reference);
  };
  state.known.each(note);
  const known = all.length;
  for (const entry of state.history?.entries ?? []) note(entry.reference);
  state.eachWindow((window) => window.each(note));
  state.beyond?.each(note);
  if (all.length > PLACES_MAX) throw new RangeError(`A key holds more than ${PLACES_MAX} events.`);
  return { all, known };
}

function indexOf(reference: EventReference): number {
  return reference.place - 1;
}

/** Takes the place of a reference that was read, for example by the same one as another state knows it. */
export type Unify = (reference: EventReference, known: boolean) => EventReference;

/**
 * Decodes a key's state for a plan. What the plan does not have is left out, and so is what belonged to a window or
 * model of the same name that was removed since.
 */
export function decodeKeyState(
  key: Key,
  bytes: Uint8Array,
  plan: ScopePlan,
  generation: Generation = FIRST_GENERATION,
  unify: Unify = itself,
): KeyState {
  const reader = new ByteReader(bytes);
  const version = reader.byte();
  if (version !== VERSION) throw new CodedError('STATE_VERSION', `Layout ${version}.`);
  const state = new KeyState(key);
  const epoch = reader.whole();
  state.primedIn = reader.whole() - 1;
  const references = readReferences(reader, state, unify);
  readBackfilled(reader, state);
  for (let count = reader.whole(); count > 0; count--) {
    state.setTombstone(reader.string(), reader.double(), -Infinity);
  }
  readProfile(reader, state, references);
  const isOf = (name: string) => (generation.born[name] ?? 0) <= epoch;
  const waits = (identity: string) =>
    generation.unprimed.includes(identity) && state.primedIn !== generation.epoch;
  readWindows(reader, state, { plan, references, isOf, waits });
  for (let count = reader.whole(); count > 0; count--) readModel(reader, state, plan, isOf);
  if (reader.byte() === 1) {
    state.openBeyond(-Infinity).decode(reader, (index) => references[index] as EventReference);
  }
  return state;
}

/** The epoch of the rules under which a record was written. */
export function epochOf(bytes: Uint8Array): number {
  const reader = new ByteReader(bytes);
  reader.byte();
  return reader.whole();
}

function itself(reference: EventReference): EventReference {
  return reference;
}

function writeReferences(writer: ByteWriter, { all, known }: References): void {
  writer.whole(all.length);
  for (const [index, reference] of all.entries()) {
    writer.string(reference.id);
    writer.string(reference.metric ?? '');
    writer.byte(reference.stream);
    const forwarded = reference instanceof ForwardedReference;
    writer.byte(
      (reference.revoked ? 1 : 0) |
        (reference.revocation ? 2 : 0) |
        (index < known ? 4 : 0) |
        (forwarded ? 8 : 0),
    );
    writer.double(reference.time);
    writer.double(reference.at);
    writer.whole(reference.offset);
    writer.double(reference.keepUntil);
    if (forwarded) writer.whole(reference.partition + 1);
  }
}

function readReferences(reader: ByteReader, state: KeyState, unify: Unify): EventReference[] {
  const references: EventReference[] = [];
  for (let count = reader.whole(); count > 0; count--) {
    const id = reader.string();
    const metric = reader.string() || null;
    const stream = reader.byte();
    const flags = reader.byte();
    const time = reader.double();
    const at = reader.double();
    const offset = reader.whole();
    const keepUntil = reader.double();
    const isRevocation = (flags & 2) !== 0;
    const read =
      (flags & 8) === 0
        ? new EventReference(id, stream, time, at, offset, keepUntil, metric, isRevocation)
        : new ForwardedReference(id, stream, time, at, offset, keepUntil, reader.whole() - 1);
    read.revoked = (flags & 1) !== 0;
    const reference = unify(read, (flags & 4) !== 0);
    references.push(reference);
    if ((flags & 4) !== 0) state.known.add(reference, -Infinity);
  }
  return references;
}

function writeBackfilled(writer: ByteWriter, { backfilled }: KeyState): void {
  writer.whole(backfilled?.size ?? 0);
  backfilled?.each((day, metric, times) => {
    writer.whole(day);
    writer.string(metric);
    writer.whole(times.length);
    let before = 0;
    for (const [index, time] of times.entries()) {
      if (index === 0) writer.double(time);
      else writer.whole(time - before);
      before = time;
    }
  });
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

function writeProfile(writer: ByteWriter, { history }: KeyState): void {
  writer.byte(history === null ? 0 : 1);
  if (history === null) return;
  writer.string(JSON.stringify(history.base));
  writer.whole(history.entries.length);
  for (const entry of history.entries) {
    writer.whole(indexOf(entry.reference));
    writer.byte(entry.registration ? 1 : 0);
    writer.string(JSON.stringify(entry.facts));
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

function writeWindows(writer: ByteWriter, state: KeyState): void {
  let count = 0;
  state.eachWindow(() => count++);
  writer.whole(count);
  state.eachWindow((window, plan) => {
    writer.string(plan.indicator.identity);
    writer.byte(window instanceof PrimingWindow ? 1 : 0);
    writer.section(() => window.encode(writer, indexOf));
  });
}

interface ReadingWindows {
  readonly plan: ScopePlan;
  readonly references: readonly EventReference[];
  /** Whether what the record holds belongs to the indicator of that identity. */
  readonly isOf: (identity: string) => boolean;
  /** Whether the indicator still waits for its history here. */
  readonly waits: (identity: string) => boolean;
}

function readWindows(reader: ByteReader, state: KeyState, reading: ReadingWindows): void {
  const { plan, references, isOf, waits } = reading;
  const referenceAt = (index: number) => references[index] as EventReference;
  for (let count = reader.whole(); count > 0; count--) {
    const identity = reader.string();
    const isPriming = reader.byte() === 1;
    const section = reader.section();
    const windowPlan = plan.byIdentity.get(identity);
    if (windowPlan === undefined || !isOf(identity)) continue;
    if (!isPriming) {
      state.openWindow(windowPlan).decode(section, referenceAt);
      continue;
    }
    const priming = new PrimingWindow(windowPlan.indicator);
    priming.decode(section, referenceAt);
    if (waits(identity)) state.putWindow(windowPlan, priming);
    // All history has been told, and there was none here.
    else priming.settleInto(state.openWindow(windowPlan), -Infinity);
  }
}

function writeModel(writer: ByteWriter, model: ModelState): void {
  writer.string(model.plan.model.name);
  writer.whole(model.shown);
  writer.byte(model.episode === null ? 0 : 1);
  if (model.episode !== null) {
    writer.string(model.episode.warning);
    writer.double(model.episode.raised);
    writer.whole(model.episode.ordinal);
    writer.byte(model.episode.quiet ? 1 : 0);
    const { forwardedTo } = model.episode;
    writer.whole(forwardedTo === undefined ? 0 : forwardedTo.length + 1);
    for (const key of forwardedTo ?? []) writer.string(key);
  }
  writer.double(model.due);
  const { levels } = model;
  writer.whole(levels?.filter((level) => !isIdle(level)).length ?? 0);
  for (const [index, level] of (levels ?? []).entries()) {
    if (isIdle(level)) continue;
    writer.whole(rank(model.plan.model.levels[index]?.level ?? 'none'));
    writer.byte(level.on ? 1 : 0);
    writer.whole(level.elapsed);
    writer.double(level.runningSince);
    writer.double(level.unknownSince);
  }
}

function readModel(
  reader: ByteReader,
  state: KeyState,
  plan: ScopePlan,
  isOf: (name: string) => boolean,
): void {
  const modelPlan = plan.byName.get(reader.string());
  const shown = reader.whole();
  let episode: ModelState['episode'] = null;
  if (reader.byte() === 1) {
    const warning = reader.string();
    const raised = reader.double();
    episode = { warning, raised, ordinal: reader.whole(), quiet: reader.byte() === 1 };
    const count = reader.whole() - 1;
    if (count >= 0) episode.forwardedTo = Array.from({ length: count }, () => reader.string());
  }
  const due = reader.double();
  const levels: LevelState[] | undefined = modelPlan?.model.levels.map(openLevel);
  for (let count = reader.whole(); count > 0; count--) {
    const ranked = LEVELS[reader.whole()];
    const index = modelPlan?.model.levels.findIndex(({ level }) => level === ranked) ?? -1;
    // A level that the model has no more is forgotten.
    const level = levels?.[index] ?? openLevel();
    level.on = reader.byte() === 1;
    level.elapsed = reader.whole();
    level.runningSince = reader.double();
    level.unknownSince = reader.double();
  }
  if (modelPlan === undefined || levels === undefined || !isOf(bornName(modelPlan.model))) return;
  const model = state.openModel(modelPlan);
  model.shown = shown;
  model.episode = episode;
  model.due = model.storedDue = due;
  model.levels = levels.every(isIdle) ? null : levels;
  model.storedHolds = model.holds;
}

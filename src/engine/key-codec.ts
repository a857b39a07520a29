// The state of one key as bytes.
//
//   version u8 = 1
//   references: count, then each: id, identity ('' = id), stream u8, flags u8 (1 revoked, 2 revocation, 4 known),
//               time f64, at f64, offset, keepUntil f64
//   tombstones: count, then each: id, until f64
//   profile:    base JSON, entry count, then each: reference index, registration u8, facts JSON
//   windows:    count, then each: identity, overflow f64, remainder f64, entry count, (reference index, value)...
//   models:     count, then each: name, shown (0 none), episode u8 [warning, raised f64, ordinal, quiet u8],
//               due f64, level count, each: on u8, elapsed, runningSince f64, unknownSince f64
//
// Whole numbers are variable length, strings UTF-8 with their length, windows and models are named, so that a
// revision finds what it kept.
import { CodedError } from '../events/coded-error.js';
import type { JsonObject, Key } from '../events/event.js';
import { ByteReader, ByteWriter } from './bytes.js';
import type { Window } from './indicators/window.js';
import { KeyState, type ModelState } from './key-state.js';
import { openLevel } from './levels.js';
import type { ScopePlan } from './plan.js';
import { EventReference } from './reference.js';

const VERSION = 1;

/** Encodes a key's state; marks are not part of it, they belong to the checkpoint. */
export function encodeKeyState(state: KeyState, plan: ScopePlan): Uint8Array {
  const writer = new ByteWriter();
  writer.byte(VERSION);
  const indexOf = writeReferences(writer, state);
  writer.whole(state.tombstones.size);
  for (const [id, until] of state.tombstones) {
    writer.string(id);
    writer.double(until);
  }
  writer.string(JSON.stringify(state.history.base));
  writer.whole(state.history.entries.length);
  for (const entry of state.history.entries) {
    writer.whole(indexOf.get(entry.reference) as number);
    writer.byte(entry.registration ? 1 : 0);
    writer.string(JSON.stringify(entry.facts));
  }
  writeWindows(writer, state, plan, indexOf);
  const models = plan.models.filter((model) => state.models[model.index] !== undefined);
  writer.whole(models.length);
  for (const model of models) writeModel(writer, model.model.name, state.models[model.index] as ModelState);
  return writer.finish();
}

/** Decodes a key's state for a plan; windows and models that the plan does not have are left out. */
export function decodeKeyState(key: Key, bytes: Uint8Array, plan: ScopePlan): KeyState {
  const reader = new ByteReader(bytes);
  const version = reader.byte();
  if (version !== VERSION) throw new CodedError('STATE_VERSION', `Layout ${version}.`);
  const state = new KeyState(key);
  const references = readReferences(reader, state);
  for (let count = reader.whole(); count > 0; count--) state.tombstones.set(reader.string(), reader.double());
  state.history.base = JSON.parse(reader.string()) as JsonObject;
  for (let count = reader.whole(); count > 0; count--) {
    const reference = references[reader.whole()] as EventReference;
    const registration = reader.byte() === 1;
    state.history.add(reference, JSON.parse(reader.string()) as JsonObject, registration);
  }
  readWindows(reader, state, plan, references);
  for (let count = reader.whole(); count > 0; count--) readModel(reader, state, plan);
  return state;
}

function writeReferences(writer: ByteWriter, state: KeyState): Map<EventReference, number> {
  const indexOf = new Map<EventReference, number>();
  const note = (reference: EventReference) => {
    if (!indexOf.has(reference)) indexOf.set(reference, indexOf.size);
  };
  for (const reference of state.known.values()) note(reference);
  for (const entry of state.history.entries) note(entry.reference);
  for (const window of state.windows) window?.each(note);
  writer.whole(indexOf.size);
  for (const reference of indexOf.keys()) {
    const known = state.known.get(reference.identity) === reference;
    writer.string(reference.id);
    writer.string(reference.identity === reference.id ? '' : reference.identity);
    writer.byte(reference.stream);
    writer.byte((reference.revoked ? 1 : 0) | (reference.revocation ? 2 : 0) | (known ? 4 : 0));
    writer.double(reference.time);
    writer.double(reference.at);
    writer.whole(reference.offset);
    writer.double(reference.keepUntil);
  }
  return indexOf;
}

function readReferences(reader: ByteReader, state: KeyState): EventReference[] {
  const references: EventReference[] = [];
  for (let count = reader.whole(); count > 0; count--) {
    const id = reader.string();
    const identity = reader.string() || id;
    const stream = reader.byte();
    const flags = reader.byte();
    const time = reader.double();
    const at = reader.double();
    const offset = reader.whole();
    const keepUntil = reader.double();
    const reference = new EventReference(
      id,
      identity,
      stream,
      time,
      at,
      offset,
      (flags & 2) !== 0,
      keepUntil,
    );
    reference.revoked = (flags & 1) !== 0;
    references.push(reference);
    if ((flags & 4) !== 0) state.known.set(identity, reference);
  }
  return references;
}

function writeWindows(
  writer: ByteWriter,
  state: KeyState,
  plan: ScopePlan,
  indexOf: Map<EventReference, number>,
): void {
  const kept = plan.windows.filter((window) => state.windows[window.index] !== undefined);
  writer.whole(kept.length);
  for (const windowPlan of kept) {
    const window = state.windows[windowPlan.index] as Window;
    writer.string(windowPlan.indicator.identity);
    writer.double(window.overflow);
    writer.double(window.remainder);
    writer.whole(window.size);
    window.each((reference, value) => {
      writer.whole(indexOf.get(reference) as number);
      writer.value(value);
    });
  }
}

function readWindows(
  reader: ByteReader,
  state: KeyState,
  plan: ScopePlan,
  references: readonly EventReference[],
): void {
  for (let count = reader.whole(); count > 0; count--) {
    const identity = reader.string();
    const windowPlan = plan.windows.find((candidate) => candidate.indicator.identity === identity);
    const window = windowPlan === undefined ? undefined : state.window(windowPlan);
    const overflow = reader.double();
    const remainder = reader.double();
    for (let entries = reader.whole(); entries > 0; entries--) {
      const reference = references[reader.whole()] as EventReference;
      const value = reader.value();
      window?.restore(reference, value);
    }
    window?.restoreOverflow(overflow);
    window?.restoreRemainder(remainder);
  }
}

function writeModel(writer: ByteWriter, name: string, model: ModelState): void {
  writer.string(name);
  writer.whole(model.shown + 1);
  writer.byte(model.episode === null ? 0 : 1);
  if (model.episode !== null) {
    writer.string(model.episode.warning);
    writer.double(model.episode.raised);
    writer.whole(model.episode.ordinal);
    writer.byte(model.episode.quiet ? 1 : 0);
  }
  writer.double(model.due);
  writer.whole(model.levels.length);
  for (const level of model.levels) {
    writer.byte(level.on ? 1 : 0);
    writer.whole(level.elapsed);
    writer.double(level.runningSince);
    writer.double(level.unknownSince);
  }
}

function readModel(reader: ByteReader, state: KeyState, plan: ScopePlan): void {
  const name = reader.string();
  const modelPlan = plan.models.find((candidate) => candidate.model.name === name);
  const shown = reader.whole() - 1;
  let episode: ModelState['episode'] = null;
  if (reader.byte() === 1) {
    const warning = reader.string();
    const raised = reader.double();
    episode = { warning, raised, ordinal: reader.whole(), quiet: reader.byte() === 1 };
  }
  const due = reader.double();
  const levels = [];
  for (let count = reader.whole(); count > 0; count--) {
    const level = openLevel();
    level.on = reader.byte() === 1;
    level.elapsed = reader.whole();
    level.runningSince = reader.double();
    level.unknownSince = reader.double();
    levels.push(level);
  }
  if (modelPlan === undefined) return;
  state.models[modelPlan.index] = { levels, shown, episode, due, storedDue: due, mark: null };
}

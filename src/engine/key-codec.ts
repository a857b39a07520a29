// The state of one key as bytes.
//
//   version u8 = 4, epoch of the rules that wrote it
//   flags: 1 primed, 2 names, then one for each section (codec/sections.ts)
//   [primed in: an epoch]
//   [names: hash u32 of those that windows and models are numbered by (codec/names.ts)]
//   count of events x 4 (+ 1 where all are known, + 2 where ids are strings) [count of known ones, which come first]
//   events (codec/references.ts)
//   [names: count of windows, then each: 2 x number (+ 1 where it waits for its history), length, what it wrote;
//           count of models, then each (codec/models.ts)]
//   sections, in the order of their flags
//
// Whole numbers have seven bits a byte, the least significant first; instants are distances from another one. Windows
// and models are numbered by their places in the plan: the names that a plan's hash stands for are stored beside the
// keys (`p/` in pipeline/key-cache.ts), once for each set of rules, so a record is a few bytes a window and yet can be
// read under any rules that come later.
import { CodedError } from '../events/coded-error.js';
import type { Key } from '../events/event.js';
import { ByteReader } from './byte-reader.js';
import { ByteWriter } from './byte-writer.js';
import { readLayout3 } from './codec/layout-3.js';
import { readModel, writeModel } from './codec/models.js';
import type { RecordNames } from './codec/names.js';
import { isOf, takeReferences, takeWindow, type Reading, type Unify } from './codec/reading.js';
import { readReferences, writeReferences } from './codec/references.js';
import { SECTIONS } from './codec/sections.js';
import { bornName } from './generation.js';
import { PrimingWindow } from './indicators/priming-window.js';
import type { Window } from './indicators/window.js';
import { KeyState } from './key-state.js';
import type { ModelPlan, WindowPlan } from './plan.js';
import { PLACES_MAX, type EventReference } from './reference.js';

const VERSION = 4;

const PRIMED = 1;
const NAMES = 2;
const FIRST_SECTION = 4;

/** Reused for every key. */
const ownWriter = new ByteWriter();

/**
 * Encodes a key's state; marks are not part of it, they belong to the checkpoint.
 * @param epoch of the rules that it was stepped with
 */
export function encodeKeyState(state: KeyState, epoch = 0): Uint8Array {
  ownWriter.restart();
  writeKeyState(ownWriter, state, epoch);
  return ownWriter.finish();
}

/** Appends a key's state to what a writer holds. Many records that share one buffer cost less than one each. */
export function writeKeyState(writer: ByteWriter, state: KeyState, epoch = 0): void {
  writer.forgetTexts();
  try {
    const known = noteAll(state);
    writeHeader(writer, state, epoch);
    writeEvents(writer, known);
    const last = noted[count - 1];
    const base = last === undefined || last === null ? 0 : last.at;
    if (hasNames(state)) {
      writeWindows(writer, state);
      const { modelStates } = state;
      writer.whole(modelStates.length);
      for (let index = 0; index < modelStates.length; index++) {
        writeModel(writer, modelStates[index] as (typeof modelStates)[number], base);
      }
    }
    for (let index = 0; index < SECTIONS.length; index++) {
      if (SECTIONS[index]?.holds(state) === true) SECTIONS[index]?.write(writer, state, base);
    }
  } finally {
    forgetAll();
  }
}

/** All events that the key under work names, each once, the known ones first; each is told its place for the while. */
const noted: (EventReference | null)[] = [];
let count = 0;
const NOTED_KEPT = 1_024;

function note(reference: EventReference): void {
  if (reference.place !== 0) return;
  noted[count++] = reference;
  reference.place = count;
}

function noteWindow(window: Window): void {
  window.each(note);
}

/** @returns how many of the events are known */
function noteAll(state: KeyState): number {
  state.known.each(note);
  const known = count;
  state.eachWindow(noteWindow);
  for (let index = 0; index < SECTIONS.length; index++) SECTIONS[index]?.each?.(state, note);
  if (count > PLACES_MAX) throw new RangeError(`A key holds more than ${PLACES_MAX} events.`);
  return known;
}

function forgetAll(): void {
  for (let index = 0; index < count; index++) {
    (noted[index] as EventReference).place = 0;
    noted[index] = null;
  }
  count = 0;
  if (noted.length > NOTED_KEPT) noted.length = 0;
}

function hasNames(state: KeyState): boolean {
  return state.windowCount > 0 || state.modelStates.length > 0;
}

function writeHeader(writer: ByteWriter, state: KeyState, epoch: number): void {
  writer.byte(VERSION);
  writer.whole(epoch);
  const isNaming = hasNames(state);
  let flags = (state.primedIn < 0 ? 0 : PRIMED) | (isNaming ? NAMES : 0);
  for (let index = 0; index < SECTIONS.length; index++) {
    if (SECTIONS[index]?.holds(state) === true) flags |= FIRST_SECTION << index;
  }
  writer.whole(flags);
  if (state.primedIn >= 0) writer.whole(state.primedIn);
  if (isNaming) writer.u32(namesHash(state));
}

function namesHash(state: KeyState): number {
  const plan = state.windowCount > 0 ? state.windowPlanAt(0) : state.modelStates[0]?.plan;
  return plan?.names.hash ?? 0;
}

function writeEvents(writer: ByteWriter, known: number): void {
  const start = writer.length;
  if (writeEventsAs(writer, known, false)) return;
  writer.length = start;
  writeEventsAs(writer, known, true);
}

function writeEventsAs(writer: ByteWriter, known: number, plain: boolean): boolean {
  writer.whole(4 * count + (known === count ? 1 : 0) + (plain ? 2 : 0));
  if (known !== count) writer.whole(known);
  return writeReferences(writer, noted, count, plain);
}

function writeWindows(writer: ByteWriter, state: KeyState): void {
  writer.whole(state.windowCount);
  for (let place = 0; place < state.windowCount; place++) {
    const window = state.windowAt(place);
    writer.whole(2 * state.windowPlanAt(place).index + (window instanceof PrimingWindow ? 1 : 0));
    const start = writer.open();
    // A reader may pass over what comes before.
    writer.forgetTexts();
    window.encode(writer);
    writer.close(start);
  }
  writer.forgetTexts();
}

/** Reads a record of one layout behind its version. */
type ReadLayout = (reader: ByteReader, key: Key, reading: Reading) => KeyState;

/**
 * The layouts that are read, by version. To change the layout: copy what reads the present one to a file of its own,
 * as codec/layout-3.ts, and give it its version here; a key is written in the present layout when it is next touched.
 * Records in the log of events (`prime`) keep theirs for ever, so no layout is ever dropped.
 */
const LAYOUTS: ReadonlyMap<number, ReadLayout> = new Map([
  [3, readLayout3],
  [VERSION, readPresent],
]);

/** Decodes a key's state for a plan. @throws CodedError STATE_VERSION for a layout that this build does not know */
export function decodeKeyState(key: Key, bytes: Uint8Array, reading: Reading): KeyState {
  const reader = new ByteReader(bytes);
  const version = reader.byte();
  if (version === VERSION) return readPresent(reader, key, reading);
  const read = LAYOUTS.get(version);
  if (read === undefined) {
    const known = [...LAYOUTS.keys()].join(', ');
    throw new CodedError('STATE_VERSION', `It has layout ${version}; this build reads ${known}.`);
  }
  return read(reader, key, reading);
}

function readPresent(reader: ByteReader, key: Key, reading: Reading): KeyState {
  const state = new KeyState(key);
  const epoch = reader.whole();
  const flags = reader.whole();
  if (flags >= FIRST_SECTION << SECTIONS.length) {
    throw new CodedError('STATE_VERSION', `It has sections ${flags}; this build knows ${SECTIONS.length}.`);
  }
  if ((flags & PRIMED) !== 0) state.primedIn = reader.whole();
  const names = (flags & NAMES) === 0 ? null : namesAt(reader, reading);
  const references = readEvents(reader, state, reading.unify);
  const base = references[references.length - 1]?.at ?? 0;
  if (names !== null) {
    const record: Record = { state, reading, epoch, references, names };
    for (let left = reader.whole(); left > 0; left--) readWindow(reader, record);
    reader.forgetTexts();
    for (let left = reader.whole(); left > 0; left--) {
      readModel(reader, state, modelNamed(record, reader.whole()), base);
    }
  }
  for (let index = 0; index < SECTIONS.length; index++) {
    if ((flags & (FIRST_SECTION << index)) !== 0) SECTIONS[index]?.read(reader, state, references, base);
  }
  return state;
}

/** The epoch of the rules under which a record was written. */
export function epochOf(bytes: Uint8Array): number {
  const reader = new ByteReader(bytes);
  reader.byte();
  return reader.whole();
}

/** A record while it is read. */
interface Record {
  readonly state: KeyState;
  readonly reading: Reading;
  readonly epoch: number;
  readonly references: readonly EventReference[];
  readonly names: RecordNames;
}

function namesAt(reader: ByteReader, { plan, namesOf }: Reading): RecordNames {
  const hash = reader.u32();
  const names = hash === plan.names.hash ? plan.names : namesOf?.(hash);
  if (names === undefined) throw new CodedError('STATE_CORRUPT', `Nothing tells the names ${hash}.`);
  return names;
}

function readEvents(reader: ByteReader, state: KeyState, unify: Unify | undefined): EventReference[] {
  const coded = reader.whole();
  const all = Math.floor(coded / 4);
  const known = coded % 2 === 1 ? all : reader.whole();
  const references = readReferences(reader, all, coded % 4 >= 2);
  takeReferences(state, references, known, unify);
  return references;
}

function readWindow(reader: ByteReader, record: Record): void {
  const { state, reading, references } = record;
  const coded = reader.whole();
  const end = reader.open();
  const plan = windowNamed(record, coded >> 1);
  reader.forgetTexts();
  if (plan === undefined) reader.offset = end;
  else if (coded % 2 === 0) state.openWindow(plan).decode(reader, references);
  else takeWindow(state, plan, true, reading, (window) => window.decode(reader, references));
}

function windowNamed({ reading, epoch, names }: Record, number: number): WindowPlan | undefined {
  const { plan } = reading;
  const found =
    names === plan.names ? plan.windows[number] : plan.byIdentity.get(names.windows[number] ?? '');
  return found === undefined || !isOf(reading, found.indicator.identity, epoch) ? undefined : found;
}

function modelNamed({ reading, epoch, names }: Record, number: number): ModelPlan | undefined {
  const { plan } = reading;
  const found = names === plan.names ? plan.models[number] : plan.byName.get(names.models[number] ?? '');
  return found === undefined || !isOf(reading, bornName(found.model), epoch) ? undefined : found;
}

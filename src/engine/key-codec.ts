// The state of one key as bytes: one record, or, for a key of many events, a record and parts.
//
//   record:
//     version u8 = 4, epoch of the rules that wrote it
//     flags: 1 primed, 2 names, 4 parts, then one for each section (codec/sections.ts)
//     [primed in: an epoch]
//     [names: hash u32 of those that windows and models are numbered by (codec/names.ts)]
//     [parts: events of a full one, number of the next, count, then each: number after the one before]
//     count of events x 4 (+ 1 where all are known, + 2 where ids are strings) [count of known ones, which come first]
//     events (codec/references.ts)
//     [names: count of windows, then each: 2 x number (+ 1 where it waits for its history), length, what it wrote:
//               `encode`, or with parts the entries of these events and `encodeHead`;
//             count of models, then each (codec/models.ts)]
//     sections, in the order of their flags
//
//   part (codec/parts.ts says which events it has and when it is written):
//     version u8 = 4, epoch, names: hash u32
//     count of events x 4 ..., as above
//     each window with entries among them: 1 + 2 x number (+ 1), length, entries; then 0
//     flags of the sections that tell something of events, and these
//
//   entries: count x 2 (+ 1 where not every value is `true`), then each: place of its event after that of the one before
//            (signed) [value]
//
// Whole numbers have seven bits a byte, the least significant first; instants are distances from another one. An event
// is named by its place in the record; those of parts have places above SEALED. Windows and models are numbered by their
// places in the plan: the names that a plan's hash stands for are stored beside the keys (`p/` in
// pipeline/key-cache.ts), once for each set of rules, so a record spends a byte on a window and yet can be read under
// any rules that come later. A part may be older than its record, so it has epoch and names of its own; what windows
// have let go of since it was written is told by their heads.
import { CodedError } from '../events/coded-error.js';
import type { Key } from '../events/event.js';
import type { Value } from '../model/expression/expression.js';
import { ByteReader } from './byte-reader.js';
import { FIRST_SECTION, NAMES, PARTS, PRIMED, VERSION } from './codec/layout.js';
import { readLayout3 } from './codec/layout-3.js';
import { readModel } from './codec/models.js';
import { NO_NAMES, type RecordNames } from './codec/names.js';
import { KeyParts } from './codec/parts.js';
import { isOf, takeReferences, takeWindow, type Reading, type Unify } from './codec/reading.js';
import { readReferences } from './codec/references.js';
import {
  baseOfRows,
  ledgerOfRows,
  readRowEntries,
  readRowEvents,
  referencesOf,
} from './codec/row-reading.js';
import { BESIDE_ROWS, NAMES_ANY, SECTIONS, type Section } from './codec/sections.js';
import { bornName } from './generation.js';
import { KeyState } from './key-state.js';
import type { ModelPlan, WindowPlan } from './plan.js';
import type { EventReference } from './reference.js';

export { encodeKeyRecords, encodeKeyState, writeKeyState, type KeyRecords } from './codec/writing.js';

/** Parts of a key, by number. */
export type PartBytes = ReadonlyMap<number, Uint8Array>;

/** Reads a record of one layout behind its version. */
type ReadLayout = (reader: ByteReader, key: Key, reading: Reading, parts: PartBytes) => KeyState;

/**
 * The layouts that are read, by version. To change the layout: copy what reads the present one to a file of its own,
 * as codec/layout-3.ts, and give it its version here; a key is written in the present layout when it is next touched.
 * Records in the log of events (`prime`) keep theirs for ever, so no layout is ever dropped.
 */
const LAYOUTS: ReadonlyMap<number, ReadLayout> = new Map([
  [3, readLayout3],
  [VERSION, readPresent],
]);

const NO_PARTS: PartBytes = new Map();

/**
 * Decodes a key's state for a plan.
 * @param parts those that `partsOf` names
 * @throws CodedError STATE_VERSION for a layout that this build does not know
 */
export function decodeKeyState(
  key: Key,
  bytes: Uint8Array,
  reading: Reading,
  parts: PartBytes = NO_PARTS,
): KeyState {
  const reader = new ByteReader(bytes);
  const version = reader.byte();
  if (version === VERSION) {
    return readIntoRows(key, bytes, reading) ?? readPresent(reader, key, reading, parts);
  }
  return layoutOf(version)(reader, key, reading, parts);
}

function layoutOf(version: number): ReadLayout {
  const read = LAYOUTS.get(version);
  if (read !== undefined) return read;
  const known = [...LAYOUTS.keys()].join(', ');
  throw new CodedError('STATE_VERSION', `It has layout ${version}; this build reads ${known}.`);
}

const NO_NUMBERS: readonly number[] = [];

/** The numbers of the parts without which a record cannot be read. */
export function partsOf(bytes: Uint8Array): readonly number[] {
  const reader = new ByteReader(bytes);
  if (reader.byte() !== VERSION) return NO_NUMBERS;
  reader.whole();
  const flags = reader.whole();
  if ((flags & PARTS) === 0) return NO_NUMBERS;
  if ((flags & PRIMED) !== 0) reader.whole();
  if ((flags & NAMES) !== 0) reader.u32();
  return readParts(reader).numbers;
}

/** The epoch of the rules under which a record was written. */
export function epochOf(bytes: Uint8Array): number {
  const reader = new ByteReader(bytes);
  reader.byte();
  return reader.whole();
}

const flagsOf = (sections: readonly Section[]) =>
  sections.reduce((flags, section) => flags | (FIRST_SECTION << SECTIONS.indexOf(section)), 0);
/** Flags of what a ledger does not go with; of sections that are not known as well. */
const NOT_IN_ROWS = PARTS | flagsOf(BESIDE_ROWS) | ~((FIRST_SECTION << SECTIONS.length) - 1);
/** Flags of sections that name events of any stream; the others name those alone that state facts. */
const NAMING_ANY = flagsOf(NAMES_ANY);

/** A record or a part while it is read. */
interface Record {
  readonly state: KeyState;
  readonly reading: Reading;
  readonly epoch: number;
  readonly names: RecordNames | null;
}

/** Entries of a window, from all parts. */
interface Entries {
  readonly references: EventReference[];
  readonly values: Value[];
}

type Collected = Map<WindowPlan, Entries>;

function readPresent(reader: ByteReader, key: Key, reading: Reading, stored: PartBytes): KeyState {
  const state = new KeyState(key);
  const epoch = reader.whole();
  const flags = reader.whole();
  if (flags >= FIRST_SECTION << SECTIONS.length) {
    throw new CodedError('STATE_VERSION', `It has sections ${flags}; this build knows ${SECTIONS.length}.`);
  }
  if ((flags & PRIMED) !== 0) state.primedIn = reader.whole();
  const names = (flags & NAMES) === 0 ? null : namesAt(reader, reading);
  const record: Record = { state, reading, epoch, names };
  const collected = (flags & PARTS) === 0 ? null : takeParts(reader, record, stored);
  const references = readEvents(reader, state, reading.unify);
  const base = references[references.length - 1]?.at ?? 0;
  if (names !== null) {
    for (let left = reader.whole(); left > 0; left--) readWindow(reader, record, references, collected);
    reader.forgetTexts();
    for (let left = reader.whole(); left > 0; left--) {
      readModel(reader, state, modelNamed(record, names, reader.whole()), base);
    }
  }
  if (state.parts !== null) takePlaces(state.parts, references);
  for (let index = 0; index < SECTIONS.length; index++) {
    if ((flags & (FIRST_SECTION << index)) !== 0) SECTIONS[index]?.read(reader, state, references, base);
  }
  return state;
}

/** Reads a record into a ledger; null where it must be read into objects. */
function readIntoRows(key: Key, bytes: Uint8Array, reading: Reading): KeyState | null {
  const { ledgers, plan } = reading;
  if (ledgers === undefined || reading.unify !== undefined) return null;
  const reader = new ByteReader(bytes, 1);
  const epoch = reader.whole();
  const flags = reader.whole();
  if ((flags & NOT_IN_ROWS) !== 0) return null;
  const state = new KeyState(key);
  if ((flags & PRIMED) !== 0) state.primedIn = reader.whole();
  const names = (flags & NAMES) === 0 ? null : namesAt(reader, reading);
  const record: Record = { state, reading, epoch, names };
  const count = readRowEvents(reader, plan);
  if (count < 0) return null;
  const kept: WindowPlan[] = [];
  for (let left = names === null ? 0 : reader.whole(); left > 0; left--) {
    const coded = reader.whole();
    const end = reader.open();
    const window = windowNamed(record, coded >> 1);
    reader.forgetTexts();
    if (window === undefined) reader.offset = end;
    else if (coded % 2 === 1 || !readRowEntries(reader, window, count)) return null;
    else kept.push(window);
  }
  reader.forgetTexts();
  const ledger = ledgerOfRows(ledgers, plan, count, kept);
  if (ledger === null) return null;
  state.takeLedger(ledger);
  const base = baseOfRows(ledger);
  for (let left = names === null ? 0 : reader.whole(); left > 0; left--) {
    readModel(reader, state, modelNamed(record, names as RecordNames, reader.whole()), base);
  }
  if (flags < FIRST_SECTION) return state;
  const references = referencesOf(ledger, (flags & NAMING_ANY) === 0);
  for (let index = 0; index < SECTIONS.length; index++) {
    if ((flags & (FIRST_SECTION << index)) !== 0) SECTIONS[index]?.read(reader, state, references, base);
  }
  return state;
}

function namesAt(reader: ByteReader, { plan, namesOf }: Reading): RecordNames | null {
  const hash = reader.u32();
  if (hash === NO_NAMES) return null;
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

function readWindow(
  reader: ByteReader,
  record: Record,
  references: readonly EventReference[],
  collected: Collected | null,
): void {
  const { state, reading } = record;
  const coded = reader.whole();
  const end = reader.open();
  const plan = windowNamed(record, coded >> 1);
  reader.forgetTexts();
  if (plan === undefined) {
    reader.offset = end;
    return;
  }
  if (collected === null) {
    if (coded % 2 === 0) state.openWindow(plan).decode(reader, references);
    else takeWindow(state, plan, true, reading, (window) => window.decode(reader, references));
    return;
  }
  const entries = entriesOf(collected, plan);
  readEntries(reader, references, entries);
  takeWindow(state, plan, coded % 2 === 1, reading, (window) =>
    window.restore(reader, entries.references, entries.values),
  );
}

function windowNamed({ reading, epoch, names }: Record, number: number): WindowPlan | undefined {
  const { plan } = reading;
  const found =
    names === plan.names ? plan.windows[number] : plan.byIdentity.get(names?.windows[number] ?? '');
  return found === undefined || !isOf(reading, found.indicator.identity, epoch) ? undefined : found;
}

function modelNamed({ reading, epoch }: Record, names: RecordNames, number: number): ModelPlan | undefined {
  const { plan } = reading;
  const found = names === plan.names ? plan.models[number] : plan.byName.get(names.models[number] ?? '');
  return found === undefined || !isOf(reading, bornName(found.model), epoch) ? undefined : found;
}

function readParts(reader: ByteReader): { capacity: number; next: number; numbers: number[] } {
  const capacity = reader.whole();
  const next = reader.whole();
  const numbers: number[] = [];
  let expected = 0;
  for (let count = reader.whole(); count > 0; count--) {
    const number = expected + reader.whole();
    numbers.push(number);
    expected = number + 1;
  }
  return { capacity, next, numbers };
}

/** Takes in the parts that a record names. @returns the entries of windows in them */
function takeParts(reader: ByteReader, record: Record, stored: PartBytes): Collected {
  const { state } = record;
  const { capacity, next, numbers } = readParts(reader);
  const parts = (state.parts = new KeyParts(capacity));
  parts.next = next;
  const collected: Collected = new Map();
  for (const number of numbers) {
    const bytes = stored.get(number);
    if (bytes === undefined) throw new CodedError('STATE_CORRUPT', `Part ${number} of a key is missing.`);
    parts.restore(number, readPart(bytes, record, collected), bytes.length);
  }
  return collected;
}

function readPart(bytes: Uint8Array, { state, reading }: Record, collected: Collected): EventReference[] {
  const reader = new ByteReader(bytes);
  const version = reader.byte();
  if (version !== VERSION) throw new CodedError('STATE_VERSION', `A part has layout ${version}.`);
  const epoch = reader.whole();
  const record: Record = { state, reading, epoch, names: namesAt(reader, reading) };
  const references = readEvents(reader, state, reading.unify);
  for (let coded = reader.whole(); coded > 0; coded = reader.whole()) {
    const end = reader.open();
    const plan = windowNamed(record, (coded - 1) >> 1);
    reader.forgetTexts();
    if (plan === undefined) reader.offset = end;
    else readEntries(reader, references, entriesOf(collected, plan));
  }
  reader.forgetTexts();
  const flags = reader.whole();
  const base = references[references.length - 1]?.at ?? 0;
  for (let index = 0; index < SECTIONS.length; index++) {
    if ((flags & (1 << index)) !== 0) SECTIONS[index]?.read(reader, state, references, base);
  }
  return references;
}

function entriesOf(collected: Collected, plan: WindowPlan): Entries {
  let entries = collected.get(plan);
  if (entries === undefined) collected.set(plan, (entries = { references: [], values: [] }));
  return entries;
}

function readEntries(reader: ByteReader, references: readonly EventReference[], into: Entries): void {
  const coded = reader.whole();
  let place = 0;
  for (let count = Math.floor(coded / 2); count > 0; count--) {
    place += reader.signed();
    into.references.push(references[place++] as EventReference);
    into.values.push(coded % 2 === 1 ? reader.value() : true);
  }
}

/** Puts the events of parts behind those of the record, at the places by which it names them. */
function takePlaces(parts: KeyParts, references: EventReference[]): void {
  parts.restoreOpen([...references]);
  for (const { references: sealed } of parts.sealed.values()) {
    for (const reference of sealed) references[reference.place - 1] = reference;
  }
}

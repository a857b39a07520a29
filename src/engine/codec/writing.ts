// Writes the records of a key; key-codec.ts draws them.
import type { Value } from '../../model/expression/expression.js';
import { AbsentWindow } from '../indicators/absent.js';
import { ByteWriter } from '../byte-writer.js';
import { PrimingWindow } from '../indicators/priming-window.js';
import type { Window } from '../indicators/window.js';
import type { KeyState, ModelState } from '../key-state.js';
import { PART_EVENTS, PART_ROWS } from '../limits.js';
import type { EventReference } from '../reference.js';
import { FIRST_SECTION, NAMES, PARTS, PRIMED, VERSION } from './layout.js';
import { writeModel } from './models.js';
import { NO_NAMES } from './names.js';
import { baseOfNoted, forgetNoted, noteAll, notedEvents, noteSome, writeNoted } from './noted.js';
import { KeyParts, type Part } from './parts.js';
import { writeRowWindows } from './row-writing.js';
import { SECTIONS } from './sections.js';

/** Reused for every record. */
const ownWriter = new ByteWriter();

/**
 * Encodes a key's state as one record; marks are not part of it, they belong to the checkpoint.
 * @param epoch of the rules that it was stepped with
 */
export function encodeKeyState(state: KeyState, epoch = 0): Uint8Array {
  ownWriter.restart();
  writeKeyState(ownWriter, state, epoch);
  return ownWriter.finish();
}

/**
 * Appends a key's state to what a writer holds. Many records that share one buffer cost less than one each.
 * @returns how many events it holds
 */
export function writeKeyState(writer: ByteWriter, state: KeyState, epoch = 0): number {
  let events = 0;
  writer.forgetTexts();
  state.parts?.displace();
  try {
    const known = noteAll(state);
    writeHeader(writer, state, epoch, 0);
    writeNoted(writer, known);
    if (hasNames(state)) {
      if (state.few === null) writeWindows(writer, state, null);
      else writeRowWindows(writer, state.few);
      writeModels(writer, state);
    }
    writeSections(writer, state, null);
  } finally {
    events = forgetNoted();
    state.parts?.replace();
  }
  return events;
}

/** What a checkpoint writes of a key, soon: records share memory with those before and after them. */
export interface KeyRecords {
  readonly record: Uint8Array;
  /** Parts that changed, by number; null for one that is gone. */
  readonly parts: ReadonlyMap<number, Uint8Array | null>;
  /** Length of the record and of all parts, changed or not. */
  readonly bytes: number;
}

const NO_PARTS: ReadonlyMap<number, Uint8Array | null> = new Map();

/**
 * Encodes what changed of a key's state since `partsCommitted`.
 * @param clock what is forgotten by then need not be kept
 * @param capacity of a part, events
 */
export function encodeKeyRecords(
  state: KeyState,
  epoch: number,
  clock: number,
  capacity = state.few === null ? PART_EVENTS : PART_ROWS,
): KeyRecords {
  if (state.parts === null) {
    ownWriter.restart();
    if (writeKeyState(ownWriter, state, epoch) <= capacity) {
      const record = ownWriter.give();
      return { record, parts: NO_PARTS, bytes: record.length };
    }
    // Parts are of objects.
    void state.known;
    state.parts = new KeyParts(capacity);
    state.parts.renew();
  }
  const { parts } = state;
  if (parts.mustRenew) renewParts(state, parts);
  if (parts.isStale(clock)) {
    for (let place = 0; place < state.windowCount; place++) {
      const window = state.windowAt(place);
      // What an absence is counted from shows when it let go of the event, so only an evaluation may ask it to.
      if (!(window instanceof AbsentWindow)) window.expire(clock);
    }
  }
  parts.settle((reference) => isNeeded(state, reference, clock), clock);
  const written = new Map<number, Uint8Array | null>();
  for (const number of parts.gone) written.set(number, null);
  let bytes = 0;
  for (const part of parts.sealed.values()) {
    if (part.changed) {
      const record = encodePart(state, parts, part, epoch);
      part.bytes = record.length;
      written.set(part.number, record);
    }
    bytes += part.bytes;
  }
  const record = encodeRoot(state, parts, epoch);
  return { record, parts: written, bytes: bytes + record.length };
}

function renewParts(state: KeyState, parts: KeyParts): void {
  parts.displace();
  noteAll(state);
  const all = notedEvents();
  forgetNoted();
  parts.begin(all);
}

/** Whether an event is known at a clock, or something holds it. */
function isNeeded(state: KeyState, reference: EventReference, clock: number): boolean {
  if (reference.keepUntil > clock) return true;
  for (let place = 0; place < state.windowCount; place++) {
    if (state.windowAt(place).valueOf(reference) !== undefined) return true;
  }
  const { beyond, history } = state;
  return (
    beyond?.warnings.get(reference.id)?.reference === reference ||
    history?.entries.some((entry) => entry.reference === reference) === true
  );
}

/** The record of a key whose events lie in parts: the open one, and all that belongs to none. */
function encodeRoot(state: KeyState, parts: KeyParts, epoch: number): Uint8Array {
  const writer = ownWriter;
  writer.restart();
  try {
    const known = noteSome(state, parts.open);
    parts.open = notedEvents();
    writeHeader(writer, state, epoch, PARTS);
    writer.whole(parts.capacity);
    writer.whole(parts.next);
    writer.whole(parts.sealed.size);
    let expected = 0;
    for (const number of parts.sealed.keys()) {
      writer.whole(number - expected);
      expected = number + 1;
    }
    writeNoted(writer, known);
    if (hasNames(state)) {
      writeWindows(writer, state, parts.open);
      writeModels(writer, state);
    }
    writeSections(writer, state, parts.open);
  } finally {
    forgetNoted();
    parts.placeOpen();
  }
  return writer.give();
}

function encodePart(state: KeyState, parts: KeyParts, part: Part, epoch: number): Uint8Array {
  const writer = ownWriter;
  writer.restart();
  try {
    const known = noteSome(state, part.references);
    part.references = notedEvents();
    writer.byte(VERSION);
    writer.whole(epoch);
    writer.u32(namesHash(state));
    writeNoted(writer, known);
    for (let place = 0; place < state.windowCount; place++) {
      const window = state.windowAt(place);
      if (collect(window, part.references) === 0) continue;
      writer.whole(codeOf(state, place) + 1);
      const start = writer.open();
      writer.forgetTexts();
      writeCollected(writer);
      writer.close(start);
    }
    writer.whole(0);
    writer.forgetTexts();
    writeEventSections(writer, state, part.references);
  } finally {
    forgetNoted();
    parts.place(part);
  }
  return writer.give();
}

function writeEventSections(writer: ByteWriter, state: KeyState, among: readonly EventReference[]): void {
  const told = SECTIONS.map((section) => section.ofEvents === true && section.holds(state));
  writer.whole(told.reduce((flags, isTold, index) => flags | (isTold ? 1 << index : 0), 0));
  const base = baseOfNoted();
  for (const [index, isTold] of told.entries())
    if (isTold) SECTIONS[index]?.write(writer, state, base, among);
}

function hasNames(state: KeyState): boolean {
  return keptIn(state) > 0 || state.modelStates.length > 0;
}

/** How many windows are kept. */
function keptIn(state: KeyState): number {
  return state.few === null ? state.windowCount : state.few.kept.windows.length;
}

function writeHeader(writer: ByteWriter, state: KeyState, epoch: number, more: number): void {
  writer.byte(VERSION);
  writer.whole(epoch);
  const isNaming = hasNames(state);
  let flags = more | (state.primedIn < 0 ? 0 : PRIMED) | (isNaming ? NAMES : 0);
  for (let index = 0; index < SECTIONS.length; index++) {
    if (SECTIONS[index]?.holds(state) === true) flags |= FIRST_SECTION << index;
  }
  writer.whole(flags);
  if (state.primedIn >= 0) writer.whole(state.primedIn);
  if (isNaming) writer.u32(namesHash(state));
}

function namesHash(state: KeyState): number {
  if (keptIn(state) === 0) return state.modelStates[0]?.plan.names.hash ?? NO_NAMES;
  return (state.few === null ? state.windowPlanAt(0) : state.few.plan).names.hash;
}

function codeOf(state: KeyState, place: number): number {
  return 2 * state.windowPlanAt(place).index + (state.windowAt(place) instanceof PrimingWindow ? 1 : 0);
}

/** @param among where given, only entries of these events, and the head of each window */
function writeWindows(writer: ByteWriter, state: KeyState, among: readonly EventReference[] | null): void {
  writer.whole(state.windowCount);
  for (let place = 0; place < state.windowCount; place++) {
    const window = state.windowAt(place);
    writer.whole(codeOf(state, place));
    const start = writer.open();
    // A reader may pass over what comes before.
    writer.forgetTexts();
    if (among === null) window.encode(writer);
    else {
      collect(window, among);
      writeCollected(writer);
      window.encodeHead(writer);
    }
    writer.close(start);
  }
  writer.forgetTexts();
}

/** Entries of one window, by the places of their events. */
const places: number[] = [];
const values: Value[] = [];

/** Collects the entries that a window has of some events. @returns how many there are */
function collect(window: Window, among: readonly EventReference[]): number {
  places.length = values.length = 0;
  for (const reference of among) {
    const value = window.valueOf(reference);
    if (value === undefined) continue;
    places.push(reference.place);
    values.push(value);
  }
  return places.length;
}

/** Count x 2 (+ 1 where not every value is `true`), then each: place after that of the one before (signed) [value]. */
function writeCollected(writer: ByteWriter): void {
  const hasValues = values.some((value) => value !== true);
  writer.whole(2 * places.length + (hasValues ? 1 : 0));
  let expected = 1;
  for (let index = 0; index < places.length; index++) {
    const place = places[index] as number;
    writer.signed(place - expected);
    if (hasValues) writer.value(values[index] as Value);
    expected = place + 1;
  }
}

function writeModels(writer: ByteWriter, { modelStates }: KeyState): void {
  const base = baseOfNoted();
  writer.whole(modelStates.length);
  for (let index = 0; index < modelStates.length; index++) {
    writeModel(writer, modelStates[index] as ModelState, base);
  }
}

function writeSections(writer: ByteWriter, state: KeyState, among: readonly EventReference[] | null): void {
  const base = baseOfNoted();
  for (let index = 0; index < SECTIONS.length; index++) {
    if (SECTIONS[index]?.holds(state) === true) SECTIONS[index]?.write(writer, state, base, among);
  }
}

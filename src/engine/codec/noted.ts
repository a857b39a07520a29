// The events of the record that is being written, each of which is told its place for the while.
import type { ByteWriter } from '../byte-writer.js';
import type { KeyState } from '../key-state.js';
import type { Ledger } from '../ledger.js';
import { ForwardedReference, PLACES_MAX, type EventReference } from '../reference.js';
import { writeReferences } from './references.js';
import { SECTIONS } from './sections.js';

/** By place; of a row of the ledger, the object that there is of its event beside it, or null. */
const noted: (EventReference | null)[] = [];
let count = 0;
/** Whose rows have the first places. */
let rows: Ledger | null = null;
const NOTED_KEPT = 1_024;

function note(reference: EventReference): void {
  if (reference.place !== 0) return;
  noted[count++] = reference;
  reference.place = count;
}

/** Notes all events of a key that have no place, the known ones first. @returns how many of them are known */
export function noteAll(state: KeyState): number {
  if (state.few !== null) return noteRows(state, state.few);
  state.known.each(note);
  const known = count;
  for (let place = 0; place < state.windowCount; place++) state.windowAt(place).each(note);
  for (let index = 0; index < SECTIONS.length; index++) SECTIONS[index]?.each?.(state, note);
  if (count > PLACES_MAX) throw new RangeError(`A key holds more than ${PLACES_MAX} events.`);
  return known;
}

/** Notes the rows of a ledger, which windows hold nothing beside, and what else the key names. */
function noteRows(state: KeyState, ledger: Ledger): number {
  rows = ledger;
  count = ledger.size;
  for (let row = 0; row < count; row++) noted[row] = null;
  for (let index = 0; index < SECTIONS.length; index++) SECTIONS[index]?.each?.(state, noteBeside);
  return ledger.size;
}

/** Notes an object, of the event of a row or of one that has none. */
function noteBeside(reference: EventReference): void {
  if (reference.place !== 0) return;
  const row = reference instanceof ForwardedReference ? -1 : (rows as Ledger).findOffset(reference.offset);
  if (row < 0 || noted[row] !== null) return note(reference);
  noted[row] = reference;
  reference.place = row + 1;
}

/** Notes some events, the known ones first; their former places are lost. @returns how many of them are known */
export function noteSome(state: KeyState, references: readonly EventReference[]): number {
  for (const reference of references) {
    reference.place = 0;
    if (state.known.holds(reference)) note(reference);
  }
  const known = count;
  for (const reference of references) note(reference);
  return known;
}

/** Takes their places from the noted events. @returns how many there were */
export function forgetNoted(): number {
  const forgotten = count;
  for (let index = 0; index < count; index++) {
    const reference = noted[index];
    if (reference === null || reference === undefined) continue;
    reference.place = 0;
    noted[index] = null;
  }
  count = 0;
  rows = null;
  if (noted.length > NOTED_KEPT) noted.length = 0;
  return forgotten;
}

/** The noted events in the order of their places, where none is a row. */
export function notedEvents(): EventReference[] {
  return noted.slice(0, count) as EventReference[];
}

/** The arrival of the last noted event, from which instants are counted; 0 where there is none. */
export function baseOfNoted(): number {
  if (count === 0) return 0;
  return rows !== null && count === rows.size ? rows.at(count - 1) : (noted[count - 1] as EventReference).at;
}

/** Writes the noted events: how many, how many are known, how their ids are written, and they themselves. */
export function writeNoted(writer: ByteWriter, known: number): void {
  const start = writer.length;
  if (writeNotedAs(writer, known, false)) return;
  writer.length = start;
  writeNotedAs(writer, known, true);
}

function writeNotedAs(writer: ByteWriter, known: number, plain: boolean): boolean {
  writer.whole(4 * count + (known === count ? 1 : 0) + (plain ? 2 : 0));
  if (known !== count) writer.whole(known);
  return writeReferences(writer, noted, count, plain, rows);
}

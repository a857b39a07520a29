// Dead letters and what became of them, as they are shown to whoever may run the command: without what is personal.
import { localTime } from '../alerts/wording.js';
import { visible } from '../model/format-diagnostic.js';
import { isDelivery, type Letter } from '../pipeline/dead-letters/letters.js';
import type { Trial } from '../pipeline/dead-letters/redriven.js';
import type { Redrive } from '../pipeline/dead-letters/redrive.js';
import { withoutCells } from '../pipeline/mapping/row-fault.js';
import { withoutNumbers } from './revealing.js';

/** Why something was refused. */
interface Reason {
  readonly code: string;
  readonly message: string;
  readonly field: string | null;
}

/** A dead letter of a list. */
export interface LetterView extends Reason {
  readonly offset: number;
  /** RFC 3339. */
  readonly at: string;
  readonly source: string;
  readonly of: 'event' | 'delivery';
  /** Characters of the original. */
  readonly length: number;
  /** The last trial; null before the first. */
  readonly redriven:
    | (Omit<Trial, 'at' | 'message' | 'field' | 'code'> & {
        readonly at: string;
        readonly error: Reason | null;
      })
    | null;
}

/** What became of a letter. */
export interface RedriveView {
  readonly offset: number;
  readonly outcome: Redrive['outcome'];
  readonly events: readonly {
    readonly id: string;
    readonly stream: string;
    readonly key: string;
    /** RFC 3339; null where the arrival counts. */
    readonly time: string | null;
    /** With pseudonyms. */
    readonly data: unknown;
  }[];
  readonly error: Reason | null;
}

/** @param siteKey of the pseudonyms that stand for phones and identity numbers in texts */
export function letterView({ offset, letter, trial }: Letter, siteKey: Uint8Array): LetterView {
  return {
    offset,
    at: new Date(letter.at).toISOString(),
    ...reasonOf(letter, siteKey),
    source: withoutNumbers(letter.source, siteKey),
    of: isDelivery(letter) ? 'delivery' : 'event',
    length: letter.length,
    redriven: trial === null ? null : trialView(trial, siteKey),
  };
}

function trialView({ at, code, message = '', field, ...rest }: Trial, siteKey: Uint8Array) {
  const error = code === undefined ? null : reasonOf({ code, message, field: field ?? null }, siteKey);
  return { ...rest, at: new Date(at).toISOString(), error };
}

export function redriveView({ offset, outcome, events, error }: Redrive, siteKey: Uint8Array): RedriveView {
  return {
    offset,
    outcome,
    events: events.map(({ id, stream, key, time, data }) => ({
      ...{ id, stream, key, data },
      time: Number.isFinite(time) ? new Date(time).toISOString() : null,
    })),
    error: error === null ? null : reasonOf({ ...error, field: error.field ?? null }, siteKey),
  };
}

function reasonOf({ code, message, field }: Reason, siteKey: Uint8Array): Reason {
  // A build before this one kept the cells that a mapping could not read.
  const unquoted = /^(?:ROW_|EVENT_NUMBER$)/.test(code) ? withoutCells(message) : message;
  return {
    code,
    message: withoutNumbers(unquoted, siteKey),
    field: field === null ? null : withoutNumbers(field, siteKey),
  };
}

/** A letter for a terminal. @param zone of local time */
export function letterLines(view: LetterView, zone: string): string[] {
  const { offset, at, source, redriven, of } = view;
  const where = of === 'delivery' ? 'a delivery' : source === '' ? 'no source' : source;
  return [
    visible(`${offset}  ${localTime(Date.parse(at), zone)}  ${reasonText(view)}  (${where})`),
    ...(redriven === null ? [] : [visible(`    ${trialText(redriven, zone)}`)]),
  ];
}

function trialText(trial: NonNullable<LetterView['redriven']>, zone: string): string {
  const { at, by, outcome, events, mapping, error } = trial;
  const what = outcome === 'taken' ? `re-driven, ${eventsText(events)}` : 'tried again and refused';
  const through = mapping === undefined ? '' : ` through ${mapping}`;
  const why = error === null ? '' : `: ${reasonText(error)}`;
  return `${what}${through}, ${localTime(Date.parse(at), zone)} by ${by}${why}`;
}

/** What became of a letter, for a terminal. @param dryRun whether it only would */
export function redriveLines({ offset, outcome, events, error }: RedriveView, dryRun: boolean): string[] {
  const said = error === null ? OUTCOMES[outcome] : `refused again: ${reasonText(error)}`;
  return [
    visible(`${offset}  ${dryRun ? said.replace(/^taken/, 'would be taken') : said}`),
    ...(dryRun
      ? events.map((event) =>
          visible(
            `    ${event.id}  ${event.stream}  ${event.key}  ${event.time ?? 'no time'}  ${dataText(event.data)}`,
          ),
        )
      : []),
  ];
}

const OUTCOMES: { readonly [outcome in Redrive['outcome']]: string } = {
  taken: 'taken',
  refused: 'refused again',
  before: 'passed over: re-driven before',
  delivery: 'passed over: a delivery that was given up',
  skipped: 'passed over by the mapping',
  gone: 'its original was erased',
};
const DATA_CHARACTERS = 300;

function dataText(data: unknown): string {
  const text = JSON.stringify(data);
  return text.length > DATA_CHARACTERS ? `${text.slice(0, DATA_CHARACTERS)}…` : text;
}

function reasonText({ code, message, field }: Reason): string {
  return `${code}${field === null ? '' : ` ${field}`}: ${message}`;
}

function eventsText(events: number): string {
  return events === 1 ? '1 event' : `${events} events`;
}

/** Places in short, as `3, 7-9`. @param offsets in their order */
export function placesText(offsets: readonly number[]): string {
  const runs: [number, number][] = [];
  for (const offset of offsets) {
    const last = runs.at(-1);
    if (last?.[1] === offset - 1) last[1] = offset;
    else runs.push([offset, offset]);
  }
  return runs.map(([from, to]) => (from === to ? String(from) : `${from}-${to}`)).join(', ');
}

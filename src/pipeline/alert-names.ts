// Under which names the alert side keeps what it knows.
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { isOver, type AlertState } from '../alerts/state.js';
import { rank, type Level, type WarningLevel } from '../model/model.js';

export const ALERT_NAMESPACE = 'alert/0';

/** The record of a warning. */
export function caseName(warning: string): string {
  return `w/${warning}`;
}

/** The record of the newest transition of a warning. */
export function latestName(warning: string): string {
  return `l/${warning}`;
}

/** Before the current warnings: those whose level is not none. */
export function currentPrefix(): string {
  return 'c/';
}

/** Before the current warnings of a level. */
export function levelPrefix(level: WarningLevel): string {
  return `${currentPrefix()}${gravity(level)}/`;
}

/** Before the warnings of a department that are not over. */
export function openPrefix(department: string): string {
  return `p/${department}/`;
}

/** Before the ids of the warnings that rest on a source; it holds no space itself. */
export function withheldPrefix(source: string): string {
  return `h/${source} `;
}

/** Before what waits for departments. */
export const QUEUE_PREFIX = 'q/';

export function queueName(department: string): string {
  return QUEUE_PREFIX + department;
}

/** Before the batches of what waits. */
export const BATCH_PREFIX = 'qb/';

/** The record of a batch. */
export function batchName(department: string, batch: string): string {
  return `${BATCH_PREFIX}${department} ${batch}`;
}

/** Before the silences that were ordered. */
export const MUTE_PREFIX = 'm/';

export function muteName(id: string): string {
  return MUTE_PREFIX + id;
}

/** Before the bulletins that departments were told. */
export const BULLETIN_PREFIX = 'b/';

export function bulletinName(id: string): string {
  return BULLETIN_PREFIX + id;
}

/** The open joint tasks on a key. */
export function tasksName(key: string): string {
  return `t/${digestOf(key)}`;
}

/** The list of red warnings that stand at a place; a place may be long. */
export function redsName(place: string): string {
  return `i/${digestOf(place)}`;
}

function digestOf(text: string): string {
  return bytesToHex(sha256(utf8ToBytes(text))).slice(0, 32);
}

/** Under which names a warning is listed. */
export interface Names {
  /** One where its level is not none. */
  readonly current: readonly string[];
  /** One for each silent source that it waits for. */
  readonly withheld: readonly string[];
  /** One for each department that has a part in it, until it is over. */
  readonly open: readonly string[];
}

export const NO_NAMES: Names = { current: [], withheld: [], open: [] };

export function namesOf(state: AlertState | undefined): Names {
  if (state === undefined) return NO_NAMES;
  const { level, warning, withheld, parties, judgement, transfers, status } = state;
  const place = gravestFirst(state);
  const isOpen = !isOver(state) && status !== 'quiet' && status !== 'withheld';
  const involved = new Set([
    ...parties.map(({ department }) => department),
    ...(judgement?.participants ?? []),
    ...transfers.map(({ organ }) => organ),
  ]);
  return {
    current: level === 'none' ? [] : [currentPrefix() + place],
    withheld: (withheld?.sources ?? []).map((source) => withheldPrefix(source) + warning),
    open: isOpen ? [...involved].map((department) => openPrefix(department) + place) : [],
  };
}

function gravity(level: Level): number {
  return 9 - rank(level);
}

const LATEST = 9_999_999_999_999;

/** Names sort so that the gravest comes first, and of those the newest. */
function gravestFirst({ level, raised, warning }: AlertState): string {
  return `${gravity(level)}/${String(LATEST - raised).padStart(13, '0')}/${warning}`;
}

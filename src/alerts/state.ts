// What the alert side knows of one warning, and where that stands in a word.
import type { Level } from '../model/model.js';
import type { ActEntry, RefusedEntry } from './action.js';
import type { Duty } from './duty.js';
import type { WarningRecord } from './inbox.js';
import {
  stageOf,
  type Closing,
  type Judgement,
  type Party,
  type Suspension,
  type Transfer,
} from './party.js';
import type { Withheld, WithheldReason } from './silence.js';

/** Where a warning stands with the departments; each state in a word. */
export const STATUSES = [
  /** Raised, and not yet with any department. */
  'raised',
  /** It rests on a source that is silent; departments hear of it once that speaks, if it still stands. */
  'withheld',
  /** Opened by backfilled history: recorded, and told to nobody. */
  'quiet',
  /** Every delivery so far was taken by its channel, or given up; it waits to be signed for. */
  'pushed',
  'signed',
  'in-disposal',
  /** Every department that must act has said what came of it; it waits to be closed. */
  'fed-back',
  'closed',
  /** Its clocks stand still, for a reason. */
  'suspended',
  /** Its level is none, and nobody had signed for it: nothing more is asked. */
  'cleared',
  /** What it rested on was taken back. */
  'withdrawn',
] as const;
export type AlertStatus = (typeof STATUSES)[number];

/** What the alert side knows of one warning. Instants are epoch ms. */
export interface AlertState {
  readonly warning: string;
  readonly status: AlertStatus;
  readonly level: Level;
  readonly raised: number;
  readonly updated: number;
  /** The newest transition with its evidence; the earlier ones are in `history`. */
  readonly latest: WarningRecord;
  readonly history: readonly HistoryEntry[];
  readonly parties: readonly Party[];
  readonly duties: readonly Duty[];
  readonly acts: readonly ActEntry[];
  /** The latest actions that were not taken. */
  readonly refused: readonly RefusedEntry[];
  /** The gravest level at which departments were asked to act. */
  readonly asked: Level;
  /** Messages beside those of transitions so far; part of the ids of the next. */
  readonly notices: number;
  readonly transfers: readonly Transfer[];
  readonly judgement?: Judgement;
  readonly suspended?: Suspension;
  readonly closed?: Closing;
  readonly ended?: 'cleared' | 'withdrawn';
  /** Deliveries not yet taken by a channel. */
  readonly pending: readonly string[];
  /** Absent where departments know all. */
  readonly withheld?: Withheld;
}

/** One transition in the history of a warning. Instants are epoch ms. */
export interface HistoryEntry {
  readonly ordinal: number;
  readonly level: Level;
  readonly previous: Level;
  readonly clock: number;
  readonly reason: string;
  /** Why it was not sent when it came. */
  readonly withheld?: WithheldReason;
  /** When it was sent after all. */
  readonly released?: number;
}

/** The state with the word for where it stands. */
export function settled(state: AlertState): AlertState {
  const status = statusOf(state);
  return status === state.status ? state : { ...state, status };
}

function statusOf({
  ended,
  closed,
  withheld,
  suspended,
  latest,
  parties,
  pending,
  asked,
}: AlertState): AlertStatus {
  if (closed !== undefined) return 'closed';
  if (ended !== undefined) return ended;
  if (withheld !== undefined) return 'withheld';
  if (latest.transition.quiet && asked === 'none') return 'quiet';
  if (suspended !== undefined) return 'suspended';
  const stage = parties.some(({ acting }) => acting) ? stageOf(parties) : 'none';
  if (stage !== 'none') return stage;
  return pending.length > 0 ? 'raised' : 'pushed';
}

/** Whether nothing more is asked of anybody. */
export function isOver({ closed, ended }: AlertState): boolean {
  return closed !== undefined || ended !== undefined;
}

/** The department that a warning is closed by: the first lead that must act, as far as there is one. */
export function leadOf({ parties }: Pick<AlertState, 'parties'>): Party | undefined {
  return (
    parties.find(({ role, acting }) => acting && role === 'lead') ??
    parties.find(({ role }) => role === 'lead')
  );
}

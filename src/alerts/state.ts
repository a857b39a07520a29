// What the alert side knows of one warning, and where that stands in a word.
import type { Catalogue } from '../catalogue/catalogue.js';
import type { UrgeStep } from '../catalogue/urging.js';
import type { Transition } from '../engine/output.js';
import type { Level } from '../model/model.js';
import type { ActEntry, RefusedEntry } from './action.js';
import { chainOf } from './authority.js';
import { isOpen, postpone, type Duty, type Lapse } from './duty.js';
import type { WarningRecord } from './inbox.js';
import {
  hasReached,
  stageOf,
  type Closing,
  type Judgement,
  type Party,
  type Suspension,
  type Transfer,
} from './party.js';
import type { Silence, Withheld, WithheldReason } from './silence.js';

/** Where a warning stands with the departments; each state in a word. */
export const STATUSES = [
  /** Raised, and not yet with any department. */
  'raised',
  /** It rests on a source that is silent; departments hear of it once that speaks, if it still stands. */
  'withheld',
  /** Raised by backfilled history or a model on trial: recorded, and told to nobody, also once it is over. */
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
  /** Its level is none, and nobody had signed for what they were told: nothing more is asked. */
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
  /** When it is pushed again to who has not signed for it; absent where it is not. */
  readonly repeat?: { readonly next: number; readonly everyMs: number; readonly left: number };
  /** What came to a joint task after it was called for: items of later warnings on the same key. */
  readonly joined?: readonly Joined[];
  readonly judgement?: Judgement;
  readonly suspended?: Suspension;
  readonly closed?: Closing;
  readonly ended?: 'cleared' | 'withdrawn';
  /** Deliveries not yet taken by a channel. */
  readonly pending: readonly string[];
  /** Absent where departments know all. */
  readonly withheld?: Withheld;
}

/** A warning that came to an open joint task. */
export interface Joined {
  readonly at: number;
  readonly warning: string;
  readonly item: string;
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
  if (ended === 'withdrawn') return 'withdrawn';
  // What nobody was told is not issued, and its end changes nothing about that.
  if (latest.transition.quiet && asked === 'none') return 'quiet';
  if (ended !== undefined) return ended;
  if (withheld !== undefined) return 'withheld';
  if (suspended !== undefined) return 'suspended';
  const stage = parties.some(({ acting }) => acting) ? stageOf(parties) : 'none';
  if (stage !== 'none') return stage;
  return pending.length > 0 ? 'raised' : 'pushed';
}

/** Departments that have not signed for what they were asked to. */
export function unsigned({ parties }: Pick<AlertState, 'parties'>): Party[] {
  return parties.filter(({ acting, stage }) => acting && stage === 'none');
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

/** A warning of which nothing but its first transition is known. */
export function newState(record: WarningRecord): AlertState {
  const { transition } = record;
  return {
    warning: transition.warning,
    status: 'raised',
    level: transition.level,
    raised: transition.raised,
    updated: transition.clock,
    latest: record,
    history: [],
    parties: [],
    duties: [],
    acts: [],
    refused: [],
    asked: 'none',
    notices: 0,
    transfers: [],
    pending: [],
  };
}

/** What departments do not know of a warning after a transition; undefined where they are told of it, or know it. */
export function withheldAfter(
  state: AlertState | undefined,
  transition: Transition,
  silence: Silence,
): Withheld | undefined {
  const { quiet, level } = transition;
  if (quiet) return undefined;
  const sources = silence.against(transition);
  const known = state === undefined || state.latest.transition.quiet ? 'none' : state.level;
  const told = state?.withheld?.told ?? known;
  return sources.length === 0 || told === level ? undefined : { sources, told };
}

/**
 * A state whose deadlines stand, up to an instant, as much later as its pause has lasted: what is asked during a pause
 * is compared with them, and stands still from then on only.
 */
export function postponedTo(state: AlertState, at: number, catalogue: Catalogue): AlertState {
  const { suspended, duties } = state;
  if (suspended === undefined) return state;
  const pause = { fromMs: suspended.counted ?? suspended.since, toMs: at };
  return {
    ...state,
    duties: postpone(duties, catalogue, pause),
    suspended: { ...suspended, counted: at },
  };
}

/** Whom a step of urging goes to; null where nobody is there. */
export function urgedOf(
  state: AlertState,
  { duty, step }: Lapse,
  urge: readonly UrgeStep[],
  catalogue: Catalogue,
): string | null {
  if (step === null || step.to === 'department') return duty.department;
  if (step.to === 'lead') return leadOf(state)?.department ?? null;
  if (step.to !== 'superior') return step.to;
  // Each step to a superior goes one further up than the one before it.
  const above = urge.slice(0, duty.urged).filter(({ to }) => to === 'superior').length;
  return chainOf(duty.department, catalogue)[above] ?? null;
}

/** What is left to do once a level is none: nothing where its basis is gone or nobody began. */
export function ended(state: AlertState): AlertState {
  const { transition } = state.latest;
  if (isOver(state)) return state;
  const isBegun = state.parties.some((party) => party.acting && hasReached(party, 'signed'));
  const how = transition.reason === 'withdrawn' ? 'withdrawn' : isBegun ? undefined : 'cleared';
  if (how === undefined) return state;
  const { suspended: _suspended, ...rest } = state;
  const duties = state.duties.filter((duty) => !isOpen(duty) || duty.kind === 'transfer');
  return { ...rest, ended: how, duties };
}

// The departments of a warning: who of them must act, and how far each has come.
import type { Transition } from '../engine/output.js';
import type { Finding } from '../events/act.js';
import type { Level } from '../model/model.js';
import type { Recipient } from './routing.js';

/** How far a department has come, in order. */
export const STAGES = ['none', 'signed', 'in-disposal', 'fed-back'] as const;
export type Stage = (typeof STAGES)[number];

export interface Feedback {
  readonly at: number;
  readonly result: Finding;
  readonly findings: string;
  readonly measures: string;
  readonly department?: string;
  readonly into?: string;
}

/** One department and its part in a warning. */
export interface Party {
  readonly department: string;
  readonly role: 'lead' | 'cooperating';
  /** Whether it must sign, act and report; others only hear of it. */
  readonly acting: boolean;
  readonly stage: Stage;
  readonly signed?: number;
  readonly started?: number;
  readonly feedback?: Feedback;
}

/** A transfer to a judicial organ; a record of its own. */
export interface Transfer {
  /** Counted from 1 within the warning. */
  readonly number: number;
  readonly at: number;
  readonly from: string;
  readonly organ: string;
  readonly materials: readonly string[];
  /** Number of the organ's receipt, and when it came. */
  readonly receipt?: { readonly at: number; readonly number: string };
  readonly answer?:
    | { readonly at: number; readonly accepted: true }
    | { readonly at: number; readonly accepted: false; readonly reason: string };
}

/** A joint judgement. */
export interface Judgement {
  /** By the plan: the warning is not closed without it. */
  readonly required: boolean;
  readonly convened?: { readonly at: number; readonly by: string; readonly reason: string };
  readonly participants: readonly string[];
  readonly opinions: readonly {
    readonly at: number;
    readonly department: string;
    readonly position: string;
    readonly text: string;
  }[];
  readonly concluded?: { readonly at: number; readonly conclusion: string };
}

export interface Suspension {
  readonly since: number;
  readonly until: number;
  readonly reason: string;
  readonly by: string;
}

export interface Closing {
  readonly at: number;
  readonly by: string;
  readonly conclusion: string;
  /** At which level it was closed: a graver one opens it again. */
  readonly level: Level;
}

/** The least advanced of those who must act; `fed-back` where nobody must. */
export function stageOf(parties: readonly Party[]): Stage {
  const reached = parties.filter(({ acting }) => acting).map(({ stage }) => STAGES.indexOf(stage));
  return STAGES[Math.min(STAGES.length - 1, ...reached)] ?? 'none';
}

export function hasReached(party: Party, stage: Stage): boolean {
  return STAGES.indexOf(party.stage) >= STAGES.indexOf(stage);
}

/** The parties with one of them changed. */
export function withParty(
  parties: readonly Party[],
  department: string,
  change: (party: Party) => Party,
): Party[] {
  return parties.map((party) => (party.department === department ? change(party) : party));
}

/** Departments that were called to a joint task and that its items no longer name: they hear how it goes on. */
export function formerOf(
  state: { readonly parties: readonly Party[] } | undefined,
  { task }: Transition,
  recipients: readonly Recipient[],
): Recipient[] {
  if (task === undefined || state === undefined) return [];
  const known = new Set(recipients.map(({ department }) => department));
  return state.parties
    .filter(({ department }) => !known.has(department))
    .map(({ department }) => ({ department, role: 'cooperating', channel: 'file' }));
}

/** Who takes part after a transition: whoever did, and who is new. In a joint task everybody acts, else who leads. */
export function partiesAfter(
  former: readonly Party[],
  recipients: readonly Recipient[],
  { task, quiet }: Transition,
): Party[] {
  const known = new Map(former.map((party) => [party.department, party]));
  const moved = former.some(({ feedback }) => feedback?.result === 'transferred');
  for (const { department, role } of recipients) {
    const party = known.get(department);
    const acting = !quiet && (role === 'lead' || task !== undefined);
    if (party === undefined) known.set(department, { department, role, acting, stage: 'none' });
    // Who passed the warning on stays out of it.
    else if (!party.acting && acting && !moved) known.set(department, { ...party, role, acting });
  }
  return [...known.values()];
}

/** A department that has to begin again. */
export function askedAnew({ department, role, acting }: Party): Party {
  return { department, role, acting, stage: 'none' };
}

// The departments of a warning: who of them must act, and how far each has come.
import type { Transition } from '../engine/output.js';
import type { Finding } from '../events/act.js';
import { rank, type Level } from '../model/model.js';
import { isOpen as isDue, type Duty } from './duty.js';
import { FORMER, type Recipient } from './routing.js';

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
  /** When the harm came, epoch ms. */
  readonly harm?: number;
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
  /** Up to when the deadlines stand later by it already; since its beginning where it is absent. */
  readonly counted?: number;
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

/** What a warning knows of its departments before a transition. */
interface Known {
  readonly parties: readonly Party[];
  readonly duties: readonly Duty[];
  /** The gravest level at which departments were asked to act. */
  readonly asked: Level;
}

/**
 * Who takes part after a transition: whoever did, and who is new. In a joint task all whom its items name act, else who
 * leads; who is named outright in copy only hears of it. A level graver than any before may bring another lead, such as
 * the department above an office: it takes over, and who led only hears of it. On a lower level who leads goes on, and so
 * they do as long as nobody is told of the graver one.
 */
export function partiesAfter(
  { parties: former, asked }: Known,
  recipients: readonly Recipient[],
  { task, quiet, level }: Transition,
  isTold: boolean,
): Party[] {
  const known = new Map(former.map((party) => [party.department, party]));
  const moved = former.some(({ feedback }) => feedback?.result === 'transferred');
  const isLed = former.some(({ role, acting }) => role === 'lead' && acting);
  const isGraver = isTold && rank(level) > rank(asked);
  const isOpen = task !== undefined || isGraver || !isLed;
  const stepDown = task === undefined && isGraver && !moved;
  for (const { department, role, reason } of recipients) {
    const party = known.get(department);
    const isCalled = task !== undefined && reason.prefix !== null;
    const acting = isOpen && !quiet && (role === 'lead' || isCalled);
    if (reason.by === FORMER) {
      if (party?.role === 'lead' && stepDown) {
        known.set(department, { ...party, role: 'cooperating', acting: false });
      }
    } else if (party === undefined) {
      known.set(department, { department, role: isOpen ? role : 'cooperating', acting, stage: 'none' });
    }
    // Who passed the warning on stays out of it.
    else if (!party.acting && acting && !moved) known.set(department, { ...party, role, acting });
  }
  return [...known.values()];
}

/** The duties after some parties stepped down: a judgement goes to who leads now, the others are theirs no more. */
export function takenOver({ parties: former, duties }: Known, parties: readonly Party[]): readonly Duty[] {
  const acting = new Set(parties.filter((party) => party.acting).map(({ department }) => department));
  const down = former.filter((party) => party.acting && !acting.has(party.department));
  if (down.length === 0) return duties;
  const lead = parties.find((party) => party.acting && party.role === 'lead')?.department;
  return duties.flatMap((duty) => {
    const isTheirs = isDue(duty) && down.some(({ department }) => department === duty.department);
    if (!isTheirs || duty.kind === 'transfer') return [duty];
    return duty.kind === 'judgement' && lead !== undefined ? [{ ...duty, department: lead }] : [];
  });
}

/** Recipients in the parts that they have in a warning; in a joint task in those that its items give them. */
export function inTheirParts(
  recipients: readonly Recipient[],
  parties: readonly Party[],
  { task }: Transition,
): readonly Recipient[] {
  if (task !== undefined) return recipients;
  const roles = new Map(parties.map(({ department, role }) => [department, role]));
  return recipients.map((one) => ({ ...one, role: roles.get(one.department) ?? one.role }));
}

/** A department that has to begin again. */
export function askedAnew({ department, role, acting }: Party): Party {
  return { department, role, acting, stage: 'none' };
}

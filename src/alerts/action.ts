// What people do to a warning: the actions, who they are, and the record of what they did.

export const ROLES = ['department', 'lead', 'author', 'operator', 'auditor'] as const;
/**
 * `department` acts for its department; `lead` supervises, for its department and those below it; the others act on no
 * warning: `author` edits models, `operator` runs the system, `auditor` reads everything and changes nothing.
 */
export type Role = (typeof ROLES)[number];

/** What a department found out. */
export const FINDINGS = ['confirmed', 'not-confirmed', 'transferred', 'merged'] as const;
export type Finding = (typeof FINDINGS)[number];

export const POSITIONS = ['agree', 'disagree', 'abstain'] as const;

/** Who acts. */
export interface Actor {
  /** Id of the account, never a person's name. */
  readonly id: string;
  readonly role: Role;
  /** For whom; null for an operator or auditor. */
  readonly department: string | null;
}

/** What is asked of a warning; instants are epoch ms. */
export type Act =
  /** Takes it into one's hands (签收). */
  | { readonly type: 'sign' }
  /** Begins with what is to be done (处置). */
  | { readonly type: 'start'; readonly measures?: string | undefined }
  /** Says what came of it (反馈); `department` is who takes it over, `into` the warning it is merged with. */
  | {
      readonly type: 'feedback';
      readonly result: Finding;
      readonly findings: string;
      readonly measures: string;
      readonly department?: string | undefined;
      readonly into?: string | undefined;
    }
  /** Sends a department's feedback back, to be done again (退回). */
  | { readonly type: 'return'; readonly department: string; readonly reason: string }
  /** Ends it (办结). */
  | { readonly type: 'close'; readonly conclusion: string }
  /** Stops its clocks for a while (中止). */
  | { readonly type: 'suspend'; readonly reason: string; readonly until: number }
  | { readonly type: 'resume'; readonly reason: string }
  /** Calls departments to a joint judgement (综合研判). */
  | { readonly type: 'convene'; readonly participants: readonly string[]; readonly reason: string }
  | {
      readonly type: 'opinion';
      readonly position: (typeof POSITIONS)[number];
      readonly text: string;
    }
  | { readonly type: 'conclude'; readonly conclusion: string }
  /** Hands it to a judicial organ as a possible crime (线索移送). */
  | { readonly type: 'hand-over'; readonly organ: string; readonly materials: readonly string[] }
  /** The organ has received transfer number `transfer`, counted from 1. */
  | { readonly type: 'receipt'; readonly transfer: number; readonly number: string }
  | { readonly type: 'accept'; readonly transfer: number }
  | { readonly type: 'refuse'; readonly transfer: number; readonly reason: string };

export type ActType = Act['type'];

export const ACT_TYPES = [
  'sign',
  'start',
  'feedback',
  'return',
  'close',
  'suspend',
  'resume',
  'convene',
  'opinion',
  'conclude',
  'hand-over',
  'receipt',
  'accept',
  'refuse',
] as const satisfies readonly ActType[];

/** An action that was taken, as the warning remembers it. */
export interface ActEntry {
  readonly id: string;
  readonly at: number;
  readonly actor: Actor;
  readonly act: Act;
}

/** An action that was not taken, and what was possible instead. */
export interface ActRefusal {
  readonly code: 'ACTION_ILLEGAL' | 'ACTION_FORBIDDEN' | 'ACTION_INVALID' | 'ACTION_LIMIT';
  /** In Chinese, for who acted. */
  readonly message: string;
  readonly allowed: readonly ActType[];
}

export interface RefusedEntry extends ActRefusal {
  readonly id: string;
}

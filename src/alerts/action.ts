// The record of what people did to a warning, and of what they were refused.
import type { Act, ActType, Role } from '../events/act.js';

/** Who acts. */
export interface Actor {
  /** Id of the account, never a person's name. */
  readonly id: string;
  readonly role: Role;
  /** For whom; null for who acts for no department. */
  readonly department: string | null;
  /** Only what lies in the regions that begin with this code; all where it is absent. */
  readonly region?: string;
}

/** An action that was taken, as the warning remembers it. */
export interface ActEntry {
  readonly id: string;
  readonly at: number;
  readonly actor: Actor;
  readonly act: Act;
}

/** An action that was not taken, and what was possible instead. */
export interface ActRefusal {
  readonly code: 'ACTION_ILLEGAL' | 'ACTION_FORBIDDEN' | 'ACTION_INVALID' | 'ACTION_LIMIT' | 'ACTION_KEY';
  /** In Chinese, for who acted. */
  readonly message: string;
  readonly allowed: readonly ActType[];
}

export interface RefusedEntry extends ActRefusal {
  readonly id: string;
}

// What the deliver stage keeps of a delivery that is not done: plain JSON, one record each, without the message.

import type { Covered } from '../../alerts/messages.js';

export const DELIVER_NAMESPACE = 'deliver/0';

/** All instants are epoch ms of this machine's clock. */
export interface Item {
  /** In the deliveries log; the message lies there. */
  readonly offset: number;
  readonly id: string;
  readonly warning: string;
  readonly department: string;
  readonly channel: string;
  /** When the delivery was planned, by the log's clock. */
  readonly at: number;
  /** Attempts recorded so far, each before it was made. */
  readonly attempts: number;
  /** Not to be attempted earlier. */
  readonly notBefore: number;
  /** From when on it counts as waiting. */
  readonly since: number;
  /** When the attempt began whose result is not known; null where there is none. */
  readonly underWay: number | null;
  /** The messages that it stands for, where it is not itself one of a warning. */
  readonly covers?: readonly Covered[];
  /** It waits for the end of the quiet hours. */
  readonly isHeld?: true;
  /** A batch that held it was refused: it is sent by itself. */
  readonly isAlone?: true;
}

/** A delivery that no channel took, in the list that operators can read. */
export interface DeadDelivery {
  readonly offset: number;
  readonly id: string;
  readonly warning: string;
  readonly department: string;
  readonly channel: string;
  readonly attempts: number;
  /** A code of the catalogue, and what the receiver said. */
  readonly reason: string;
  readonly detail: string;
  /** When it was given up, epoch ms. */
  readonly at: number;
}

/** Before the names of what waits for its channel. */
export const ITEM_PREFIX = 'q/';

/** Offsets sort as numbers in the names of records. */
export function itemName(offset: number): string {
  return `${ITEM_PREFIX}${String(offset).padStart(16, '0')}`;
}

export function deadName(offset: number): string {
  return `d/${String(offset).padStart(16, '0')}`;
}

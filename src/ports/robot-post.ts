// How channels of group robots send: one guarded request, and the code that the robot puts into its answer.
import type { SendResult } from './channel.js';
import type { PostRequest } from './http-post.js';

/** A message for a robot, as text of JSON. */
export type RobotRequest = Omit<PostRequest, 'headers'>;

/** What will not pass at another attempt either. */
export type RobotRefusal = 'CHANNEL_CREDENTIALS' | 'CHANNEL_REFUSED' | 'CHANNEL_TOO_LARGE';

/** How one kind of robot answers: 200 whatever came of it, and a whole number that says, 0 where it took the message. */
export interface RobotCodes {
  /** Names of the field that holds the code; the first that does counts, and the first of all names it in failures. */
  readonly fields: readonly [string, ...string[]];
  /** Codes by what they mean. What is not listed may pass; the number of attempts is bounded. */
  readonly refused: { readonly [reason in RobotRefusal]?: readonly number[] };
  /** Codes of a robot that asks for fewer messages. */
  readonly limited: readonly number[];
  /** How long it then wants to be left alone, where it is known. */
  readonly limitedMs?: number;
}

/** Posts once and never rejects. An answer of 2xx that holds no code is in doubt. */
export type RobotPost = (request: RobotRequest, codes: RobotCodes) => Promise<SendResult>;

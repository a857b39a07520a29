// How the results of sends are named for metrics, and which of them end a delivery in doubt.
import type { ChannelPolicy, SendFailure, SendResult } from '../../ports/channel.js';

/** Values of the label `outcome`. */
export type Outcome = 'delivered' | 'limited' | 'in-doubt' | 'failed' | 'refused';

export function outcomeOf(result: SendResult): Outcome {
  if (result.ok) return 'delivered';
  if (result.limited === true) return 'limited';
  if (result.inDoubt === true) return 'in-doubt';
  return result.retriable ? 'failed' : 'refused';
}

/** Whether a message must not be sent again, since its receiver may have it and would not know it. */
export function isAvoided(policy: ChannelPolicy, result: Pick<SendFailure, 'inDoubt'>): boolean {
  return result.inDoubt === true && !policy.knowsKey && policy.inDoubt === 'avoid';
}

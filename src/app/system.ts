// A running system as the HTTP front sees it, in whatever mode.
import type { BodyText } from '../events/body.js';
import type { RuleSet } from '../model/ruleset.js';
import type { ActionSender } from '../pipeline/action-events.js';
import type { EvidenceBook } from '../pipeline/evidence-book.js';
import type { Accepted } from '../pipeline/intake.js';
import type { ReadyCheck } from '../ports/front.js';
import type { Desk } from './desk.js';
import type { ModelsSide } from './models-side.js';
import type { Tracing } from './tracing.js';
import type { Stores } from './stores.js';

export interface System {
  readonly folder: Pick<Stores, 'vault' | 'siteKey' | 'tokens'>;
  readonly rules: RuleSet;
  readonly desk: Desk;
  readonly evidence: EvidenceBook;
  readonly models: ModelsSide;
  /** Whether time passes and events are taken. */
  readonly live: boolean;
  /** Takes a body of events that arrived now. */
  accept(body: BodyText, sender?: ActionSender): Promise<Accepted>;
  /** Seconds after which a sender may try again; null where events are taken now. */
  busyForSeconds(): number | null;
  /** Traces what is taken; null where nobody asked for it. */
  readonly tracing: Pick<Tracing, 'request'> | null;
  /** All that readiness rests on. */
  readiness(): Promise<readonly ReadyCheck[]>;
}

// The messages of a warning: to whom, under which idempotency key, and what they say.
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import type { Catalogue } from '../catalogue/catalogue.js';
import type { Transition } from '../engine/output.js';
import type { Level, Model } from '../model/model.js';
import type { Recipient } from './routing.js';
import type { WithheldReason } from './silence.js';
import type { AlertState } from './state.js';
import { messageOf, SENT_LATE } from './wording.js';

/** One message of one warning. */
export interface Covered {
  readonly warning: string;
  readonly id: string;
}

/** A message for one department, to be recorded before it is sent. */
export interface PlannedDelivery {
  readonly id: string;
  readonly warning: string;
  readonly ordinal: number;
  readonly department: string;
  readonly role: string;
  readonly channel: string;
  /** `transition`, a kind of notice, or `batch`. */
  readonly kind: string;
  readonly level: Level;
  readonly item: string;
  readonly model: string;
  readonly region: string | null;
  readonly at: number;
  /** The messages that it stands for, where it is not itself one of a warning. */
  readonly covers?: readonly Covered[];
  readonly body: { readonly [name: string]: unknown };
}

/** When a message is sent, and what it says beside the transition. */
export interface Occasion {
  readonly at: number;
  /** Why it was withheld until now. */
  readonly late?: WithheldReason;
  /** What is said beside the transition; `number` counts such messages of a warning. */
  readonly notice?: { readonly kind: string; readonly text: string; readonly number: number };
}

export class Messages {
  constructor(
    private readonly catalogue: Catalogue,
    private readonly models: ReadonlyMap<string, Model>,
  ) {}

  /** One message for each recipient. */
  plan(
    state: AlertState,
    transition: Transition,
    recipients: readonly Recipient[],
    { at, late, notice }: Occasion,
  ): PlannedDelivery[] {
    if (recipients.length === 0) return [];
    const { catalogue } = this;
    const item = catalogue.items.get(transition.item);
    const message = messageOf(transition, this.models.get(transition.model), item, catalogue, state.duties);
    const tag = notice === undefined ? String(transition.ordinal) : `notice ${notice.number}`;
    const sentence = `${notice?.text ?? ''}${message.message}${late === undefined ? '' : SENT_LATE[late]}`;
    const { region } = transition.profile;
    return recipients.map(({ department, role, channel }) => ({
      id: deliveryId(transition.warning, tag, department, channel),
      warning: transition.warning,
      ordinal: transition.ordinal,
      department,
      role,
      channel,
      kind: notice?.kind ?? 'transition',
      level: transition.level,
      item: transition.item,
      model: transition.model,
      region: typeof region === 'string' ? region : null,
      at,
      // A message has many fields, and copying it so takes half the time of a spread.
      body: Object.assign({}, message, {
        kind: notice?.kind ?? 'transition',
        message: sentence,
        department,
        department_name: catalogue.departments.get(department)?.name ?? null,
        role,
        // A path; channels put the address before it under which people reach the pages.
        link: `/warnings/${transition.warning}`,
      }),
    }));
  }
}

/** The idempotency key of a delivery: the same message, department and channel always give the same one. */
export function deliveryId(warning: string, tag: string, department: string, channel: string): string {
  const text = `${warning}\n${tag}\n${department}\n${channel}`;
  return bytesToHex(sha256(utf8ToBytes(text))).slice(0, 32);
}

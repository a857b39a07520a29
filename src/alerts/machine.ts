// What happens to a warning: a pure state machine over the alert inbox, as strict as the engine.
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import type { Transition } from '../engine/output.js';
import type { RuleSet } from '../model/ruleset.js';
import type { Level, Model } from '../model/model.js';
import type { InboxRecord, WarningRecord } from './inbox.js';
import { routeOf, type Recipient } from './routing.js';
import { messageOf } from './wording.js';

/** Where a warning stands with the departments; each state in a word. */
export type AlertStatus =
  /** Raised, and not yet with any department. */
  | 'raised'
  /** Every delivery so far was taken by its channel. */
  | 'pushed'
  /** Its level is none; nothing more is asked. */
  | 'cleared'
  /** What it rested on was taken back. */
  | 'withdrawn';

/** What the alert side knows of one warning. */
export interface AlertState {
  readonly warning: string;
  status: AlertStatus;
  level: Level;
  raised: number;
  updated: number;
  /** The newest transition with its evidence; the earlier ones are in `history`. */
  latest: WarningRecord;
  history: { ordinal: number; level: Level; previous: Level; clock: number; reason: string }[];
  departments: string[];
  /** Deliveries not yet taken by a channel. */
  pending: string[];
}

/** A message for one department, to be recorded before it is sent. */
export interface PlannedDelivery {
  readonly id: string;
  readonly warning: string;
  readonly ordinal: number;
  readonly department: string;
  readonly role: string;
  readonly channel: string;
  readonly at: number;
  readonly body: { readonly [name: string]: unknown };
}

export interface AlertOutputs {
  readonly deliveries: readonly PlannedDelivery[];
  /** Why nothing is delivered, or anything else that an operator must know; codes of the catalogue. */
  readonly notes: readonly { readonly code: string; readonly message: string }[];
}

/** Transitions that a warning's own record lists; all of them stand in the inbox log and the warehouse. */
const HISTORY_MAX = 100;

const NOTHING: AlertOutputs = { deliveries: [], notes: [] };

/** Steps warnings through their lifecycle; the state of a warning is handed in and out, so that it can be stored. */
export class AlertMachine {
  private readonly models: ReadonlyMap<string, Model>;

  constructor(private readonly rules: RuleSet) {
    this.models = new Map(rules.models.map((model) => [model.name, model]));
  }

  /**
   * Applies one inbox record to the state of its warning.
   * @param state undefined where the warning is new
   * @returns the new state and what is to be sent
   */
  step(
    state: AlertState | undefined,
    record: InboxRecord,
  ): { state: AlertState | undefined; outputs: AlertOutputs } {
    if (record.kind === 'delivered')
      return { state: this.delivered(state, record.deliveries), outputs: NOTHING };
    const { transition } = record;
    if (state !== undefined && transition.ordinal <= state.latest.transition.ordinal) {
      const same =
        state.latest.transition.ordinal !== transition.ordinal || state.latest.link.hash === record.link.hash;
      const message = `warning ${transition.warning} transition ${transition.ordinal} came again with other content`;
      return {
        state,
        outputs: same ? NOTHING : { deliveries: [], notes: [{ code: 'ALERT_CONFLICT', message }] },
      };
    }
    return this.transit(state, record);
  }

  private transit(
    state: AlertState | undefined,
    record: WarningRecord,
  ): { state: AlertState; outputs: AlertOutputs } {
    const { transition } = record;
    const { ordinal, level, previous, clock, reason } = transition;
    const { recipients: routed, unknown } = routeOf(transition, this.rules.catalogue);
    const recipients = [...routed, ...formerOf(state, transition, routed)];
    const deliveries = transition.quiet ? [] : this.plan(transition, recipients);
    const next: AlertState = {
      warning: transition.warning,
      status: statusAfter(transition, deliveries.length > 0),
      level,
      raised: transition.raised,
      updated: clock,
      latest: record,
      history: [
        ...(state?.history ?? []).slice(1 - HISTORY_MAX),
        { ordinal, level, previous, clock, reason },
      ],
      departments: recipients.map((recipient) => recipient.department),
      pending: [...(state?.pending ?? []), ...deliveries.map((delivery) => delivery.id)],
    };
    const notes = unknown.map((item) => ({
      code: 'ALERT_NO_ROUTE',
      message: `warning ${transition.warning}: no item ${item}`,
    }));
    return { state: next, outputs: { deliveries, notes } };
  }

  private plan(transition: Transition, recipients: readonly Recipient[]): PlannedDelivery[] {
    const { catalogue } = this.rules;
    const item = catalogue.items.get(transition.item);
    const message = messageOf(transition, this.models.get(transition.model), item, catalogue);
    return recipients.map(({ department, role, channel }) => ({
      id: deliveryId(transition, department, channel),
      warning: transition.warning,
      ordinal: transition.ordinal,
      department,
      role,
      channel,
      at: transition.clock,
      body: {
        ...message,
        department,
        department_name: catalogue.departments.get(department)?.name ?? null,
        role,
      },
    }));
  }

  private delivered(state: AlertState | undefined, ids: readonly string[]): AlertState | undefined {
    if (state === undefined) return undefined;
    const taken = new Set(ids);
    const pending = state.pending.filter((id) => !taken.has(id));
    const status = state.status === 'raised' && pending.length === 0 ? 'pushed' : state.status;
    return { ...state, pending, status };
  }
}

/** Departments that were called to a joint task and that its items no longer name: they hear how it goes on. */
function formerOf(
  state: AlertState | undefined,
  { task }: Transition,
  recipients: readonly Recipient[],
): Recipient[] {
  if (task === undefined || state === undefined) return [];
  const known = new Set(recipients.map(({ department }) => department));
  return state.departments
    .filter((department) => !known.has(department))
    .map((department) => ({ department, role: 'cooperating', channel: 'file' }));
}

function statusAfter(transition: Transition, delivering: boolean): AlertStatus {
  if (transition.level === 'none') return transition.reason === 'withdrawn' ? 'withdrawn' : 'cleared';
  return delivering ? 'raised' : 'pushed';
}

/** The idempotency key of a delivery: the same transition, department and channel always give the same one. */
export function deliveryId(transition: Transition, department: string, channel: string): string {
  const text = `${transition.warning}\n${transition.ordinal}\n${department}\n${channel}`;
  return bytesToHex(sha256(utf8ToBytes(text))).slice(0, 32);
}

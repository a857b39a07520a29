// What happens to a warning: a pure state machine over the alert inbox, as strict as the engine.
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import type { Transition } from '../engine/output.js';
import type { RuleSet } from '../model/ruleset.js';
import type { Level, Model } from '../model/model.js';
import type { InboxRecord, ResultRecord, WarningRecord } from './inbox.js';
import { routeOf, type Recipient } from './routing.js';
import { heardFrom, Silence, type Withheld, type WithheldReason } from './silence.js';
import { messageOf, SENT_LATE } from './wording.js';

/** Where a warning stands with the departments; each state in a word. */
export type AlertStatus =
  /** Raised, and not yet with any department. */
  | 'raised'
  /** Every delivery so far was taken by its channel. */
  | 'pushed'
  /** It rests on a source that is silent; departments hear of it once that speaks, if it still stands. */
  | 'withheld'
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
  history: HistoryEntry[];
  departments: string[];
  /** Deliveries not yet taken by a channel. */
  pending: string[];
  /** Absent where departments know all. */
  withheld?: Withheld;
}

/** One transition in the history of a warning. Instants are epoch ms. */
export interface HistoryEntry {
  readonly ordinal: number;
  readonly level: Level;
  readonly previous: Level;
  readonly clock: number;
  readonly reason: string;
  /** Why it was not sent when it came. */
  readonly withheld?: WithheldReason;
  /** When it was sent after all. */
  readonly released?: number;
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
const ALL_SPEAK = new Silence();

/** Steps warnings through their lifecycle; the state of a warning is handed in and out, so that it can be stored. */
export class AlertMachine {
  private readonly models: ReadonlyMap<string, Model>;

  constructor(private readonly rules: RuleSet) {
    this.models = new Map(rules.models.map((model) => [model.name, model]));
  }

  /**
   * Applies one inbox record to the state of its warning.
   * @param state undefined where the warning is new
   * @param silence the sources that are silent when the record is stepped
   * @returns the new state and what is to be sent
   */
  step(
    state: AlertState | undefined,
    record: InboxRecord,
    silence: Silence = ALL_SPEAK,
  ): { state: AlertState | undefined; outputs: AlertOutputs } {
    if (record.kind !== 'warning') return this.heardBack(state, record);
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
    return this.transit(state, record, silence);
  }

  /**
   * Sends what was withheld of a warning and still stands, unless it rests on another source that is silent.
   * @param at when a source spoke again, epoch ms
   */
  release(state: AlertState, at: number, silence: Silence): { state: AlertState; outputs: AlertOutputs } {
    const { withheld, ...rest } = state;
    if (withheld === undefined) return { state, outputs: NOTHING };
    const sources = silence.among(withheld.sources);
    if (sources.length > 0) {
      return { state: { ...rest, withheld: { ...withheld, sources } }, outputs: NOTHING };
    }
    const { transition } = state.latest;
    const recipients = routeOf(transition, this.rules.catalogue).recipients;
    const deliveries = this.plan(heardFrom(withheld.told, transition), recipients, at);
    const history = state.history.map((entry, index) =>
      index === state.history.length - 1 ? { ...entry, released: at } : entry,
    );
    const pending = [...state.pending, ...deliveries.map(({ id }) => id)];
    const status = statusAfter(transition, deliveries.length > 0);
    return { state: { ...rest, status, history, pending }, outputs: { deliveries, notes: [] } };
  }

  private transit(
    state: AlertState | undefined,
    record: WarningRecord,
    silence: Silence,
  ): { state: AlertState; outputs: AlertOutputs } {
    const { transition } = record;
    const { ordinal, level, previous, clock, reason } = transition;
    const { recipients: routed, unknown } = routeOf(transition, this.rules.catalogue);
    const recipients = [...routed, ...formerOf(state, transition, routed)];
    const withheld = withheldAfter(state, transition, silence);
    const told = state?.withheld?.told;
    // Nobody hears of the end of what nobody heard of.
    const isKnown = withheld !== undefined || transition.quiet || told === level;
    const heard = told === undefined ? transition : heardFrom(told, transition);
    const deliveries = isKnown ? [] : this.plan(heard, recipients);
    const next: AlertState = {
      warning: transition.warning,
      status: withheld === undefined ? statusAfter(transition, deliveries.length > 0) : 'withheld',
      level,
      raised: transition.raised,
      updated: clock,
      latest: record,
      history: [
        ...(state?.history ?? []).slice(1 - HISTORY_MAX),
        { ordinal, level, previous, clock, reason, ...(withheld && { withheld: 'source-silent' }) },
      ],
      departments: recipients.map((recipient) => recipient.department),
      pending: [...(state?.pending ?? []), ...deliveries.map((delivery) => delivery.id)],
      ...(withheld && { withheld }),
    };
    const notes = unknown.map((item) => ({
      code: 'ALERT_NO_ROUTE',
      message: `warning ${transition.warning}: no item ${item}`,
    }));
    return { state: next, outputs: { deliveries, notes } };
  }

  /** @param late when it is sent, where it was withheld until then */
  private plan(transition: Transition, recipients: readonly Recipient[], late?: number): PlannedDelivery[] {
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
      at: late ?? transition.clock,
      body: {
        ...message,
        ...(late === undefined ? {} : { message: `${message.message}${SENT_LATE}` }),
        department,
        department_name: catalogue.departments.get(department)?.name ?? null,
        role,
      },
    }));
  }

  /** Takes what became of deliveries; one that is undeliverable stays pending. */
  private heardBack(state: AlertState | undefined, record: ResultRecord) {
    if (state === undefined) return { state, outputs: NOTHING };
    const ids = new Set(record.deliveries);
    if (record.kind === 'delivered') {
      const pending = state.pending.filter((id) => !ids.has(id));
      const status = state.status === 'raised' && pending.length === 0 ? 'pushed' : state.status;
      return { state: { ...state, pending, status }, outputs: NOTHING };
    }
    const open = state.pending.filter((id) => ids.has(id));
    if (open.length === 0) return { state, outputs: NOTHING };
    const message = `warning ${state.warning}, ${record.reason}: deliveries ${open.join(', ')}`;
    return { state, outputs: { deliveries: [], notes: [{ code: 'DELIVERY_FAILED', message }] } };
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

/** What departments do not know of a warning after a transition; undefined where they are told of it, or know it. */
function withheldAfter(
  state: AlertState | undefined,
  { restsOn = [], quiet, level }: Transition,
  silence: Silence,
): Withheld | undefined {
  const sources = silence.among(restsOn);
  const known = state === undefined || state.latest.transition.quiet ? 'none' : state.level;
  const told = state?.withheld?.told ?? known;
  return quiet || sources.length === 0 || told === level ? undefined : { sources, told };
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

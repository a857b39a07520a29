// What happens to a warning: a pure state machine over the alert inbox, as strict as the engine.
import type { Transition } from '../engine/output.js';
import type { RuleSet } from '../model/ruleset.js';
import type { Model } from '../model/model.js';
import type { OtherWarnings } from './act-fault.js';
import type { ActRefusal, RefusedEntry } from './action.js';
import { ask } from './asking.js';
import { closedByFeedback, planOf } from './drawn-task.js';
import { lapse, nextOf, type Duty } from './duty.js';
import type { ActionRecord, CaseRecord, ResultRecord, WarningRecord } from './inbox.js';
import { join } from './joint-task.js';
import { act, resumed, type Notice, type Rules } from './lifecycle.js';
import { Messages, type PlannedDelivery } from './messages.js';
import { lapseText, noticeText } from './notices.js';
import { inTheirParts, partiesAfter, takenOver, type Party } from './party.js';
import { formerOf, notesOf, outright, routeOf, type Recipient } from './routing.js';
import { heardFrom, reasonOf, Silence } from './silence.js';
import {
  ended,
  isOver,
  newState,
  settled,
  unsigned,
  urgedOf,
  withheldAfter,
  type AlertState,
} from './state.js';

export interface Note {
  readonly code: string;
  readonly message: string;
}

export interface AlertOutputs {
  readonly deliveries: readonly PlannedDelivery[];
  /** Why nothing is delivered, or anything else that an operator must know; codes of the catalogue. */
  readonly notes: readonly Note[];
}

export interface Stepped<State = AlertState> {
  readonly state: State;
  readonly outputs: AlertOutputs;
}

/** Transitions that a warning's own record lists; all of them stand in the inbox log and the warehouse. */
const HISTORY_MAX = 100;
const REFUSED_MAX = 20;

const NOTHING: AlertOutputs = { deliveries: [], notes: [] };
const ALL_SPEAK = new Silence();

/** Steps warnings through their lifecycle; the state of a warning is handed in and out, so that it can be stored. */
export class AlertMachine {
  private readonly models: ReadonlyMap<string, Model>;
  private readonly messages: Messages;

  constructor(private readonly rules: RuleSet) {
    this.models = new Map(rules.models.map((model) => [model.name, model]));
    this.messages = new Messages(rules.catalogue, this.models);
  }

  /**
   * Applies one inbox record to the state of its warning; what falls due before it has to be done before.
   * @param state undefined where the warning is new
   * @param silence the sources that are silent when the record is stepped
   * @param clock of the inbox, epoch ms: an action counts as taken at it, or at its own instant where that is later
   * @param others the warnings that an action may name
   * @returns the new state and what is to be sent
   */
  step(
    state: AlertState | undefined,
    record: CaseRecord,
    silence: Silence = ALL_SPEAK,
    clock = record.at,
    others: OtherWarnings = () => undefined,
  ): Stepped<AlertState | undefined> {
    if (record.kind === 'delivered' || record.kind === 'undeliverable')
      return this.heardBack(state, record, clock);
    if (record.kind === 'action') return this.acted(state, record, Math.max(clock, record.at), others);
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
   * When something follows by itself: a deadline, a step of urging, the end of a suspension.
   * @returns epoch ms; Infinity for never
   */
  nextInstant(state: AlertState): number {
    const { suspended, duties, repeat } = state;
    if (suspended !== undefined) return suspended.until;
    const repeats = repeat !== undefined && !isOver(state) && unsigned(state).length > 0;
    return repeats ? Math.min(nextOf(duties), repeat.next) : nextOf(duties);
  }

  /** Does what follows by itself at an instant, which `nextInstant` gave. */
  fall(state: AlertState, at: number): Stepped {
    const { catalogue } = this.rules;
    if (state.suspended !== undefined) {
      const after = settled(resumed(state, at, catalogue));
      const acting = after.parties.filter((party) => party.acting);
      const notices = acting.map(({ department }): Notice => ({
        kind: 'resumed',
        department,
        text: '中止期限届满',
      }));
      return this.tell(after, notices, at);
    }
    if (state.repeat !== undefined && state.repeat.next <= at) return this.repeat(state, state.repeat, at);
    const { plan } = this.rulesOf(state.latest.transition);
    const { duties, lapses } = lapse(state.duties, at, { catalogue, urge: plan?.urge ?? [] });
    let after: AlertState = { ...state, duties };
    const deliveries: PlannedDelivery[] = [];
    const notes: Note[] = [];
    for (const one of lapses) {
      const to = urgedOf(after, one, plan?.urge ?? [], catalogue);
      if (to !== null) {
        const text = lapseText(one, to === one.duty.department, catalogue);
        const kind = one.step === null ? 'remind' : 'urge';
        const planned = this.notice(after, { kind, department: to }, text, at);
        after = planned.state;
        deliveries.push(...planned.deliveries);
      }
      const left = duties.find(
        ({ kind, department }) => kind === one.duty.kind && department === one.duty.department,
      );
      if (left?.next === null) notes.push(unhandled(state, one.duty));
    }
    return { state: settled(after), outputs: { deliveries, notes } };
  }

  /** Pushes a warning again to who has not signed for it. */
  private repeat(
    state: AlertState,
    { everyMs, left }: NonNullable<AlertState['repeat']>,
    at: number,
  ): Stepped {
    const { repeat: _last, ...rest } = state;
    const after = left > 1 ? { ...rest, repeat: { next: at + everyMs, everyMs, left: left - 1 } } : rest;
    return this.tell(
      settled(after),
      unsigned(state).map(({ department }) => ({ kind: 'repeat', department })),
      at,
    );
  }

  /**
   * Sends what was withheld of a warning and still stands, unless it waits for something else as well.
   * @param gone what it waits for no longer
   * @param at since when, epoch ms
   */
  release(state: AlertState, gone: string, at: number, silence: Silence): Stepped {
    const { withheld, ...rest } = state;
    if (withheld === undefined) return { state, outputs: NOTHING };
    const { transition } = state.latest;
    const standing = silence.against({ ...transition, clock: at });
    const sources = [...new Set([...silence.left(withheld.sources, gone), ...standing])].sort();
    if (sources.length > 0) {
      return { state: { ...rest, withheld: { ...withheld, sources } }, outputs: NOTHING };
    }
    const history = state.history.map((entry, index) =>
      index === state.history.length - 1 ? { ...entry, released: at } : entry,
    );
    const { recipients } = this.routed(state.parties, transition);
    const parties = partiesAfter(state, recipients, transition, true);
    const duties = takenOver(state, parties);
    const asked = this.ask({ ...rest, history, parties, duties }, transition, at);
    const told = inTheirParts(recipients, parties, transition);
    const heard = heardFrom(withheld.told, transition);
    const deliveries = this.messages.plan(asked.state, heard, told, { at, late: reasonOf([gone]) });
    return { state: pending(asked.state, deliveries), outputs: { deliveries, notes: asked.notes } };
  }

  /**
   * Lets a warning join the open joint task on its key, where it brings an item that the task does not have.
   * @param state of the task
   */
  join(state: AlertState, transition: Transition, at: number): Stepped {
    const joined = join(state, transition, at, this.rulesOf(state.latest.transition));
    return joined === null ? { state, outputs: NOTHING } : this.tell(joined.state, joined.notices, at);
  }

  private transit(state: AlertState | undefined, record: WarningRecord, silence: Silence): Stepped {
    const { transition } = record;
    const { ordinal, level, previous, clock, reason } = transition;
    const { route, recipients } = this.routed(state?.parties ?? [], transition);
    const withheld = withheldAfter(state, transition, silence);
    const toldLevel = state?.withheld?.told;
    // Nobody hears of the end of what nobody heard of.
    const isKnown = withheld !== undefined || transition.quiet || toldLevel === level;
    const heard = toldLevel === undefined ? transition : heardFrom(toldLevel, transition);
    const { withheld: _former, ...known } = state ?? newState(record);
    const parties = partiesAfter(known, recipients, transition, !isKnown);
    const next: AlertState = {
      ...known,
      level,
      raised: transition.raised,
      updated: clock,
      latest: record,
      history: [
        ...known.history.slice(1 - HISTORY_MAX),
        {
          ordinal,
          level,
          previous,
          clock,
          reason,
          ...(withheld && { withheld: reasonOf(withheld.sources) }),
        },
      ],
      parties,
      duties: takenOver(known, parties),
      ...(withheld && { withheld }),
    };
    const asked =
      level === 'none'
        ? { state: ended(next), notes: [] }
        : isKnown
          ? { state: next, notes: [] }
          : this.ask(next, transition, clock);
    const told = inTheirParts(recipients, parties, transition);
    const deliveries = isKnown ? [] : this.messages.plan(asked.state, heard, told, { at: clock });
    return {
      state: pending(asked.state, deliveries),
      outputs: { deliveries, notes: [...notesOf(transition, route), ...asked.notes] },
    };
  }

  /** Who hears of a transition, and who heard of the warning before. */
  private routed(parties: readonly Party[], transition: Transition) {
    const { catalogue } = this.rules;
    const route = routeOf(transition, catalogue);
    const heard = parties.map(({ department }) => department);
    return { route, recipients: [...route.recipients, ...formerOf(heard, route, catalogue)] };
  }

  private ask(known: AlertState, transition: Transition, at: number) {
    const { state, isBeyondCalendar } = ask(known, transition, at, this.rulesOf(transition));
    return { state, notes: isBeyondCalendar ? [beyondCalendar(known)] : [] };
  }

  private acted(
    state: AlertState | undefined,
    record: ActionRecord,
    at: number,
    others: OtherWarnings,
  ): Stepped<AlertState | undefined> {
    const { id, actor, act: asked, warning } = record;
    if (state === undefined) {
      const message = `action ${id} names warning ${warning}, which does not exist`;
      return { state, outputs: { deliveries: [], notes: [{ code: 'ACTION_NO_WARNING', message }] } };
    }
    if (state.acts.some((entry) => entry.id === id) || state.refused.some((entry) => entry.id === id))
      return { state, outputs: NOTHING };
    const result = act(state, { id, at, actor, act: asked }, this.rulesOf(state.latest.transition), others);
    if ('refusal' in result) {
      const refused: RefusedEntry[] = [...state.refused.slice(1 - REFUSED_MAX), { id, ...result.refusal }];
      return {
        state: { ...state, refused },
        outputs: { deliveries: [], notes: [unacted(record, result.refusal)] },
      };
    }
    return this.tell(settled(closedByFeedback(result.state, at)), result.notices, at);
  }

  private tell(state: AlertState, notices: readonly Notice[], at: number): Stepped {
    let after = state;
    const deliveries: PlannedDelivery[] = [];
    for (const { kind, department, text } of notices) {
      if (kind === 'remind' || kind === 'urge') continue;
      const planned = this.notice(after, { kind, department }, noticeText(kind, text), at);
      after = planned.state;
      deliveries.push(...planned.deliveries);
    }
    return { state: after, outputs: { deliveries, notes: [] } };
  }

  /** One message beside those of transitions, for one department. */
  private notice(
    state: AlertState,
    { kind, department }: Notice,
    text: string,
    at: number,
    channel?: string,
  ): { state: AlertState; deliveries: PlannedDelivery[] } {
    const { transition } = state.latest;
    const role = state.parties.find((party) => party.department === department)?.role ?? kind;
    const usual = outright(this.rules.catalogue, department, role as Recipient['role'], 'notice');
    const recipients = channel === undefined ? usual : usual.slice(0, 1).map((one) => ({ ...one, channel }));
    const notice = { kind, text, number: state.notices + 1 };
    const planned = this.messages.plan(state, transition, recipients, { at, notice });
    return { state: pending({ ...state, notices: state.notices + 1 }, planned), deliveries: planned };
  }

  private rulesOf(transition: Transition): Rules {
    const { catalogue } = this.rules;
    return { catalogue, plan: planOf(transition, this.models.get(transition.model), catalogue) };
  }

  /** What became of deliveries: where a way failed for good its backup takes over, else they stay pending. */
  private heardBack(
    state: AlertState | undefined,
    record: ResultRecord,
    at: number,
  ): Stepped<AlertState | undefined> {
    if (state === undefined) return { state, outputs: NOTHING };
    if (record.kind === 'delivered')
      return { state: this.settle(state, record.deliveries), outputs: NOTHING };
    const open = state.pending.filter((id) => record.deliveries.includes(id));
    if (open.length === 0) return { state, outputs: NOTHING };
    const message = `warning ${state.warning}, ${record.reason}: deliveries ${open.join(', ')}`;
    const notes = [{ code: 'DELIVERY_FAILED', message }];
    const { department, channel } = record;
    const spare = this.rules.catalogue.routes.backup.get(channel);
    if (spare === undefined) return { state, outputs: { deliveries: [], notes } };
    const again = this.notice(
      this.settle(state, open),
      { kind: 'backup', department },
      noticeText('backup', ''),
      at,
      spare,
    );
    return { state: again.state, outputs: { deliveries: again.deliveries, notes } };
  }

  /** The state once messages are waited for no longer, be it that they were taken or that they are not sent. */
  settle(state: AlertState, ids: readonly string[]): AlertState {
    const gone = new Set(ids);
    return settled({ ...state, pending: state.pending.filter((id) => !gone.has(id)) });
  }
}

function pending(state: AlertState, deliveries: readonly PlannedDelivery[]): AlertState {
  return settled({ ...state, pending: [...state.pending, ...deliveries.map(({ id }) => id)] });
}

/** Who sent an action as an event was told nothing of this yet. */
function unacted({ id, warning, actor, act: { type } }: ActionRecord, { code, allowed }: ActRefusal): Note {
  const message = `warning ${warning}: ${type} of ${actor.id} (${id}) is ${code}; allowed: ${allowed.join(', ')}`;
  return { code: 'ACTION_REFUSED', message };
}

function unhandled({ warning }: AlertState, { kind, department }: Duty): Note {
  const message = `warning ${warning}: ${department} owes ${kind}, and every step of urging was taken`;
  return { code: 'ALERT_UNHANDLED', message };
}

function beyondCalendar({ warning }: AlertState): Note {
  return {
    code: 'ALERT_CALENDAR',
    message: `warning ${warning} has a deadline in a year without holiday notice`,
  };
}

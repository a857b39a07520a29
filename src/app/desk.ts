// Where people act on warnings: reads what they may see, hands their actions to the inbox, keeps the audit log.
import { randomBytes } from 'node:crypto';
import type { Actor, ActRefusal } from '../alerts/action.js';
import { chainOf, mayRead } from '../alerts/authority.js';
import type { ActionRecord } from '../alerts/inbox.js';
import { allowedTo } from '../alerts/lifecycle.js';
import { AlertMachine } from '../alerts/machine.js';
import type { AlertState } from '../alerts/state.js';
import { warningDetail, warningView } from '../alerts/view.js';
import type { Act } from '../events/act.js';
import { canonicalJson } from '../events/canonical.js';
import { CodedError } from '../events/coded-error.js';
import type { SilenceOrder } from '../events/silence.js';
import type { WithheldFilter } from '../events/withheld.js';
import type { RuleSet } from '../model/ruleset.js';
import type { AlertView } from '../pipeline/alert.js';
import { appendAudit, type About, type AuditEntry } from '../pipeline/audit.js';
import { decodeJson, encodeJson } from '../pipeline/checkpoint.js';
import type { WarningBook } from '../pipeline/warning-book.js';
import { withheldPage } from '../pipeline/withheld-book.js';
import type { ActOutcome, Caller, Directory, QueueQuery, WarningQuery } from '../ports/front.js';
import type { Logs } from '../ports/log.js';
import { Sightings } from './sightings.js';
import { Silencing } from './silencing.js';
import { isAskedFor, untoldView } from './untold.js';
import { queueOf, type QueueView } from './queueing.js';
import { ReportCache } from './report-cache.js';
import type { Report } from './reporting.js';

export interface DeskOptions {
  readonly rules: RuleSet;
  readonly logs: Logs;
  readonly book: WarningBook;
  readonly alert: AlertView;
  /** The clock of the log, epoch ms: actions are dated by it. */
  readonly clock: () => number;
  readonly now: () => number;
  /** Lets the alert side run. */
  readonly wake: () => void;
  /** Hears that the audit log could not be written. */
  readonly onFailure: (error: unknown) => void;
}

/** Departments whose open warnings are listed at once. */
const DEPARTMENTS_MAX = 500;
const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

export class Desk {
  readonly silencing: Silencing;
  private readonly machine: AlertMachine;
  private readonly sightings: Sightings;
  private readonly reports: ReportCache;

  constructor(private readonly options: DeskOptions) {
    this.sightings = new Sightings(options.now);
    this.machine = new AlertMachine(options.rules);
    this.reports = new ReportCache({ ...options, position: () => options.alert.position });
    this.silencing = new Silencing(options);
  }

  /** Orders a silence. @throws CodedError SILENCE_* where it may not be */
  silence(order: SilenceOrder, caller: Caller): Promise<unknown> {
    return this.withAudit(caller, 'silence', randomBytes(16).toString('hex'), (id) =>
      this.silencing.order(id, order, caller),
    );
  }

  /** Ends a silence. @returns whether there was one of that id */
  endSilence(id: string, caller: Caller): Promise<boolean> {
    return this.withAudit(caller, 'end-silence', id, () => this.silencing.end(id, caller));
  }

  /** Does something to a silence, and notes in the audit log what came of it. */
  private async withAudit<T>(
    caller: Caller,
    what: string,
    silence: string,
    action: (id: string) => Promise<T>,
  ): Promise<T> {
    try {
      const result = await action(silence);
      await this.audit(caller, what, result === false ? 'absent' : 'done', { silence });
      return result;
    } catch (error) {
      if (error instanceof CodedError) await this.audit(caller, what, error.code);
      throw error;
    }
  }

  /** A page of what a caller may read. */
  async warnings({ department, offset, limit }: WarningQuery, caller: Caller) {
    const { book, rules, alert } = this.options;
    const departments = this.departmentsOf(caller, department);
    if (departments === null && caller.region === null) {
      const items = await book.list(offset, limit);
      const total = totalOf({ offset, limit, shown: items.length }, alert.current);
      return { items: items.map((state) => warningView(state, rules)), total };
    }
    const listed = departments?.slice(0, DEPARTMENTS_MAX) ?? null;
    const page = await book.visible(listed, offset, limit, (state) => this.isVisible(state, caller));
    const isPart = page.isPart || (departments?.length ?? 0) > DEPARTMENTS_MAX;
    const items = page.items.map((state) => warningView(state, rules));
    return { items, total: page.total, ...(isPart && { incomplete: true as const }) };
  }

  async warning(id: string, caller: Caller): Promise<unknown> {
    const state = await this.read(id, caller);
    return state === undefined ? undefined : this.detail(state, caller);
  }

  /** A page of what was not told at once, of what a caller may read, newest first. */
  async withheld(filter: WithheldFilter, limit: number, caller: Caller) {
    const { logs, book, rules } = this.options;
    const departments = this.departmentsOf(caller, filter.department ?? null);
    const { items, next } = await withheldPage(
      logs.withheld,
      book,
      { ...filter, limit },
      (withholding, state) =>
        isAskedFor(withholding, state, filter, departments) && this.isVisible(state, caller),
    );
    return { items: items.map(({ withholding, state }) => untoldView(withholding, state, rules)), next };
  }

  /** What the pages know of the catalogue, and whose warnings a caller may choose among. */
  directory({ role, department }: Caller): Directory {
    const { departments, calendar } = this.options.rules.catalogue;
    const all = [...departments.values()].map(({ id, name }) => ({ id, name }));
    const below = role === 'lead' && department !== null ? this.below(department) : [];
    const visible = role === 'lead' || role === 'department' ? below : all.map(({ id }) => id);
    return { zone: calendar.zone, departments: all, visible };
  }

  /** The ranked queue of a department; undefined where there is none that the caller may see. */
  async queue({ department, ...page }: QueueQuery, caller: Caller): Promise<QueueView | undefined> {
    const { book, rules, logs, clock } = this.options;
    const asked = department ?? caller.department;
    const visible = this.departmentsOf(caller, null);
    if (asked === null || !rules.catalogue.departments.has(asked)) return undefined;
    if (visible !== null && !visible.includes(asked)) return undefined;
    const source = { book, rules, taken: logs.actions, clock: clock() };
    return queueOf(source, asked, page, (state) => this.isVisible(state, caller));
  }

  /** What came of the warnings that a caller may read, by model, and of its departments. */
  async report(caller: Caller): Promise<Report> {
    const departments = this.departmentsOf(caller, null);
    const shown = {
      warning: (state: AlertState) => this.isVisible(state, caller),
      department: (id: string) => departments === null || departments.includes(id),
    };
    const { role, department, region } = caller;
    // Whoever has no department sees what everybody without one sees.
    const scope = JSON.stringify(departments === null ? [region] : [region, role, department]);
    return this.reports.report(scope, shown);
  }

  async act(warning: string, { id, act }: { id: string; act: Act }, caller: Caller): Promise<ActOutcome> {
    const outcome = await this.decide(warning, { id, act }, caller);
    const said = outcome.kind === 'refused' ? outcome.code : outcome.kind;
    await this.audit(caller, act.type, said, { warning });
    return outcome;
  }

  /** Notes something in the audit log; durable once it resolves. */
  async audit(caller: Caller | null, what: string, outcome: string, about: About = {}): Promise<void> {
    const entry: AuditEntry = {
      at: this.options.now(),
      account: caller?.id ?? null,
      role: caller?.role ?? null,
      department: caller?.department ?? null,
      what,
      ...about,
      outcome,
    };
    await appendAudit(this.options.logs, [entry]);
  }

  /** As `audit`, for what is refused whether it can be noted or not. */
  async note(caller: Caller | null, what: string, outcome: string): Promise<void> {
    const more = caller === null ? this.sightings.stranger() : 0;
    if (more === null) return;
    await this.audit(caller, what, outcome, more === 0 ? {} : { more }).catch(this.options.onFailure);
  }

  /** Notes that a token is used, once a day; that somebody logs in, once a minute. */
  async seen(caller: Caller, what: 'token' | 'login'): Promise<void> {
    const quietMs = what === 'token' ? DAY_MS : MINUTE_MS;
    if (this.sightings.isNew(`${what} ${caller.id}`, quietMs)) await this.note(caller, what, 'done');
  }

  /** Of the entries from an offset on as many as asked, those that a caller may read. */
  async audited(offset: number, limit: number, caller: Caller) {
    const { audit } = this.options.logs;
    const records = await audit.read(0, offset, limit);
    const all = records.map(({ offset: at, value }) => ({ offset: at, ...decodeJson<AuditEntry>(value) }));
    return { items: await this.auditVisible(all, caller), total: await audit.end(0) };
  }

  /** Who is limited to a region reads what was done to its warnings, and what he did himself. */
  private async auditVisible<Entry extends AuditEntry>(all: readonly Entry[], caller: Caller) {
    if (caller.region === null) return all;
    const named = all.flatMap(({ warning }) => warning ?? []);
    const states = await this.options.book.known(named);
    return all.filter(({ account, warning }) => {
      const state = warning === undefined ? undefined : states.get(warning);
      return account === caller.id || (state !== undefined && this.isVisible(state, caller));
    });
  }

  private async decide(
    warning: string,
    { id, act }: { id: string; act: Act },
    caller: Caller,
  ): Promise<ActOutcome> {
    const { logs, clock, alert, wake } = this.options;
    const before = await this.read(warning, caller);
    if (before === undefined) return { kind: 'absent' };
    const known = this.outcome(before, { id, act }, caller);
    if (known !== null) return known;
    const named =
      act.type === 'feedback' && act.into !== undefined ? await this.options.book.get(act.into) : undefined;
    const record: ActionRecord = { kind: 'action', id, at: clock(), warning, actor: actorOf(caller), act };
    // What cannot be taken now is refused here and now; the state may have changed when its turn comes all the same.
    const { state: tried } = this.machine.step(before, record, undefined, undefined, () => named);
    const refusal = tried?.refused.find((entry) => entry.id === id);
    if (refusal !== undefined) return { kind: 'refused', ...said(refusal) };
    const offset = await logs.inbox.append(0, [encodeJson(record)]);
    wake();
    await alert.passed(offset);
    const after = await this.read(warning, caller);
    const outcome = after === undefined ? null : this.outcome(after, { id, act }, caller);
    return outcome ?? { kind: 'absent' };
  }

  /** What became of an action; null where it is new. */
  private outcome(
    state: AlertState,
    { id, act }: { id: string; act: Act },
    caller: Caller,
  ): ActOutcome | null {
    const taken = state.acts.find((entry) => entry.id === id);
    if (taken !== undefined)
      return canonicalJson(taken.act) === canonicalJson(act)
        ? { kind: 'done', warning: this.detail(state, caller) }
        : this.refused('ACTION_KEY', '这个幂等键已用于另一项操作。', state, caller);
    const refusal = state.refused.find((entry) => entry.id === id);
    return refusal === undefined ? null : { kind: 'refused', ...said(refusal) };
  }

  private refused(code: ActRefusal['code'], message: string, state: AlertState, caller: Caller): ActOutcome {
    const allowed = allowedTo(state, actorOf(caller), this.options.rules.catalogue);
    return { kind: 'refused', code, message, allowed };
  }

  private detail(state: AlertState, caller: Caller) {
    const { rules } = this.options;
    return { ...warningDetail(state, rules), allowed: allowedTo(state, actorOf(caller), rules.catalogue) };
  }

  private async read(id: string, caller: Caller): Promise<AlertState | undefined> {
    const state = await this.options.book.get(id);
    return state !== undefined && this.isVisible(state, caller) ? state : undefined;
  }

  private isVisible(state: AlertState, caller: Caller): boolean {
    return mayRead(actorOf(caller), state, this.options.rules.catalogue);
  }

  /** Whose open warnings are listed; null for all current ones, whoever has them. */
  private departmentsOf(caller: Caller, asked: string | null): readonly string[] | null {
    const { role, department } = caller;
    if (role !== 'department' && role !== 'lead') return asked === null ? null : [asked];
    const own = department === null ? [] : role === 'lead' ? this.below(department) : [department];
    return asked === null ? own : own.filter((one) => one === asked);
  }

  /** A department and all that are below it. */
  private below(department: string): string[] {
    const { catalogue } = this.options.rules;
    const all = [...catalogue.departments.keys()];
    return all.filter((one) => chainOf(one, catalogue).includes(department));
  }
}

/** A caller as the record of actions has him. */
export function actorOf({ id, role, department, region }: Caller): Actor {
  return { id, role, department, ...(region !== null && { region }) };
}

function said<T extends { code: unknown; message: unknown; allowed: unknown }>({
  code,
  message,
  allowed,
}: T) {
  return { code, message, allowed } as Pick<T, 'code' | 'message' | 'allowed'>;
}

/**
 * How many there are, so that it fits the page: what another process counts is known a moment later than what it lists.
 * @param known how many there were a moment ago
 */
export function totalOf(
  page: Pick<WarningQuery, 'offset' | 'limit'> & { readonly shown: number },
  known: number,
) {
  const { offset, limit, shown } = page;
  if (shown === 0) return offset === 0 ? 0 : known;
  return shown < limit ? offset + shown : Math.max(known, offset + shown);
}

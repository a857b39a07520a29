// What the HTTP front is told: by nobody while the data folder opens, by the running system from then on.
import type { Registry } from 'prom-client';
import type { Sending } from '../pipeline/action-events.js';
import type { Act } from '../events/act.js';
import type { BodyText } from '../events/body.js';
import { CodedError } from '../events/coded-error.js';
import {
  NOBODY,
  type ErasureOrder,
  type PersonalOrder,
  type PersonalSettings,
} from '../events/personal-access.js';
import type { ModelsOrder } from '../events/models-order.js';
import type { SilenceOrder } from '../events/silence.js';
import type { WithheldFilter } from '../events/withheld.js';
import type {
  ActOutcome,
  Caller,
  Credentials,
  Directory,
  Front,
  ModelsOutcome,
  QueueQuery,
  ReadyCheck,
  WarningQuery,
} from '../ports/front.js';
import { actorOf } from './desk.js';
import { changeModels, modelsView } from './models-side.js';
import { check } from './readiness.js';
import { Revealing, type RevealingOptions } from './revealing.js';
import type { System } from './system.js';

/** Whoever reaches a machine that asks for no tokens; no token can have this id. */
const LOCAL = { id: '@local', region: null } as const;
/** Transitions of a warning in one answer; longer ones are exported by the command. */
const RECORDS_SHOWN_MAX = 200;

/** Answers from the moment at which the port is bound, which is before there is anything to answer from. */
export class RunningFront implements Front {
  /** @param guarded whether every caller needs a token, also where none is on file any more */
  constructor(private readonly guarded = false) {}

  private running: {
    readonly system: System;
    readonly registry: Registry;
    readonly revealing: Revealing;
  } | null = null;

  private bundles: Promise<unknown> = Promise.resolve();
  private reports: Promise<unknown> = Promise.resolve();

  /**
   * From now on it answers for this system.
   * @param registry its metrics
   * @param settings who may see clear personal values
   * @param holding as `RevealingOptions` has it
   */
  show(
    system: System,
    registry: Registry,
    settings: PersonalSettings = NOBODY,
    holding?: RevealingOptions['holding'],
  ): void {
    const { vault, siteKey } = system.folder;
    const revealing = new Revealing({ settings, vault, siteKey, desk: () => system.desk, holding });
    this.running = { system, registry, revealing };
  }

  async accept(body: BodyText, caller: Caller, traceparent: string | null = null) {
    // On an open machine whoever reaches it acts for any department; else for the one of the token.
    const sender = (department: string): Sending =>
      caller.id === LOCAL.id
        ? { actor: { id: LOCAL.id, role: 'department', department }, allowed: true }
        : { actor: actorOf(caller), allowed: department === caller.department };
    const system = this.shown();
    const take = () => system.accept(body, sender);
    return system.tracing === null ? take() : system.tracing.request(traceparent, body, take);
  }

  catchingUp(): boolean {
    return this.running?.system.live !== true;
  }

  busyForSeconds(): number | null {
    return this.running === null ? null : this.running.system.busyForSeconds();
  }

  async caller({ token, department }: Credentials): Promise<Caller | undefined> {
    // Before the data folder is open there is nothing to guard: what reads or writes it answers 503.
    if (this.running === null)
      return this.guarded ? undefined : { ...LOCAL, role: 'operator', department: null };
    const { folder, rules, desk } = this.running.system;
    if ((await folder.tokens.required()) || this.guarded) {
      const found = token === null ? undefined : await folder.tokens.find(token, Date.now());
      if (found === undefined) return undefined;
      const { id, role, department: own, region } = found;
      const caller = { id, role, department: own, region };
      await desk.seen(caller, 'token');
      return caller;
    }
    if (token !== null) return undefined;
    if (department === null) return { ...LOCAL, role: 'operator', department: null };
    return rules.catalogue.departments.has(department) ? { ...LOCAL, role: 'lead', department } : undefined;
  }

  /**
   * Who reads the warehouse itself, for which everybody needs a token on any machine; undefined for none in force.
   * @throws CodedError HTTP_CATCHING_UP
   */
  async reader(token: string): Promise<Caller | undefined> {
    this.shown();
    return this.caller({ token, department: null });
  }

  async warnings(query: WarningQuery, caller: Caller) {
    return this.shown().desk.warnings(query, caller);
  }

  async warning(id: string, caller: Caller): Promise<unknown> {
    return this.shown().desk.warning(id, caller);
  }

  async act(warning: string, action: { id: string; act: Act }, caller: Caller): Promise<ActOutcome> {
    return this.shown().desk.act(warning, action, caller);
  }

  directory(caller: Caller): Directory {
    return this.shown().desk.directory(caller);
  }

  async reveal(order: PersonalOrder, caller: Caller): Promise<unknown> {
    return (await this.personal(caller, 'reveal')).reveal(order, caller);
  }

  async erase(order: ErasureOrder, caller: Caller): Promise<boolean> {
    return (await this.personal(caller, 'erase')).erase(order, caller);
  }

  /** Without tokens nobody can be told from another. */
  private async personal(caller: Caller, what: string): Promise<Revealing> {
    const { running } = this;
    if (running === null) throw new CodedError('HTTP_CATCHING_UP');
    if (caller.id !== LOCAL.id) return running.revealing;
    await running.system.desk.note(caller, what, 'PERSONAL_FORBIDDEN');
    throw new CodedError('PERSONAL_FORBIDDEN');
  }

  async entered(caller: Caller): Promise<void> {
    await this.running?.system.desk.seen(caller, 'login');
  }

  async refused(caller: Caller | null, what: string): Promise<void> {
    await this.running?.system.desk.note(caller, what, caller === null ? 'HTTP_TOKEN' : 'HTTP_FORBIDDEN');
  }

  async withheld(filter: WithheldFilter, limit: number, caller: Caller) {
    return this.shown().desk.withheld(filter, limit, caller);
  }

  async silences(caller: Caller): Promise<readonly unknown[]> {
    return this.shown().desk.silencing.list(caller);
  }

  async silence(order: SilenceOrder, caller: Caller): Promise<unknown> {
    return this.shown().desk.silence(order, caller);
  }

  async endSilence(id: string, caller: Caller): Promise<boolean> {
    return this.shown().desk.endSilence(id, caller);
  }

  async audit(offset: number, limit: number, caller: Caller) {
    return this.shown().desk.audited(offset, limit, caller);
  }

  async evidence(id: string, caller: Caller): Promise<unknown> {
    const { desk, evidence } = this.shown();
    if ((await desk.warning(id, caller)) === undefined) return undefined;
    // One at a time, for each reads much of the logs.
    const bundle = this.bundles.then(() => evidence.bundle({ warning: id }, RECORDS_SHOWN_MAX));
    this.bundles = bundle.catch(() => undefined);
    return bundle;
  }

  async queue(query: QueueQuery, caller: Caller): Promise<unknown> {
    return this.shown().desk.queue(query, caller);
  }

  async report(caller: Caller): Promise<unknown> {
    const { desk } = this.shown();
    // One at a time, for each reads every warning.
    const report = this.reports.then(() => desk.report(caller));
    this.reports = report.catch(() => undefined);
    return report;
  }

  async models(): Promise<unknown> {
    return modelsView(this.shown().models);
  }

  async changeModels(order: ModelsOrder, caller: Caller): Promise<ModelsOutcome> {
    return changeModels(this.shown().models, order, caller);
  }

  async readiness(): Promise<readonly ReadyCheck[]> {
    return this.running === null ? [check('data', false)] : this.running.system.readiness();
  }

  async metrics(): Promise<{ contentType: string; text: string }> {
    if (this.running === null) return { contentType: 'text/plain; version=0.0.4; charset=utf-8', text: '' };
    const { registry } = this.running;
    return { contentType: registry.contentType, text: await registry.metrics() };
  }

  private shown(): System {
    if (this.running === null) throw new CodedError('HTTP_CATCHING_UP');
    return this.running.system;
  }
}

// What the HTTP front is told: by nobody while the data folder opens, by the running system from then on.
import type { Registry } from 'prom-client';
import { warningDetail, warningView } from '../alerts/view.js';
import type { BodyText } from '../events/body.js';
import { CodedError } from '../events/coded-error.js';
import type { Front } from '../ports/front.js';
import type { Embedded } from './embedded.js';
import { openMetrics } from './telemetry.js';

/** Transitions of a warning in one answer; longer ones are exported by the command. */
const RECORDS_SHOWN_MAX = 200;

/** Answers from the moment at which the port is bound, which is before there is anything to answer from. */
export class RunningFront implements Front {
  private running: { readonly embedded: Embedded; readonly registry: Registry } | null = null;

  private bundles: Promise<unknown> = Promise.resolve();

  /** From now on it answers for this system. */
  show(embedded: Embedded): void {
    this.running = { embedded, registry: openMetrics(embedded) };
  }

  async accept(body: BodyText) {
    return this.shown().accept(body);
  }

  catchingUp(): boolean {
    return this.running?.embedded.live !== true;
  }

  busyForSeconds(): number | null {
    return this.running === null ? null : this.running.embedded.busyForSeconds();
  }

  async warnings(offset: number, limit: number) {
    const { book, rules, alert } = this.shown();
    const items = (await book.list(offset, limit)).map((state) => warningView(state, rules));
    return { items, total: alert.current };
  }

  async warning(id: string): Promise<unknown> {
    const { book, rules } = this.shown();
    const state = await book.get(id);
    return state === undefined ? undefined : warningDetail(state, rules);
  }

  async evidence(id: string): Promise<unknown> {
    const { book, evidence } = this.shown();
    if ((await book.get(id)) === undefined) return undefined;
    // One at a time, for each reads much of the logs.
    const bundle = this.bundles.then(() => evidence.bundle({ warning: id }, RECORDS_SHOWN_MAX));
    this.bundles = bundle.catch(() => undefined);
    return bundle;
  }

  async notReady(): Promise<readonly string[]> {
    return this.running === null ? ['data'] : this.running.embedded.notReady();
  }

  async metrics(): Promise<{ contentType: string; text: string }> {
    if (this.running === null) return { contentType: 'text/plain; version=0.0.4; charset=utf-8', text: '' };
    const { registry } = this.running;
    return { contentType: registry.contentType, text: await registry.metrics() };
  }

  private shown(): Embedded {
    if (this.running === null) throw new CodedError('HTTP_CATCHING_UP');
    return this.running.embedded;
  }
}

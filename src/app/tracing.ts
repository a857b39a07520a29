// Traces from an event to its delivery, in every mode: spans are read off what stages write, and change nothing of it.
//
// No context is carried in records. Whoever knows an event by its place in the log, or a warning or a delivery by its id,
// names its span the same (by HMAC under the site key), so that processes agree without a word in the logs:
//
//   ingest     in the trace of the request (traceparent), or one of its own; links: traceparents of its CloudEvents.
//              Of a topic of others, one for each batch; links: traceparents of its records
//   event      a trace for each event of it, linked to ingest
//   evaluate   a trace for each warning, its first transition the root; linked to the events that it rests on
//   act        a span for each action of a person that was taken, below evaluate
//   alert      a span for each delivery that was decided, below evaluate; one that stands for many warnings is in the
//              trace of the first, linked to the others
//   deliver    a span for each attempt of a channel, below alert
//   archive    a trace for each block that the warehouse took; linked to the warnings that its rows name, and to the
//              events of it that were traced in this process
import { AsyncLocalStorage } from 'node:async_hooks';
import { createHmac, randomBytes } from 'node:crypto';
import type { WarningRecord } from '../alerts/inbox.js';
import { CodedError } from '../events/coded-error.js';
import { Recent } from '../events/recent.js';
import type { BodyText } from '../events/body.js';
import type { DeliveryRecord, TakenRecord } from '../pipeline/alert-round.js';
import { decodeJson } from '../pipeline/checkpoint.js';
import type { Accepted } from '../pipeline/intake.js';
import { handedOn } from '../pipeline/recent-log.js';
import type { Channel } from '../ports/channel.js';
import type { Channels } from './delivering.js';
import type { Log, Logs } from '../ports/log.js';
import type { FeedBatch } from '../ports/feed.js';
import type { FinishedSpan, SpanPlace, SpanSink } from '../ports/tracing.js';
import type { Row, Warehouse } from '../ports/warehouse.js';

/** Spans for the events of one request, links of one span. */
const EVENTS_MAX = 100;
const LINKS_MAX = 32;
/** Events that were traced here last, to which their blocks are linked. */
const EVENTS_KNOWN = 10_000;
/** Where a record of Kafka names its trace: by itself, or as an attribute of its CloudEvent in binary mode. */
const TRACE_HEADERS = ['traceparent', 'ce_traceparent'];
const TRACEPARENT = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/;
const EXTENSION = /"traceparent"\s*:\s*"(00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2})"/g;
const SAMPLED = 1;

/** Begins to trace, once the site key is known. */
export type OpenTracing = (siteKey: Uint8Array) => Tracing;

/** Stores whose logs and inbox files are traced. */
export function traced<S extends { readonly logs: Logs; readonly inbox: Channel }>(
  stores: S,
  tracing: Tracing,
): S {
  return { ...stores, logs: tracing.over(stores.logs), inbox: tracing.channel(stores.inbox) };
}

/** Places of the events that one request brought. */
type Taken = { partition: number; offset: number }[];

export class Tracing {
  private readonly taken = new AsyncLocalStorage<Taken>();
  private readonly known = new Recent<string, SpanPlace>(EVENTS_KNOWN);

  /**
   * @param siteKey names spans, so that nobody outside can tell an event or a warning by them
   * @param ratio of the warnings, and of the requests that do not say whether they are sampled; 0 to 1
   */
  constructor(
    private readonly sink: SpanSink,
    private readonly siteKey: Uint8Array,
    private readonly ratio: number,
    private readonly now: () => number,
  ) {}

  /** The same logs; what is appended to them is traced once it is durable. */
  over<L extends Logs>(logs: L): L {
    const wide = logs as L & { readonly transitions?: Log };
    const decided = (values: readonly Uint8Array[], begun: number) => this.decided(values, begun);
    return {
      ...logs,
      events: heard(logs.events, this.now, (values, _begun, partition, first) => {
        this.taken.getStore()?.push(...values.map((_value, index) => ({ partition, offset: first + index })));
      }),
      // On servers the inbox repeats what stands in the transitions.
      ...(wide.transitions === undefined
        ? { inbox: heard(logs.inbox, this.now, decided) }
        : { transitions: heard(wide.transitions, this.now, decided) }),
      deliveries: heard(logs.deliveries, this.now, (values, begun) => this.planned(values, begun)),
      actions: heard(logs.actions, this.now, (values, begun) => this.acted(values, begun)),
    };
  }

  /** Takes a request's events. @param traceparent of its header; null for none */
  async request(
    traceparent: string | null,
    body: BodyText,
    take: () => Promise<Accepted>,
  ): Promise<Accepted> {
    const parent = placeOf(traceparent);
    const isSampled = parent === null ? Math.random() < this.ratio : parent.isSampled;
    if (!isSampled) return take();
    return this.taking(take, (accepted) => ({
      ...{ traceId: parent?.traceId ?? hex(16), kind: 'server', parent },
      links: placesIn(typeof body === 'string' ? [body] : body),
      attributes: {
        ...{ 'fenghuo.events.accepted': accepted.accepted, 'fenghuo.events.rejected': accepted.rejected },
      },
      failed: accepted.body?.code ?? null,
    }));
  }

  /** Takes a batch of a topic of others: traced where one of its records says so, or where none says anything, by chance. */
  async feed({ topic, partition, records }: FeedBatch, take: () => Promise<void>): Promise<void> {
    const named = records.flatMap(({ headers }) =>
      TRACE_HEADERS.flatMap((name) => placeOf(headers.get(name) ?? null) ?? []),
    );
    const isSampled =
      named.length === 0 ? Math.random() < this.ratio : named.some((place) => place.isSampled);
    if (!isSampled) return take();
    const links = named.slice(0, LINKS_MAX).map(({ traceId, spanId }) => ({ traceId, spanId }));
    return this.taking(take, () => ({
      ...{ traceId: hex(16), kind: 'consumer', parent: null, links, failed: null },
      attributes: {
        ...{ 'fenghuo.topic': topic, 'fenghuo.topic.partition': partition },
        ...{ 'fenghuo.topic.offset': records[0]?.offset ?? 0, 'fenghuo.topic.records': records.length },
      },
    }));
  }

  /** The same warehouse; blocks that go into it are traced where one of their warnings is, or by chance. */
  warehouse<W extends Warehouse>(warehouse: W): W {
    const insert = async (table: string, token: string, rows: readonly Row[]) => {
      const links = this.tracesIn(rows);
      if (links.length === 0 && !this.isSampled(token)) return warehouse.insert(table, token, rows);
      const begun = this.now();
      let failed: string | null = null;
      try {
        await warehouse.insert(table, token, rows);
      } catch (error) {
        failed = error instanceof CodedError ? error.code : 'INTERNAL';
        throw error;
      } finally {
        this.sink.record({
          ...{ traceId: hex(16), spanId: hex(8), name: 'fenghuo.archive', kind: 'client', parent: null },
          ...{ links, begun, ended: this.now(), failed },
          attributes: { 'fenghuo.table': table, 'fenghuo.block': token, 'fenghuo.rows': rows.length },
        });
      }
    };
    return { ...warehouse, insert };
  }

  /** The same channel; each send is traced. */
  channel(channel: Channel): Channel {
    return {
      ...channel,
      send: async (messages, signal) => {
        const begun = this.now();
        const result = await channel.send(messages, signal);
        for (const { id, attempt, body } of messages) {
          const [root] = this.rootsOf(body);
          if (root === undefined) continue;
          const { traceId } = root;
          this.sink.record({
            ...{ traceId, spanId: hex(8), name: 'fenghuo.deliver', kind: 'client', links: [] },
            ...{
              parent: { traceId, spanId: this.name(`delivery/${id}`).slice(0, 16) },
              begun,
              ended: this.now(),
            },
            attributes: { 'fenghuo.channel': channel.name, 'fenghuo.attempt': attempt },
            failed: result.ok ? null : result.reason,
          });
        }
        return result;
      },
    };
  }

  /** The same channels, each traced. */
  channels(channels: Channels): Channels {
    return { ...channels, list: channels.list.map((channel) => this.channel(channel)) };
  }

  close(): Promise<void> {
    return this.sink.close();
  }

  private decided(values: readonly Uint8Array[], begun: number): void {
    for (const value of values) {
      const record = handedOn<WarningRecord>(value);
      if (record.kind !== 'warning' || !this.isSampled(record.transition.warning)) continue;
      const { warning, ordinal, model, level, previous, revision, contributions } = record.transition;
      const root = this.warningPlace(warning);
      const first = ordinal === 0;
      const rests = contributions.events.flatMap(({ position }) => position ?? []).slice(-LINKS_MAX);
      this.sink.record({
        ...{ traceId: root.traceId, spanId: first ? root.spanId : hex(8), parent: first ? null : root },
        ...{ name: 'fenghuo.evaluate', kind: 'internal', begun, ended: this.now(), failed: null },
        links: rests.map(({ partition, offset }) => this.eventPlace(partition, offset)),
        attributes: {
          ...{ 'fenghuo.warning': warning, 'fenghuo.model': model, 'fenghuo.ordinal': ordinal },
          ...{ 'fenghuo.level': level, 'fenghuo.level.previous': previous, 'fenghuo.revision': revision },
        },
      });
    }
  }

  private planned(values: readonly Uint8Array[], begun: number): void {
    for (const value of values) {
      const { delivery } = handedOn<DeliveryRecord>(value);
      // What is of no warning, such as a bulletin, is in no trace.
      const [root, ...links] = this.rootsOf(delivery.body);
      if (root === undefined) continue;
      this.sink.record({
        ...{ traceId: root.traceId, spanId: this.name(`delivery/${delivery.id}`).slice(0, 16), parent: root },
        ...{ name: 'fenghuo.alert', kind: 'internal', links, begun, ended: this.now(), failed: null },
        attributes: {
          ...{ 'fenghuo.warning': delivery.warning, 'fenghuo.department': delivery.department },
          ...{ 'fenghuo.channel': delivery.channel, 'fenghuo.delivery.kind': delivery.kind },
        },
      });
    }
  }

  private acted(values: readonly Uint8Array[], begun: number): void {
    for (const value of values) {
      const { warning, department, type } = decodeJson<TakenRecord>(value).taken;
      if (!this.isSampled(warning)) continue;
      const root = this.warningPlace(warning);
      this.sink.record({
        ...{ traceId: root.traceId, spanId: hex(8), parent: root, name: 'fenghuo.act', kind: 'internal' },
        ...{ links: [], begun, ended: this.now(), failed: null },
        attributes: {
          ...{ 'fenghuo.warning': warning, 'fenghuo.act': type, 'fenghuo.department': department ?? '' },
        },
      });
    }
  }

  /** Takes events: one span for all, and a trace for each of the first of them. */
  private async taking<T>(
    take: () => Promise<T>,
    describe: (
      taken: T,
    ) => Pick<FinishedSpan, 'traceId' | 'kind' | 'parent' | 'links' | 'attributes' | 'failed'>,
  ): Promise<T> {
    const begun = this.now();
    const events: Taken = [];
    const taken = await this.taken.run(events, take);
    const span = { ...describe(taken), spanId: hex(8), name: 'fenghuo.ingest', begun, ended: this.now() };
    this.sink.record(span);
    const own = { traceId: span.traceId, spanId: span.spanId };
    for (const { partition, offset } of events.slice(0, EVENTS_MAX)) {
      const place = this.eventPlace(partition, offset);
      this.known.set(`${partition}/${offset}`, place);
      this.sink.record({
        ...{ ...place, name: 'fenghuo.event', kind: 'internal', parent: null },
        ...{ begun, ended: this.now(), links: [own], failed: null },
        attributes: { 'fenghuo.log.partition': partition, 'fenghuo.log.offset': offset },
      });
    }
    return taken;
  }

  /** The traced warnings that a message speaks of; at most one for the span and as many as it may have links. */
  private rootsOf(body: { readonly [name: string]: unknown }): SpanPlace[] {
    const { warning, warnings } = body;
    const named: readonly unknown[] = Array.isArray(warnings) ? warnings : [warning];
    const traced = named.filter((one) => typeof one === 'string').filter((one) => this.isSampled(one));
    return traced.slice(0, 1 + LINKS_MAX).map((one) => this.warningPlace(one));
  }

  /** What rows of a block are traced by: the warnings that they name, and events that were traced here. */
  private tracesIn(rows: readonly Row[]): SpanPlace[] {
    const found = new Map<string, SpanPlace | null>();
    let links = 0;
    for (const { warning, partition, offset } of rows) {
      if (links >= LINKS_MAX) break;
      const name = typeof warning === 'string' ? warning : `${String(partition)}/${String(offset)}`;
      if (found.has(name)) continue;
      const event = this.known.get(name) ?? null;
      const place =
        typeof warning !== 'string' ? event : this.isSampled(warning) ? this.warningPlace(warning) : null;
      found.set(name, place);
      if (place !== null) links += 1;
    }
    return [...found.values()].filter((place) => place !== null);
  }

  /** Whether the warning is traced: the same in every process. */
  private isSampled(warning: string): boolean {
    return Number.parseInt(this.name(`sampled/${warning}`).slice(0, 8), 16) < this.ratio * 0x1_0000_0000;
  }

  private eventPlace(partition: number, offset: number): SpanPlace {
    return this.place(`event/${partition}/${offset}`);
  }

  private warningPlace(warning: string): SpanPlace {
    return this.place(`warning/${warning}`);
  }

  private place(name: string): SpanPlace {
    const digest = this.name(name);
    return { traceId: digest.slice(0, 32), spanId: digest.slice(32, 48) };
  }

  private name(text: string): string {
    return createHmac('sha256', this.siteKey).update(`trace/${text}`).digest('hex');
  }
}

/** A log of which it is heard what was appended, and since when that was under way. */
function heard(
  log: Log,
  now: () => number,
  hear: (values: readonly Uint8Array[], begun: number, partition: number, first: number) => void,
): Log {
  return {
    append: async (partition, values) => {
      const begun = now();
      const first = await log.append(partition, values);
      hear(values, begun, partition, first);
      return first;
    },
    read: (partition, offset, limit) => log.read(partition, offset, limit),
    end: (partition) => log.end(partition),
  };
}

/** The span that a text names by W3C Trace Context; null where it names none. */
function placeOf(text: string | null): (SpanPlace & { readonly isSampled: boolean }) | null {
  const [, traceId = '', spanId = '', flags = ''] = TRACEPARENT.exec(text ?? '') ?? [];
  if (/^0*$/.test(traceId) || /^0*$/.test(spanId)) return null;
  return { traceId, spanId, isSampled: (Number.parseInt(flags, 16) & SAMPLED) === SAMPLED };
}

/** The spans that CloudEvents of a body name by their extension for distributed tracing. */
function placesIn(texts: Iterable<string>): SpanPlace[] {
  const found = new Map<string, SpanPlace>();
  for (const text of texts) {
    for (const [, named = ''] of text.matchAll(EXTENSION)) {
      const place = placeOf(named);
      if (place !== null && found.size < LINKS_MAX) found.set(named, place);
    }
  }
  return [...found.values()];
}

function hex(bytes: number): string {
  return randomBytes(bytes).toString('hex');
}

// Spans by OTLP over HTTP, to a collector of OpenTelemetry.
import { ROOT_CONTEXT, SpanKind, SpanStatusCode, trace, TraceFlags } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { AlwaysOnSampler, BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import type { FinishedSpan, SpanPlace, SpanSink } from '../../ports/tracing.js';

export interface OtlpOptions {
  /** Where traces are posted, for example http://127.0.0.1:4318/v1/traces. */
  readonly url: string;
  readonly version: string;
}

const TIMEOUT_MS = 5_000;
/** Spans that wait; what comes while it is full is lost, and holds nothing up. */
const QUEUE_MAX = 10_000;
const BATCH_MAX = 512;
const EVERY_MS = 1_000;
const CLOSE_MS = 1_500;
const KINDS = {
  ...{ server: SpanKind.SERVER, internal: SpanKind.INTERNAL },
  ...{ client: SpanKind.CLIENT, consumer: SpanKind.CONSUMER },
} as const;

/**
 * Opens the way to a collector; nothing is sent before the first span. Headers, such as those with its credentials, come
 * from OTEL_EXPORTER_OTLP_HEADERS, as OpenTelemetry specifies it.
 */
export function openOtlp({ url, version }: OtlpOptions): SpanSink {
  const ids = { traceId: '', spanId: '' };
  const exporter = new OTLPTraceExporter({ url, timeoutMillis: TIMEOUT_MS });
  const batches = { maxQueueSize: QUEUE_MAX, maxExportBatchSize: BATCH_MAX, scheduledDelayMillis: EVERY_MS };
  const provider = new TracerProvider({
    resource: resourceFromAttributes({ 'service.name': 'fenghuo', 'service.version': version }),
    // Who calls has chosen already.
    sampler: new AlwaysOnSampler(),
    // Ids are given, so that processes which know the same name the same.
    idGenerator: { generateTraceId: () => ids.traceId, generateSpanId: () => ids.spanId },
    spanProcessors: [new BatchSpanProcessor({ exporter, ...batches, exportTimeoutMillis: TIMEOUT_MS })],
  });
  const tracer = provider.getTracer('fenghuo', version);
  return {
    record: ({ name, kind, parent, links, begun, ended, attributes, failed, ...own }: FinishedSpan) => {
      Object.assign(ids, own);
      const context = parent === null ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, placed(parent));
      const given = links.map((link) => ({ context: placed(link) }));
      const options = { kind: KINDS[kind], startTime: begun, links: given, attributes };
      const span = tracer.startSpan(name, options, context);
      if (failed !== null) span.setStatus({ code: SpanStatusCode.ERROR, message: failed });
      span.end(ended);
    },
    close: async () => {
      const late = new Promise<void>((done) => setTimeout(done, CLOSE_MS).unref());
      await Promise.race([provider.shutdown().catch(() => undefined), late]);
    },
  };
}

function placed({ traceId, spanId }: SpanPlace) {
  return { traceId, spanId, traceFlags: TraceFlags.SAMPLED, isRemote: true };
}

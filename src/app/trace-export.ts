// Traces where an operator asked for them: where they go, and how many.
import { CodedError } from '../events/coded-error.js';
import { Tracing, type OpenTracing } from './tracing.js';
import { version } from './version.js';

/** As the command line says. */
export interface TraceChoice {
  /** Where a collector takes OTLP over HTTP, for example http://127.0.0.1:4318/v1/traces. */
  readonly url: string;
  /** Of the warnings, and of requests that do not say it themselves; 0 to 1. */
  readonly ratio: number;
}

/** The way to the collector; null where nobody asked. OpenTelemetry is loaded only then. @throws CodedError USAGE */
export async function tracingTo(choice: TraceChoice | null): Promise<OpenTracing | null> {
  if (choice === null) return null;
  const { url, ratio } = choice;
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol))
    throw new CodedError('USAGE', '--traces is the address of a collector, https://… or http://….');
  const { openOtlp } = await import('../adapters/otlp/otlp.js');
  return (siteKey) => new Tracing(openOtlp({ url, version: version() }), siteKey, ratio, Date.now);
}

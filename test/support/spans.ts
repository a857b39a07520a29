// Spans as a collector receives them by OTLP.
import type { Receiver } from './receiver.js';

export interface ReceivedSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly links: readonly { readonly traceId: string; readonly spanId: string }[];
  readonly attributes: { readonly [name: string]: unknown };
}

interface Posted {
  readonly resourceSpans: readonly {
    readonly scopeSpans: readonly {
      readonly spans: readonly (Omit<ReceivedSpan, 'links' | 'attributes'> & {
        readonly links?: ReceivedSpan['links'];
        readonly attributes: readonly {
          readonly key: string;
          readonly value: { readonly [type: string]: unknown };
        }[];
      })[];
    }[];
  }[];
}

/** All spans that came so far. */
export function spansIn({ received }: Receiver): ReceivedSpan[] {
  return received
    .filter(({ path }) => path === '/v1/traces')
    .flatMap(({ body }) => (JSON.parse(body) as Posted).resourceSpans)
    .flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans))
    .map(({ links = [], attributes, ...span }) => ({
      ...span,
      links,
      attributes: Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]])),
    }));
}

// Where finished spans go, as W3C Trace Context and OpenTelemetry name their parts.

/** Ids in small hex digits: 32 of a trace, 16 of a span. */
export interface SpanPlace {
  readonly traceId: string;
  readonly spanId: string;
}

/** Something that was done, from one instant to another; epoch ms. */
export interface FinishedSpan extends SpanPlace {
  readonly name: string;
  readonly kind: 'server' | 'internal' | 'client' | 'consumer';
  /** Null for the first of its trace here. */
  readonly parent: SpanPlace | null;
  /** Spans of other traces that it goes on from. */
  readonly links: readonly SpanPlace[];
  readonly begun: number;
  readonly ended: number;
  readonly attributes: { readonly [name: string]: string | number | boolean };
  /** The code of what failed; null where nothing did. */
  readonly failed: string | null;
}

export interface SpanSink {
  /** Takes a span; it is sent later, and lost where nobody takes it in time. */
  record(span: FinishedSpan): void;
  /** Sends what is left, for a short while. */
  close(): Promise<void>;
}

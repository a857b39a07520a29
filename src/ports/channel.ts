// A way to a department: one interface for files, webhooks, mail and robots.

/** One message for one department; `id` is the idempotency key. */
export interface Delivery {
  readonly id: string;
  readonly department: string;
  readonly channel: string;
  /** The message, ready for the channel. */
  readonly body: { readonly [name: string]: unknown };
}

export type SendResult =
  { readonly ok: true } | { readonly ok: false; readonly reason: string; readonly retriable: boolean };

export interface Channel {
  readonly name: string;
  /** Sends what was not sent yet; a delivery whose id the receiver already has is acknowledged, not repeated. */
  send(deliveries: readonly Delivery[]): Promise<SendResult>;
}

// What the HTTP front can be told.
import { z } from 'zod';

const HOST_NAME = /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/;

export const HTTP_SCHEMA = z
  .strictObject({
    /** 127.0.0.1, ::1 or localhost; another address of this machine only under the conditions of `names`. */
    host: z.string().min(1).max(255).default('127.0.0.1'),
    /** Names under which others reach it; beyond the loopback there must be one, and every caller needs a token. */
    names: z.array(z.string().regex(HOST_NAME, 'must be a host name in lower case')).max(20).default([]),
    /** Whether every caller needs a token. */
    guarded: z.boolean().default(false),
    /** PEM texts. */
    tls: z.strictObject({ cert: z.string().min(1), key: z.string().min(1) }).optional(),
    /** Whether all requests come through a proxy that ends TLS and names the sender in X-Forwarded-For. */
    behindProxy: z.boolean().default(false),
    /** How people reach the pages; by default where it listens. */
    publicUrl: z
      .url({ protocol: /^https?$/, error: 'must be an http or https URL' })
      .refine((url) => new URL(url).origin === url.replace(/\/$/, ''), 'must have no path')
      .optional(),
    rate: z
      .strictObject({
        /** Of one token, and of one address where there is none. */
        requestsPerMinute: z.int().min(1).max(1_000_000).default(6_000),
        /** Bodies of events are counted apart. */
        eventBodiesPerMinute: z.int().min(1).max(10_000_000).default(120_000),
        /** Clear personal values. */
        personalPerMinute: z.int().min(1).max(10_000).default(10),
        /** Requests with no valid token, or with one of a role that may not do that. */
        refusedPerMinute: z.int().min(1).max(100_000).default(60),
      })
      .prefault({}),
    /** 0 lets the system choose. */
    port: z.int().min(0).max(65_535),
    /** The body of one request. */
    bodyLimitBytes: z
      .int()
      .min(1)
      .max(16 * 1024 * 1024)
      .default(8 * 1024 * 1024),
    /** All bodies that are announced, being read or taken; beyond that senders are asked to wait. */
    heldBytes: z
      .int()
      .min(1)
      .max(1024 * 1024 * 1024)
      .default(32 * 1024 * 1024),
    /** Of these, the bodies that are parsed and stored at a time; a larger one is taken alone. */
    takenBytes: z
      .int()
      .min(1)
      .max(1024 * 1024 * 1024)
      .default(4 * 1024 * 1024),
    connections: z.int().min(1).max(10_000).default(256),
    /** Until the headers of a request must have arrived. */
    headersTimeoutMs: z.int().min(50).max(600_000).default(10_000),
    /** Until the whole request must have arrived. */
    requestTimeoutMs: z.int().min(50).max(600_000).default(30_000),
    /** From the start of a request until its answer must be ready. */
    answerTimeoutMs: z.int().min(50).max(600_000).default(60_000),
    /** How long a connection without a request stays open. */
    keepAliveTimeoutMs: z.int().min(50).max(600_000).default(5_000),
    /** How long requests under way may take once the front is closing. */
    closeTimeoutMs: z.int().min(0).max(60_000).default(3_000),
  })
  .refine((settings) => settings.headersTimeoutMs <= settings.requestTimeoutMs, {
    path: ['headersTimeoutMs'],
    message: 'must not be longer than requestTimeoutMs, which covers the headers too',
  })
  .refine((settings) => settings.bodyLimitBytes <= settings.heldBytes, {
    path: ['heldBytes'],
    message: 'must hold at least one body of bodyLimitBytes',
  });

export type HttpInput = z.input<typeof HTTP_SCHEMA>;
export type HttpSettings = z.output<typeof HTTP_SCHEMA>;

// How many requests one account, or one address, may make in a minute.
import rateLimit, { type CreateRateLimitOptions } from '@fastify/rate-limit';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { HttpSettings } from './config.js';
import { Refusal } from './refusal.js';

/** What is counted apart: requests at large, bodies of events, questions for clear personal values, and refusals for who sent them. */
export type Counted = 'requests' | 'events' | 'personal' | 'refused';

const WINDOW_MS = 60_000;

export class RateLimits {
  private readonly accounts = new WeakMap<FastifyRequest, string>();
  private readonly limiters: Record<Counted, ReturnType<FastifyInstance['createRateLimit']>>;

  private constructor(app: FastifyInstance, rate: HttpSettings['rate']) {
    const limiter = (max: number) => {
      // Of IPv6 addresses a network of 64 bits counts as one, since that is what one sender is given.
      const options: CreateRateLimitOptions = { max, timeWindow: WINDOW_MS };
      const byAddress = app.createRateLimit(options);
      const keyGenerator = (request: FastifyRequest) => this.accounts.get(request) ?? '';
      const byAccount = app.createRateLimit({ ...options, keyGenerator });
      return (request: FastifyRequest) =>
        this.accounts.has(request) ? byAccount(request) : byAddress(request);
    };
    this.limiters = {
      requests: limiter(rate.requestsPerMinute),
      events: limiter(rate.eventBodiesPerMinute),
      personal: limiter(rate.personalPerMinute),
      refused: limiter(rate.refusedPerMinute),
    };
  }

  static async open(app: FastifyInstance, rate: HttpSettings['rate']): Promise<RateLimits> {
    await app.register(rateLimit, { global: false });
    return new RateLimits(app, rate);
  }

  /** From here on a request counts for an account, and not for its address. */
  name(request: FastifyRequest, account: string): void {
    this.accounts.set(request, account);
  }

  /** Counts a request. @throws Refusal 429 where there were too many */
  async count(what: Counted, request: FastifyRequest): Promise<void> {
    const counted = await this.limiters[what](request);
    if (counted.isAllowed || !counted.isExceeded) return;
    const seconds = Math.max(1, counted.ttlInSeconds);
    throw new Refusal(429, 'HTTP_RATE', '', { 'retry-after': String(seconds) });
  }
}

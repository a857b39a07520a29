// What departments of the small city send: registrations, complaints, penalties, late ones, repetitions, revocations.
import { randomFrom } from '../../simulation/generate.js';
import { REGIONS } from './city.js';

export interface SentEvent {
  readonly id: string;
  readonly [name: string]: unknown;
}

const HOUR_MS = 3_600_000;
const SUBJECTS = 40;
/** After so many events one subject leaves those that events are about, and another joins them. */
const EVENTS_PER_SUBJECT = 40;

/** Makes events as they would be sent, and remembers what may be revoked. */
export class Traffic {
  private readonly random: () => number;
  private serial = 0;
  private readonly fines: { readonly id: string; readonly subject: string }[] = [];
  private last: SentEvent | null = null;

  constructor(seed: number) {
    this.random = randomFrom(seed);
  }

  /** The registrations of all subjects that events are about first; some get another region later. */
  registrations(now: number): SentEvent[] {
    return Array.from({ length: SUBJECTS }, (_, index) => this.registration(index, now));
  }

  /** The next events. @param now epoch ms */
  next(count: number, now: number): SentEvent[] {
    return Array.from({ length: count }, () => (this.last = this.one(now)));
  }

  private one(now: number): SentEvent {
    const roll = this.random();
    const subject = this.subject();
    const time = now - Math.floor(this.random() ** 5 * 48 * HOUR_MS);
    if (roll < 0.03 && this.last !== null) return this.last;
    if (roll < 0.06) return this.registration(this.first + this.below(SUBJECTS), now);
    const revoked = roll < 0.1 ? this.fines.splice(this.below(this.fines.length || 1), 1)[0] : undefined;
    if (revoked !== undefined) {
      return this.event('penalty', revoked.subject, now, { amount: 0 }, { revokes: revoked.id });
    }
    if (roll < 0.35) {
      const fine = this.event('penalty', subject, time, { amount: 10_000 * (1 + this.below(5)) });
      this.fines.push({ id: fine.id, subject });
      return fine;
    }
    const complainant = `投诉人${this.below(6)}`;
    return this.event('complaint', subject, time, { category: '食品', complainant, region: this.region() });
  }

  private registration(index: number, now: number): SentEvent {
    const name = `经营者${index}`;
    return this.event('registration', `sim:${index}`, now, {
      kind: 'enterprise',
      name,
      region: this.region(),
    });
  }

  private event(stream: string, subject: string, time: number, data: object, more: object = {}): SentEvent {
    return {
      specversion: '1.0',
      id: `e${this.serial++}`,
      source: 'sim',
      type: `fenghuo.${stream}`,
      subject,
      time: new Date(time).toISOString(),
      data,
      ...more,
    };
  }

  private subject(): string {
    return `sim:${this.first + Math.floor(this.random() ** 2 * SUBJECTS)}`;
  }

  /** Otherwise each level would be reached before long, and nothing more be said. */
  private get first(): number {
    return Math.floor(this.serial / EVENTS_PER_SUBJECT);
  }

  private region(): string {
    return REGIONS[this.below(REGIONS.length)] as string;
  }

  private below(limit: number): number {
    return Math.floor(this.random() * limit);
  }
}

/** Sends a body until somebody has taken it: whoever gets no answer sends it again. @param urls those that may answer */
export async function send(urls: () => readonly string[], events: readonly SentEvent[]): Promise<void> {
  for (let attempt = 0; attempt < 3_000; attempt++) {
    const all = urls();
    const url = all[attempt % Math.max(1, all.length)];
    const status = url === undefined ? 0 : await post(`${url}/v1/events`, events);
    if (status === 202) return;
    await new Promise((done) => setTimeout(done, 100));
  }
  throw new Error('nobody takes events');
}

async function post(url: string, events: readonly SentEvent[]): Promise<number> {
  try {
    const answer = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(events),
      signal: AbortSignal.timeout(20_000),
    });
    const text = await answer.text();
    if (answer.status === 202 && text.includes('"rejected":0') === false) throw new Error(text);
    return answer.status;
  } catch (error) {
    if (error instanceof Error && error.message.startsWith('{')) throw error;
    return 0;
  }
}

// Events of a large county without end, sent by HTTP at a rate as they would arrive now.
import { setTimeout as delay } from 'node:timers/promises';
import { generateCounty, type DemoEvent } from '../../infra/demo/county.js';

const END = Date.parse('2026-06-30T16:00:00Z');
/** Days of a county that are never used up. */
const DAYS = 3_650;
/** Events of so many ms are one body. */
const STEP_MS = 100;
/** Bodies that are under way at once, as of as many senders: each waits for its answer. */
const UNDER_WAY = 32;
const TRIES = 20;

export interface Fed {
  accepted: number;
  rejected: number;
  seconds: number;
}

export interface FeedOptions {
  readonly url: string;
  /** Events a second. */
  readonly rate: number;
  readonly seconds: number;
  readonly subjects: number;
  /** Alarms with a reading an hour of the county. */
  readonly devices: number;
}

/** Sends them and waits for the answers. Its figures grow while it runs. @param fed what it counts into */
export async function feed(options: FeedOptions, fed: Fed): Promise<void> {
  const { url, rate, seconds, subjects, devices } = options;
  const county = generateCounty({
    seed: 1,
    endMs: END,
    days: DAYS,
    subjects,
    gasDevices: devices,
    stories: false,
  });
  const begun = Date.now();
  const underWay = new Set<Promise<void>>();
  let given = 0;
  for (let step = begun; step < begun + seconds * 1_000; step += STEP_MS) {
    if (Date.now() < step) await delay(step - Date.now());
    const now = Date.now();
    const lines: string[] = [];
    for (const due = ((step + STEP_MS - begun) * rate) / 1_000; given < due; given++) {
      const { done, value } = county.next();
      if (done !== true) lines.push(arrivingNow(value, now));
    }
    const one = send(url, lines.join('\n'), fed);
    underWay.add(one);
    // A failure is met below.
    void one.finally(() => underWay.delete(one)).catch(() => undefined);
    if (underWay.size >= UNDER_WAY) await Promise.race(underWay);
    fed.seconds = (Date.now() - begun) / 1_000;
  }
  await Promise.all(underWay);
  fed.seconds = (Date.now() - begun) / 1_000;
}

/** It happened as long before it arrives as in the county, and is a live event. */
function arrivingNow({ recordedtime, time, ...event }: DemoEvent, now: number): string {
  const before = Date.parse(recordedtime) - Date.parse(time);
  return JSON.stringify({ ...event, time: new Date(now - Math.max(0, before)).toISOString() });
}

/** @returns null where the connection broke */
function posted(url: string, body: string): Promise<Response | null> {
  return fetch(`${url}/v1/events`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-ndjson' },
    body,
  }).catch((error: unknown) => {
    if (error instanceof TypeError) return null;
    throw error;
  });
}

async function send(url: string, body: string, fed: Fed): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const answer = await posted(url, body);
    // A connection that is kept may be closed at the very instant of the next body; known ids count once.
    if (answer === null) {
      if (attempt === TRIES) throw new Error(`${url} does not answer`);
      await delay(1_000);
      continue;
    }
    const text = await answer.text();
    if (answer.status === 202) {
      const { accepted, rejected } = JSON.parse(text) as { accepted: number; rejected: number };
      fed.accepted += accepted;
      fed.rejected += rejected;
      return;
    }
    const after = Number(answer.headers.get('retry-after'));
    if (!(answer.status === 429 || answer.status === 503) || attempt === TRIES) {
      throw new Error(`${answer.status}: ${text.slice(0, 500)}`);
    }
    await delay((after > 0 ? after : 1) * 1_000);
  }
}

// The faults that a run is made of: each is brought about by real means, lasts for a while, and is mended again.
import { setTimeout as delay } from 'node:timers/promises';
import { send, type Traffic } from '../support/servers/traffic.js';
import type { Deployment, Ways } from '../support/servers/deployment.js';
import type { ProxyMode } from '../support/servers/proxy.js';
import { EXTRAS, type Cast } from './cast.js';
import { changed } from './changed.js';
import { emptied, wentBack } from './emptied.js';
import { rollBack } from './roll-back.js';

export interface Stage {
  readonly deployment: Deployment;
  readonly ways: Ways;
  readonly cast: Cast;
  readonly traffic: Traffic;
  /** Folders of rules that come into force in turn; the first is that of the start. */
  readonly ruleDirs: readonly string[];
  /** From 0 up to 1, by the seed. */
  readonly random: () => number;
}

export interface Fault {
  readonly kind: string;
  /** How often it is drawn beside the others. */
  readonly weight: number;
  /** What it happens to: no two faults at a time happen to the same. */
  readonly to: string;
  /** Resolves when what it needs to recover is there again. */
  happen(stage: Stage): Promise<void>;
}

/** Longer than the brokers wait for a member of a group. */
const SESSION_MS = 10_000;
/** Longer than a send with all its repetitions lasts. */
const SEND_MS = 30_000;
const PART_EVALUATE = 'evaluate-1';
const SCALES = [1, 4, 2] as const;

function below(random: () => number, least: number, most: number): number {
  return least + random() * (most - least);
}

function victimOf({ cast, random }: Stage, role: string): string {
  const names = cast.having(role);
  return names[Math.floor(random() * names.length)] as string;
}

function signalled(role: string, signal: NodeJS.Signals, weight: number): Fault {
  const kind = `${signal} of ${role}`;
  return { kind, weight, to: 'processes', happen: (stage) => stage.cast.end(victimOf(stage, role), signal) };
}

function halted(role: string, weight: number): Fault {
  const happen = (stage: Stage) => {
    return stage.cast.halt(
      victimOf(stage, role),
      below(stage.random, SESSION_MS + 2_000, SESSION_MS + 6_000),
    );
  };
  return { kind: `SIGSTOP of ${role}`, weight, to: `halted ${role}`, happen };
}

function cut(way: keyof Ways, weight: number): Fault {
  const happen = async ({ ways, random }: Stage) => {
    ways[way].cut();
    for (let again = Math.floor(random() * 3); again > 0; again--) {
      await delay(below(random, 100, 1_500));
      ways[way].cut();
    }
  };
  return { kind: `${way}: connections cut`, weight, to: way, happen };
}

interface Disturbance {
  readonly says: string;
  readonly mode: (random: () => number) => ProxyMode;
  readonly leastMs: number;
  readonly mostMs: number;
}

const DELAYED: Disturbance = {
  says: 'delayed',
  mode: (random) => ({ kind: 'delay', ms: Math.floor(below(random, 20, 400)) }),
  leastMs: 2_000,
  mostMs: 8_000,
};
const STALLED: Disturbance = {
  says: 'half-open',
  mode: () => ({ kind: 'stall' }),
  leastMs: 2_000,
  mostMs: 15_000,
};
const DEAF: Disturbance = {
  says: 'answers lost',
  mode: () => ({ kind: 'deaf' }),
  leastMs: 500,
  mostMs: 6_000,
};
const REFUSED: Disturbance = {
  says: 'refuses',
  mode: () => ({ kind: 'refuse' }),
  leastMs: 1_000,
  mostMs: 8_000,
};
const EXHAUSTED: Disturbance = {
  says: 'retries exhausted',
  mode: (random) => ({ kind: random() < 0.5 ? 'refuse' : 'deaf' }),
  leastMs: SEND_MS + 1_000,
  mostMs: SEND_MS + 4_000,
};

const AWAY: Disturbance = {
  says: 'refuses for a minute',
  mode: () => ({ kind: 'refuse' }),
  leastMs: 60_000,
  mostMs: 64_000,
};

function disturbed(way: keyof Ways, disturbance: Disturbance, weight: number): Fault {
  const { says, mode, leastMs, mostMs } = disturbance;
  const happen = async ({ ways, random }: Stage) => {
    ways[way].set(mode(random));
    await delay(below(random, leastMs, mostMs));
    ways[way].set({ kind: 'pass' });
  };
  return { kind: `${way}: ${says}`, weight, to: way, happen };
}

function restarted(server: 'kafka' | 'redis', weight: number): Fault {
  const happen = async ({ deployment, random }: Stage) => {
    await deployment[server].kill();
    await delay(below(random, 100, 4_000));
    await deployment[server].start();
  };
  return { kind: `${server}: killed`, weight, to: server, happen };
}

/** The same bodies by two senders at once, each in an order of its own. */
async function sentTwice({ cast, traffic, random }: Stage): Promise<void> {
  const bodies = Array.from({ length: 6 }, () => traffic.next(10, Date.now()));
  const shuffled = bodies
    .map((body) => ({ body, place: random() }))
    .sort((a, b) => a.place - b.place)
    .map(({ body }) => body);
  const sender = async (some: typeof bodies, urls: () => string[]) => {
    for (const body of some) await send(urls, body);
  };
  await Promise.all([sender(bodies, () => cast.urls), sender(shuffled, () => [...cast.urls].reverse())]);
}

/** To the next of 1, 4 and 2 processes that evaluate; the first of them is always there. */
async function scaled({ cast }: Stage): Promise<void> {
  const now = cast.having('evaluate').length;
  const next = SCALES[(SCALES.findIndex((scale) => scale === now) + 1) % SCALES.length] as number;
  const movable = [PART_EVALUATE, ...EXTRAS.map(({ name }) => name)];
  const move = async (name: string, index: number) => {
    if (index + 1 < next) await cast.start(name);
    else if (cast.having('evaluate').includes(name)) await cast.stop(name);
  };
  await Promise.all(movable.map(move));
}

const ROLES = ['ingest', 'http', 'evaluate', 'alert', 'archive'];

export const FAULTS: readonly Fault[] = [
  ...ROLES.map((role) => signalled(role, 'SIGKILL', 5)),
  ...ROLES.map((role) => signalled(role, 'SIGTERM', 2)),
  ...[halted('evaluate', 5), halted('alert', 4), halted('ingest', 3)],
  { kind: 'checkpoint goes back', weight: 14, to: 'checkpoints', happen: rollBack },
  ...[cut('kafka', 7), cut('redis', 6), cut('clickhouse', 4)],
  ...[disturbed('kafka', DELAYED, 4), disturbed('redis', DELAYED, 4), disturbed('clickhouse', DELAYED, 3)],
  ...[disturbed('kafka', STALLED, 4), disturbed('redis', STALLED, 4), disturbed('clickhouse', STALLED, 3)],
  ...[disturbed('kafka', DEAF, 5), disturbed('redis', DEAF, 5), disturbed('clickhouse', DEAF, 4)],
  ...[disturbed('kafka', REFUSED, 3), disturbed('redis', REFUSED, 3), disturbed('clickhouse', REFUSED, 5)],
  disturbed('kafka', EXHAUSTED, 2),
  ...[restarted('kafka', 4), restarted('redis', 5)],
  { kind: 'sent twice, out of order', weight: 7, to: 'senders', happen: sentTwice },
  disturbed('clickhouse', AWAY, 1),
  { kind: 'redis: emptied, and rebuilt', weight: 6, to: 'processes', happen: emptied },
  { kind: 'redis: an older copy, brought forward', weight: 5, to: 'processes', happen: wentBack },
  { kind: 'rules: others announced', weight: 8, to: 'rules', happen: changed },
  { kind: 'scaled to 1, 4, 2', weight: 5, to: 'processes', happen: scaled },
];

// A run of the chaos: traffic all the time, one fault after the other by a seed, then rest and judgement.
import { rm } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { loadRules } from '../../src/model/load.js';
import type { RuleSet } from '../../src/model/ruleset.js';
import { randomFrom } from '../simulation/generate.js';
import { CITY, CITY_LATER, writeCity } from '../support/servers/city.js';
import { openDeployment, type Deployment } from '../support/servers/deployment.js';
import { Judge, PARTITIONS, type Said } from '../support/servers/judgement.js';
import { send, Traffic } from '../support/servers/traffic.js';
import { Cast, PARTS, type Ending } from './cast.js';
import { FAULTS, type Fault, type Stage } from './faults.js';
import { Recovery, type Happened } from './recovery.js';

export interface ChaosOptions {
  readonly seed: number;
  /** How many faults happen at the most. */
  readonly faults: number;
  /** How long they go on at the most. */
  readonly limitMs: number;
  /** Those that are drawn from; all by default. */
  readonly of?: readonly Fault[];
  /** Those that happen in any case, one after the other when the others are over. */
  readonly last?: readonly Fault[];
  readonly say: (line: string) => void;
}

export interface Outcome {
  readonly happened: readonly Happened[];
  /** Ends that no fault brought about. */
  readonly endings: readonly Ending[];
  readonly expected: Said;
  readonly said: Said;
}

/** The rules of the start, and others. */
const CITIES = [CITY, CITY_LATER] as const;
const BODY_EVENTS = 10;
const BODY_EVERY_MS = 250;
/** Whoever rebuilds must have it. */
const SITE_KEY = 'c4'.repeat(32);
const REST_MS = 240_000;
/** One in so many times the next fault waits until everything has recovered. */
const WAITS = 0.15;
const WAIT_LIMIT_MS = 60_000;

/** @throws Error where it does not come to rest */
export async function runChaos(options: ChaosOptions): Promise<Outcome> {
  const ruleDirs = await Promise.all(CITIES.map((city) => writeCity(city)));
  try {
    const deployment = await openDeployment({
      rulesDir: ruleDirs[0] as string,
      partitions: PARTITIONS,
      isDisturbed: true,
      siteKey: SITE_KEY,
    });
    const judge = Judge.open(deployment);
    try {
      return await performed(options, { deployment, judge, ruleDirs });
    } finally {
      await judge.close();
      await deployment.close();
    }
  } finally {
    await Promise.all(ruleDirs.map((dir) => rm(dir, { recursive: true })));
  }
}

interface Place {
  readonly deployment: Deployment;
  readonly judge: Judge;
  readonly ruleDirs: readonly string[];
}

async function performed(options: ChaosOptions, place: Place): Promise<Outcome> {
  const { seed, say } = options;
  const { deployment, judge, ruleDirs } = place;
  const [first, later] = CITIES.map((city) => loadRules(city).rules as RuleSet) as [RuleSet, RuleSet];
  const { ways } = deployment;
  if (ways === null) throw new Error('there is no proxy');
  const cast = new Cast(deployment, ({ name, wasReady, code }) =>
    say(`${name} ended by itself with ${code}${wasReady ? '' : ' before it was ready'}`),
  );
  const random = randomFrom(seed);
  const stage: Stage = { deployment, ways, cast, traffic: new Traffic(seed), ruleDirs, random };
  const recovery = new Recovery(judge);
  try {
    await Promise.all(PARTS.map(({ name }) => cast.start(name)));
    say('all processes are ready');
    const sending = new AbortController();
    const sender = sendOn(stage, sending.signal);
    recovery.start();
    await Promise.race([happen(options, stage, recovery), sender]);
    sending.abort();
    await sender;
    say('all faults are over');
    // Whatever it was scaled to: those that take events end first, and others must evaluate what they took.
    await Promise.all(PARTS.map(({ name }) => cast.start(name)));
    await Promise.all(cast.having('ingest').map((name) => cast.stop(name)));
    if (!(await judge.isAtRest(await judge.lastTick(), REST_MS))) {
      throw new Error(`it does not come to rest: ${JSON.stringify(await judge.progress())}\n${cast.outputs}`);
    }
    say('it is at rest');
    await recovery.stop();
  } finally {
    await recovery.stop();
    await cast.stopAll();
  }
  return { happened: recovery.happened, endings: cast.endings, ...(await judge.judge(first, later)) };
}

/** Sends until it is told to end. */
async function sendOn({ cast, traffic }: Stage, ending: AbortSignal): Promise<void> {
  const urls = () => cast.urls;
  await send(urls, traffic.registrations(Date.now()));
  while (!ending.aborted) {
    await send(urls, traffic.next(BODY_EVENTS, Date.now()));
    await delay(BODY_EVERY_MS);
  }
}

/** One fault after the other; resolves when all are over. */
async function happen(options: ChaosOptions, stage: Stage, recovery: Recovery): Promise<void> {
  const { faults, limitMs, say, of = FAULTS, last = [] } = options;
  const overdue = Date.now() + limitMs;
  const underWay = new Map<string, Promise<void>>();
  const draw = randomFrom(options.seed + 1);
  const begin = (fault: Fault, name: string) => {
    say(`${name}: ${fault.kind}`);
    const end = recovery.begin(fault.kind);
    const happening = fault.happen(stage).finally(() => underWay.delete(fault.to));
    underWay.set(fault.to, happening);
    void happening.then(end, () => undefined);
    return happening;
  };
  for (let count = 1; count <= faults && Date.now() < overdue; count++) {
    const fault = drawn(of, underWay, draw());
    if (fault !== null) void begin(fault, String(count));
    await pause(draw(), (overdue - Date.now()) / Math.max(1, faults - count), recovery);
    await Promise.race([...underWay.values(), delay(0)]);
  }
  await Promise.all(underWay.values());
  for (const fault of last) await begin(fault, 'last');
}

/** Sometimes until all has recovered, mostly not. @param meanMs so that the faults fill the time there is */
async function pause(draw: number, meanMs: number, recovery: Recovery): Promise<void> {
  if (draw < WAITS) {
    const overdue = Date.now() + Math.min(WAIT_LIMIT_MS, 8 * meanMs);
    while (recovery.open > 0 && Date.now() < overdue) await delay(100);
    return;
  }
  await delay(2 * draw * draw * meanMs);
}

/** A fault to something to which none happens now; null where there is none. */
function drawn(of: readonly Fault[], underWay: ReadonlyMap<string, unknown>, roll: number): Fault | null {
  const free = of.filter(({ to }) => !underWay.has(to));
  let left = roll * free.reduce((sum, { weight }) => sum + weight, 0);
  return free.find(({ weight }) => (left -= weight) < 0) ?? null;
}

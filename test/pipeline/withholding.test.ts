// Evaluate and alert over dying platforms: who is told what follows from the order of the inbox alone, whatever is lost.
import { describe, expect, it } from 'vitest';
import type { WarningRecord } from '../../src/alerts/inbox.js';
import type { Transition } from '../../src/engine/output.js';
import { encodeRecord } from '../../src/events/codec.js';
import { Alert } from '../../src/pipeline/alert.js';
import type { DeliveryRecord } from '../../src/pipeline/alert-round.js';
import { WarningBook } from '../../src/pipeline/warning-book.js';
import { decodeJson } from '../../src/pipeline/checkpoint.js';
import { Evaluate } from '../../src/pipeline/evaluate.js';
import { OriginFilter } from '../../src/pipeline/origins.js';
import type { Log } from '../../src/ports/log.js';
import { generateFeedLog } from '../simulation/feeds-generate.js';
import { feedRules } from '../simulation/feeds-models.js';
import { randomFrom } from '../simulation/generate.js';
import { openLosingStores } from './losing-stores.js';

const rules = feedRules();

/** Runs a life through evaluate and alert; now and then one is opened anew, or loses a checkpoint. */
async function run(seed: number, isDisturbed: boolean) {
  const random = randomFrom(seed);
  const { logs, state, losing } = openLosingStores();
  let serial = 0;
  const stage = (batch: number) => {
    const nonce = () => `n${serial++}`;
    return { rules, logs, state, nonce, probe: () => undefined, batch };
  };
  const openEvaluate = async (batch: number) => {
    const evaluate = new Evaluate({ ...stage(batch), partition: 0, cachedKeys: 5 });
    await evaluate.open();
    return evaluate;
  };
  const openAlert = async (batch: number) => {
    const alert = new Alert({ ...stage(batch), clock: () => evaluate.clock });
    await alert.open();
    return alert;
  };
  let evaluate = await openEvaluate(100);
  let alert = await openAlert(100);
  const log = generateFeedLog(seed);
  for (let next = 0; next < log.length;) {
    const end = next + 1 + Math.floor(random() * 200);
    await logs.events.append(0, log.slice(next, end).map(encodeRecord));
    next = end;
    const roll = random();
    if (isDisturbed && roll < 0.2) await losing(() => evaluate.run());
    if (isDisturbed && roll < 0.4) evaluate = await openEvaluate(1 + Math.floor(random() * 200));
    while ((await evaluate.run()) > 0);
    for (let isBusy = true; isBusy;) {
      const chance = random();
      if (isDisturbed && chance < 0.3) await losing(() => alert.run());
      if (isDisturbed && chance < 0.5) alert = await openAlert(1 + Math.floor(random() * 8));
      isBusy = (await alert.run()) > 0;
    }
  }
  const deliveries = await all<DeliveryRecord>(logs.deliveries);
  const inbox = await all<WarningRecord>(logs.inbox);
  return {
    alert,
    book: new WarningBook(state, rules),
    deliveries: deliveries.map(({ delivery }) => delivery),
    transitions: inbox.map(({ transition }) => transition),
  };
}

async function all<T extends Pick<DeliveryRecord, 'origin'>>(log: Log): Promise<T[]> {
  const filter = new OriginFilter({});
  const stored = await log.read(0, 0, 100_000);
  const records = stored.map(({ value }) => decodeJson<Partial<T>>(value));
  return records.filter((record): record is T => record.origin !== undefined && filter.admit(record.origin));
}

interface Told {
  readonly warning: string;
  readonly ordinal: number;
  readonly level: string;
  readonly previous: string;
  readonly at: number;
}

/** What a department must hear of a run, by the texts. */
function toldBy(transitions: readonly Transition[]) {
  const told: Told[] = [];
  const silent = new Map<string, Set<string>>();
  const known = new Map<string, string>();
  const waiting = new Map<string, Transition>();
  let held = 0;
  const tell = (one: Transition, at: number) => {
    waiting.delete(one.warning);
    const before = known.get(one.warning) ?? 'none';
    if (one.level === before) return;
    known.set(one.warning, one.level);
    told.push({ warning: one.warning, ordinal: one.ordinal, level: one.level, previous: before, at });
  };
  for (const one of transitions) {
    if (one.quiet) continue;
    const isHeld = one.restsOn?.some((source) => (silent.get(source)?.size ?? 0) > 0) === true;
    if (isHeld) {
      held++;
      waiting.set(one.warning, one);
    } else tell(one, one.clock);
    if (one.scope !== 'source') continue;
    const standing = silent.get(one.key) ?? new Set();
    silent.set(one.key, standing);
    if (one.level !== 'none') standing.add(one.warning);
    else if (standing.delete(one.warning) && standing.size === 0) {
      const free = [...waiting.values()].filter(
        (other) => other.restsOn?.every((source) => (silent.get(source)?.size ?? 0) === 0) === true,
      );
      for (const other of free.sort((a, b) => (a.warning < b.warning ? -1 : 1))) tell(other, one.clock);
    }
  }
  return { told, waiting, held, silent: [...silent.values()].filter(({ size }) => size > 0).length };
}

describe('what rests on a silent source', () => {
  it.each([1, 2, 3, 4, 5, 6])('is told once the source speaks, if it still stands, seed %i', async (seed) => {
    const { alert, book, deliveries, transitions } = await run(seed, false);
    const expected = toldBy(transitions);
    // What follows deadlines that nobody keeps is beside the point.
    const came = deliveries.flatMap(({ warning, ordinal, at, body }): Told[] => {
      const { level, previous, kind } = body as { level: string; previous: string; kind: string };
      return kind === 'transition' ? [{ warning, ordinal, level, previous, at }] : [];
    });
    expect(came).toEqual(expected.told);
    expect(expected.held).toBeGreaterThan(0);
    expect(alert.withheld).toBe(expected.waiting.size);
    expect(alert.silentSources).toBe(expected.silent);
    for (const [warning, { level }] of expected.waiting) {
      expect(await book.get(warning)).toMatchObject({ status: 'withheld', level });
    }
    expect(new Set(deliveries.map(({ id }) => id)).size).toBe(deliveries.length);
  });

  it.each([1, 2, 3, 4])('is told alike whatever is lost and opened anew, seed %i', async (seed) => {
    const undisturbed = await run(seed, false);
    const disturbed = await run(seed, true);
    expect(disturbed.deliveries).toEqual(undisturbed.deliveries);
    expect(JSON.stringify(disturbed.transitions) === JSON.stringify(undisturbed.transitions)).toBe(true);
    expect(disturbed.alert.withheld).toBe(undisturbed.alert.withheld);
    expect(disturbed.alert.current).toBe(undisturbed.alert.current);
  });
});

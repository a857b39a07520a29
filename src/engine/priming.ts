// Priming: the history stepped under new rules, to learn what their windows would hold had they always been in force.
import { keyScope, type Key, type LogRecord } from '../events/event.js';
import type { RuleSet } from '../model/ruleset.js';
import { awaitsHistory, bornName, type Generation } from './generation.js';
import { encodeKeyState } from './key-codec.js';
import { MissedWindow } from './indicators/missed.js';
import { KeyState, MemoryKeyStore } from './key-state.js';
import type { Transition } from './output.js';
import { PastWarnings } from './past-warnings.js';
import type { EventReference } from './reference.js';
import { Strata } from './strata.js';

/** What the history says of one key in one stratum; `takeHistory` reads it. */
export interface Told {
  readonly stratum: number;
  readonly key: Key;
  readonly bytes: Uint8Array;
}

/** How the history lies in partitions. */
export interface Spread {
  readonly partitions: number;
  readonly partitionOf?: ((key: string) => number) | undefined;
}

/** Holds every key of the history in memory. */
export class Priming {
  /** By stratum, those of its partitions. */
  private readonly stores: MemoryKeyStore[][] = [];
  private readonly strata: Strata;
  private readonly warnings: PastWarnings;

  /**
   * @param generations of the new rules, by stratum
   * @param rulesOf the rules of a revision under which a warning of the history was raised
   * @param spread over how many partitions the history lies, and in which a key does; one where left out
   */
  constructor(
    rules: RuleSet,
    private readonly generations: readonly Generation[],
    rulesOf: (revision: string) => RuleSet | undefined,
    spread: Spread = { partitions: 1 },
  ) {
    const { partitions, partitionOf } = spread;
    this.warnings = new PastWarnings(rules, rulesOf);
    this.strata = new Strata(rules, {
      namespace: 'live',
      partitions,
      ...(partitionOf !== undefined && { partitionOf }),
      store: (stratum) => {
        const store = new MemoryKeyStore();
        (this.stores[stratum] ??= []).push(store);
        return store;
      },
      emit: () => undefined,
      // What these rules would have raised was raised by nobody: the history says what was.
      warningsTold: true,
    });
  }

  /** Steps one record of the history; what was said of rules then does not matter. */
  step(record: LogRecord, offset: number, partition = 0): void {
    if (record.kind === 'event' || record.kind === 'tick' || record.kind === 'gap') {
      this.strata.step(record, offset, partition);
    }
  }

  /** Hears a transition of the history, before the first record that is later; in the order of the alert inbox. */
  hear(transition: Transition): void {
    for (const derived of this.warnings.said(transition)) this.strata.tell(derived);
  }

  /**
   * Ends the history, and says what it left.
   * @param at the instant of the change of rules, epoch ms
   */
  *finish(at: number): Generator<Told> {
    this.strata.stopAt(at);
    for (const [stratum, stores] of this.stores.entries()) {
      const generation = this.generations[stratum];
      if (generation === undefined) continue;
      const tellsAbove = this.generations.slice(stratum + 1).some(awaitsHistory);
      if (!awaitsHistory(generation) && !tellsAbove) continue;
      for (const state of stores.flatMap(({ all }) => all)) {
        const part = partOf(state, generation, { stratum, at, tellsAbove });
        if (part !== null) yield { stratum, key: state.key, bytes: encodeKeyState(part, generation.epoch) };
      }
    }
  }
}

interface Part {
  readonly stratum: number;
  readonly at: number;
  /** A higher stratum waits for the history. */
  readonly tellsAbove: boolean;
}

/** What of a key's state must be told; null for nothing. */
function partOf(state: KeyState, generation: Generation, options: Part): KeyState | null {
  const { stratum, at, tellsAbove } = options;
  // Its keys tell it of themselves once they know their history.
  if (keyScope(state.key) === 'source') return null;
  const unprimed = new Set(generation.unprimed);
  const part = new KeyState(state.key);
  const knows = new Set<EventReference>();
  state.known.each((reference) => knows.add(reference));
  const note = (reference: EventReference) => {
    if (knows.delete(reference)) part.known.add(reference, -Infinity);
  };
  let any = false;
  state.eachWindow((window, plan) => {
    if (!unprimed.has(plan.indicator.identity)) return;
    window.expire(at);
    if (window instanceof MissedWindow) window.told = null;
    window.each(note);
    part.putWindow(plan, window);
    any = true;
  });
  for (const { plan, isIdle } of state.modelStates) {
    if (isIdle || !generation.newborn.includes(bornName(plan.model))) continue;
    part.openModel(plan);
    any = true;
  }
  if (stratum > 0 && state.history !== null && awaitsHistory(generation)) {
    part.history = state.history;
    for (const { reference } of state.history.entries) note(reference);
    any = true;
  }
  if (state.beyond === null) return any ? part : null;
  const { forwarded, owners, warnings } = state.beyond;
  const devices = [...state.beyond.devicesAt(at)];
  const beyond = part.openBeyond(at);
  for (const [reference, keys] of tellsAbove ? forwarded : []) {
    if (reference.keepUntil <= at) continue;
    note(reference);
    beyond.forwarded.set(reference, keys);
  }
  for (const device of devices) beyond.link(device);
  for (const [owner, profile] of owners) beyond.owners.set(owner, profile);
  for (const [id, read] of warnings) {
    if (state.beyond.warning(id, at) !== undefined) beyond.warnings.set(id, read);
  }
  return any || beyond.forwarded.size + devices.length + owners.size > 0 ? part : null;
}

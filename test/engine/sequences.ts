// Lives of one subject under a model with one sequence.
import { Engine } from '../../src/engine/engine.js';
import { decodeKeyState, encodeKeyState } from '../../src/engine/key-codec.js';
import { MemoryKeyStore, planFor } from '../../src/engine/key-state.js';
import type { Output, Transition } from '../../src/engine/output.js';
import type { Event, JsonObject, StreamName } from '../../src/events/event.js';
import { loadRules } from '../../src/model/load.js';
import type { RuleSet } from '../../src/model/ruleset.js';
import { rulesWith } from '../model/rules-fixture.js';

export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;
export const START = Date.UTC(2025, 5, 1);

/** A model whose level is blue as long as there is a match; its figure is seen in the transitions. */
export function rulesOf(sequence: string, params = ''): RuleSet {
  const model = `model: food/steps
title: 先后
summary: 先后发生。
item: food-operation
scope: subject
${params}indicators:
  matches:
${sequence.replace(/^/gm, '    ')}
levels:
  blue: 'matches > 0'
advise: 无。
`;
  const files = rulesWith({ 'food/steps.yaml': model, 'food/repeat-complaints.yaml': null });
  const { rules, diagnostics } = loadRules(files, '2025-06-01');
  if (rules === null) throw new Error(JSON.stringify(diagnostics));
  return rules;
}

/** What arrives: the day of its arrival, its stream and data, and the day when it happened if that is another. */
export interface Arrival {
  readonly at: number;
  readonly stream: StreamName;
  readonly data?: JsonObject;
  readonly time?: number;
  readonly id?: string;
  readonly revokes?: string;
  readonly amends?: string;
}

export const KEY = 'subject:sim:a';

export class Run {
  readonly transitions: Transition[] = [];
  readonly alerts: string[] = [];
  readonly engine: Engine;
  private offset = 0;

  constructor(
    readonly rules: RuleSet,
    readonly store = new MemoryKeyStore(),
  ) {
    const emit = (output: Output) => {
      if (output.kind === 'transition') this.transitions.push(output);
      else if (output.kind === 'operator') this.alerts.push(output.code);
    };
    this.engine = new Engine(rules, { namespace: 'test', partition: 0, store, emit });
  }

  take({ at, stream, data = {}, time = at, id = `e${this.offset}`, ...rest }: Arrival): void {
    const event: Event = {
      kind: 'event',
      id: `s ${id}`,
      stream,
      source: 's',
      key: KEY,
      time: START + Math.round(time * DAY),
      at: START + Math.round(at * DAY),
      data,
      ...(rest.revokes === undefined ? {} : { revokes: `s ${rest.revokes}` }),
      ...(rest.amends === undefined ? {} : { amends: `s ${rest.amends}` }),
    };
    this.engine.step(event, this.offset++);
  }

  until(day: number): this {
    this.engine.step({ kind: 'tick', at: START + Math.round(day * DAY) }, this.offset++);
    this.engine.end();
    return this;
  }

  /** Day, level and reason of every transition. */
  get said(): [number, string, string][] {
    return this.transitions.map(({ clock, level, reason }) => [(clock - START) / DAY, level, reason]);
  }

  /** The figure as it stands, by opening the window's state. */
  figure(): unknown {
    const { clock } = this.engine;
    return this.window()?.compute({ clock, key: KEY, registered: NaN, gapsWithin: () => 0 }) ?? 0;
  }

  /** How many events are kept. */
  entries(): number {
    return this.window()?.size ?? 0;
  }

  private window() {
    const window = planFor(this.engine.context.plan, KEY).windows[0];
    const state = this.store.get(KEY);
    if (window === undefined || state === undefined) return undefined;
    const kept = state.window(window) ?? window.empty;
    kept.expire(this.engine.clock);
    return kept;
  }

  /** The same run with all state written to bytes and read again. */
  restored(): Run {
    const store = new MemoryKeyStore();
    const run = new Run(this.rules, store);
    const state = this.store.get(KEY);
    if (state !== undefined) {
      const plan = planFor(run.engine.context.plan, KEY);
      const decoded = decodeKeyState(KEY, encodeKeyState(state), { plan });
      store.create = () => decoded;
      store.get = () => decoded;
    }
    run.engine.advance(this.engine.clock);
    return run;
  }
}

export function run(rules: RuleSet, arrivals: readonly Arrival[], until: number): Run {
  const result = new Run(rules);
  for (const arrival of arrivals) result.take(arrival);
  return result.until(until);
}

/** An instant of a day, as data has it. */
export function deadline(day: number): string {
  return new Date(START + day * DAY).toISOString();
}

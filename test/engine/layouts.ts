// What stored state says, as plain JSON: for comparing what different layouts give back.
import type { KeyState } from '../../src/engine/key-state.js';
import { PrimingWindow } from '../../src/engine/indicators/priming-window.js';
import type { Window } from '../../src/engine/indicators/window.js';
import { PaneKeepingWindow } from '../../src/engine/indicators/paned-window.js';
import type { WindowPlan } from '../../src/engine/plan.js';
import { ForwardedReference, type EventReference } from '../../src/engine/reference.js';
import { ExpressionError, type Value } from '../../src/model/expression/expression.js';
import type { WindowIndicator } from '../../src/model/model.js';

/** Evaluate in the middle of a log, as a build of a former layout left it. */
export interface StoredCheckpoint {
  /** Offset of the next record to step. */
  readonly position: number;
  /** Base64, as are the records by name. */
  readonly meta: string;
  readonly records: { readonly [name: string]: string };
  readonly timers: readonly { readonly due: number; readonly key: string; readonly name: string }[];
  /** By the name of its record, what each key's state said then; see `summaryOf`. */
  readonly states: { readonly [name: string]: unknown };
}

/** A golden file: a life under two sets of rules, the second of which comes in the middle of it. */
export interface StoredLife {
  /** The files of each set of rules. */
  readonly sets: readonly { readonly [path: string]: string }[];
  /** Base64. */
  readonly log: readonly string[];
  readonly checkpoints: readonly StoredCheckpoint[];
  /** Model, key, level and clock of each warning of the whole life, and the hash of what it says and rests on. */
  readonly warnings: readonly string[];
}

const plain = (value: Value): unknown => {
  if (value instanceof ExpressionError) return `${value.code} ${value.message}`;
  return typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;
};

function fieldsOf(reference: EventReference): unknown[] {
  const { id, stream, time, at, offset, keepUntil, metric, revoked, revocation } = reference;
  const partition = reference instanceof ForwardedReference ? reference.partition : null;
  return [id, stream, time, at, offset, plain(keepUntil), metric, revoked, revocation, partition];
}

function operatorOf({ operator, baseline, panes, versus, densestMs }: WindowIndicator): string {
  const forms = [
    baseline === null ? '' : 'baseline ',
    panes === null ? '' : 'paned ',
    versus ? 'versus ' : '',
    densestMs === null ? '' : 'densest ',
  ];
  return forms.join('') + operator;
}

function windowSummary(state: KeyState, window: Window, { indicator }: WindowPlan, clock: number): unknown {
  const entries: unknown[] = [];
  window.each((reference, value) => entries.push([reference.id, plain(value)]));
  const priming = window instanceof PrimingWindow;
  let [figure, next]: [unknown, unknown] = [null, null];
  if (!priming) {
    window.expire(clock);
    const instant = { clock, key: state.key, registered: state.registered, gapsWithin: () => 0 };
    figure = plain(window.compute(instant));
    next = plain(window.nextChange(instant));
  }
  const panes = window instanceof PaneKeepingWindow ? window.paneCount : 0;
  return { name: indicator.name, operator: operatorOf(indicator), priming, entries, panes, figure, next };
}

/** All that a key's state holds, and the figures of its windows at a clock, up to which they expire. */
export function summaryOf(state: KeyState, clock: number): unknown {
  const known: unknown[] = [];
  state.known.each((reference) => known.push(fieldsOf(reference)));
  const windows: unknown[] = [];
  state.eachWindow((window, plan) => windows.push(windowSummary(state, window, plan, clock)));
  const backfilled: unknown[] = [];
  state.backfilled?.each((day, metric, times) => backfilled.push([day, metric, [...times]]));
  const { beyond, history } = state;
  return {
    known,
    windows,
    tombstones: [...(state.tombstones ?? [])],
    backfilled,
    primedIn: state.primedIn,
    history: history && {
      base: history.base,
      entries: history.entries.map(({ reference, facts, registration }) => [
        reference.id,
        facts,
        registration,
      ]),
    },
    models: state.modelStates.map(({ plan, shown, episode, due, levels }) => ({
      name: plan.model.name,
      shown,
      episode,
      due: plain(due),
      levels:
        levels?.map(({ on, elapsed, runningSince, unknownSince }) => [
          on,
          elapsed,
          plain(runningSince),
          plain(unknownSince),
        ]) ?? null,
    })),
    beyond: beyond && {
      forwarded: [...beyond.forwarded].map(([{ id }, keys]) => [
        id,
        keys.map(({ stratum, key }) => `${stratum} ${key}`),
      ]),
      owners: [...beyond.owners],
      warnings: [...beyond.warnings].map(([id, { reference, item, stands }]) => [
        id,
        reference.id,
        item,
        stands,
      ]),
    },
  };
}

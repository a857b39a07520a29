// A sweep: one model with one of its values varied, to see what fewer or more warnings would cost.
import { CodedError } from '../../events/coded-error.js';
import type { RuleSet } from '../../model/ruleset.js';
import { nearest } from '../../model/nearest.js';
import { nodeAt, parseYaml, type TextNode, type YamlNode } from '../../model/yaml.js';
import { accuracyOf, type Accuracy } from '../measures/accuracy.js';
import type { BootstrapOptions } from '../measures/bootstrap.js';
import { OutcomeBook, type Observed, type Outcome } from '../measures/outcomes.js';
import { RaisedWarnings } from '../measures/raised.js';
import { withSources } from '../model-test.js';
import { BacktestRun } from './run.js';

/** Values of one sweep. */
export const SWEEP_MAX = 64;

const DAY_MS = 86_400_000;
const FORM = 'params.many=3..10, params.many=2..4:0.5 or hold=1d,3d,7d';
const VALUE = /^-?[0-9A-Za-z][0-9A-Za-z.]{0,31}$/;

export interface Sweep {
  /** Of a scalar in the file of the model, such as `params.many` or `indicators.complaints.over`. */
  readonly path: readonly string[];
  /** As they are written into the file. */
  readonly values: readonly string[];
}

/** Reads `path=from..to`, `path=from..to:step` or `path=one,two`. @throws CodedError USAGE */
export function sweepOf(text: string): Sweep {
  const [, path = '', values = ''] = /^([^=]+)=(.+)$/.exec(text) ?? [];
  const range = /^(-?\d+(?:\.\d+)?)\.\.(-?\d+(?:\.\d+)?)(?::(\d+(?:\.\d+)?))?$/.exec(values);
  const list = range === null ? values.split(',') : rangeOf(range[1] ?? '', range[2] ?? '', range[3] ?? '1');
  const parts = path.split('.');
  const isGood = parts.every((part) => part !== '') && list.every((value) => VALUE.test(value));
  if (!isGood || list.length === 0 || list.length > SWEEP_MAX || new Set(list).size < list.length) {
    const expected = `it looks like ${FORM}, with at most ${SWEEP_MAX} values`;
    throw new CodedError('USAGE', `--sweep ${JSON.stringify(text)} is none; ${expected}.`);
  }
  return { path: parts, values: list };
}

function rangeOf(from: string, to: string, step: string): string[] {
  const decimals = Math.max(...[from, to, step].map((text) => text.split('.')[1]?.length ?? 0));
  const size = Number(step);
  // One more than there may be is enough to see that there are too many.
  const count = size > 0 ? Math.min(SWEEP_MAX, Math.floor((Number(to) - Number(from)) / size + 1e-9)) + 1 : 0;
  return Array.from({ length: Math.max(0, count) }, (_, index) =>
    String(Number((Number(from) + index * size).toFixed(decimals))),
  );
}

/**
 * The file of a model with another value at a path; nothing else of it changes. A parameter that a profile chooses is
 * varied by its default.
 * @throws CodedError USAGE where there is no scalar
 */
export function withValue(text: string, path: readonly string[], value: string): string {
  const node = scalarAt(text, path) ?? scalarAt(text, [...path, 'default']);
  if (node === null) {
    const [sought, there] = [path.join('.'), valuesIn(text)];
    const near = nearest(sought, there);
    const hint =
      near === undefined ? `It has ${there.slice(0, VALUES_SHOWN).join(', ')}.` : `Did you mean ${near}?`;
    throw new CodedError('USAGE', `The model has no single value at ${sought}. ${hint}`);
  }
  const quoted = node.style === 'single' ? `'${value}'` : node.style === 'double' ? `"${value}"` : value;
  return text.slice(0, node.start) + quoted + text.slice(node.end);
}

const VALUES_SHOWN = 20;

/** Every place of a model that has a single value which could be another one: no texts for people. */
function valuesIn(text: string): string[] {
  const { root } = parseYaml(text);
  const look = (node: YamlNode, path: string): string[] => {
    if (node.kind === 'map')
      return [...node.entries].flatMap(([key, { value }]) =>
        look(value, path === '' ? key : `${path}.${key}`),
      );
    if (node.kind === 'list') return node.items.flatMap((item, index) => look(item, `${path}.${index}`));
    return [path.replace(/\.default$/, '')];
  };
  return root === null ? [] : look(root, '').filter((path) => SWEPT.test(path));
}

/** What varies a model: not what it is called, nor what it says. */
const SWEPT = /^(params|indicators|score|for$|hold$|levels|clear|expect)/;

function scalarAt(text: string, path: readonly string[]): TextNode | null {
  const { root } = parseYaml(text);
  if (root === null) return null;
  const node = nodeAt(root, path);
  const isThere = path.length === 0 || nodeAt(root, path.slice(0, -1)) !== node;
  return node.kind === 'text' && isThere ? node : null;
}

/** What one value came to. */
export interface SweepPoint {
  readonly value: string;
  readonly warnings: number;
  readonly perDay: number;
  /** Null without outcomes. */
  readonly accuracy: Accuracy | null;
}

export interface SweepRunOptions {
  /** With the value in place. */
  readonly rules: RuleSet;
  readonly model: string;
  readonly value: string;
  readonly fromMs: number;
  readonly outcomes: readonly Outcome[] | null;
  readonly horizonMs: number;
  readonly knownUntilMs?: number | undefined;
  readonly bootstrap: BootstrapOptions;
}

/** One value of a sweep on its way over the history: its model alone, with those whose warnings it reads. */
export class SweepRun {
  readonly run: BacktestRun;
  private readonly raised: RaisedWarnings;
  private firstMs = Infinity;

  /** @throws CodedError USAGE where there is no such model */
  constructor(private readonly options: SweepRunOptions) {
    const { rules, model: name, fromMs } = options;
    const model = rules.models.find((one) => one.name === name);
    if (model === undefined) throw new CodedError('USAGE', `--model ${name}: the rules have no such model.`);
    this.raised = new RaisedWarnings(fromMs);
    this.run = new BacktestRun({
      rules: withSources(model, rules),
      fromMs,
      hear: (transition) => {
        if (transition.model === name) this.raised.hear(transition);
      },
      see: (record) => {
        if (record.kind === 'event' && this.firstMs === Infinity) this.firstMs = record.at;
      },
    });
  }

  /** After the run has ended. */
  point(): SweepPoint {
    const { value, outcomes, horizonMs, knownUntilMs, bootstrap, rules, model } = this.options;
    const [fromMs, endMs] = [Math.max(this.options.fromMs, this.firstMs), this.run.clock];
    const hasSpan = Number.isFinite(fromMs) && endMs > fromMs;
    const { all } = this.raised;
    const scope = rules.models.find(({ name }) => name === model)?.scope;
    const own = outcomes?.filter((outcome) => outcome.scope === scope) ?? null;
    const lastMs = (own ?? []).reduce((last, { time }) => Math.max(last, time), -Infinity);
    const untilMs = Math.max(endMs, knownUntilMs ?? lastMs);
    const observed: Observed = { fromMs, endMs, untilMs, horizonMs };
    return {
      value,
      warnings: all.length,
      perDay: hasSpan ? (all.length * DAY_MS) / (endMs - fromMs) : 0,
      accuracy:
        own === null || !hasSpan
          ? null
          : accuracyOf(all, new OutcomeBook(own, observed), observed, 'blue', bootstrap),
    };
  }
}

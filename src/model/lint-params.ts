// Parameters against each other: choices that change nothing, and thresholds that treat the worse more kindly.
import { valuesOf } from '../events/streams.js';
import { isComparison, type ComparisonOperator } from './expression/implication.js';
import type { Syntax } from './expression/syntax.js';
import type { Model, Param } from './model.js';
import { removalOf } from './removal.js';
import type { Report } from './report.js';
import { fieldOf, partsOf, type Written } from './written.js';
import { nodeAt, type YamlNode } from './yaml.js';

/** Warns of the parameters of a model whose values contradict each other, or say nothing. */
export function warnParams(report: Report, root: YamlNode, model: Model, written: readonly Written[]): void {
  for (const param of model.params) {
    warnSame(report, root, param);
    warnOrder(report, root, param, written);
  }
}

/** A choice that is the default anyway. */
function warnSame(report: Report, root: YamlNode, { name, choices, fallback }: Param): void {
  for (const [choice, value] of choices) {
    if (value !== fallback) continue;
    const path = ['params', name, choice];
    report.add('MODEL_PARAM_SAME', nodeAt(root, path, 'key'), `"${choice}" has the value of the default`, {
      severity: 'warning',
      expected: 'no such choice, or another value',
      fix: removalOf(report.source.text, root, path),
    });
  }
}

/** Credit classes from good to bad: the threshold should go one way, and not in favour of the bad. */
function warnOrder(report: Report, root: YamlNode, param: Param, written: readonly Written[]): void {
  if (param.by !== 'credit') return;
  const classes = valuesOf('registration', 'credit') ?? [];
  const values = classes.map((one) => param.choices.get(one) ?? param.fallback);
  const numbers = values.filter((value) => typeof value === 'number');
  if (numbers.length < values.length) return;
  const node = nodeAt(root, ['params', param.name], 'key');
  const steps = numbers.slice(1).map((value, position) => value - (numbers[position] ?? 0));
  const shown = classes.map((one, position) => `${one} ${numbers[position]}`).join(', ');
  if (steps.some((step) => step > 0) && steps.some((step) => step < 0)) {
    report.add('MODEL_PARAM_ORDER', node, `the values go up and down from class to class: ${shown}`, {
      severity: 'warning',
      expected: 'values that rise, or fall, from A to D',
    });
    return;
  }
  const direction = directionOf(param.name, written);
  const kinder = direction === 'laxer' ? steps.some((step) => step > 0) : steps.some((step) => step < 0);
  if (direction === null || !kinder) return;
  report.add('MODEL_PARAM_LENIENT', node, `a worse class is warned of later than a better one: ${shown}`, {
    severity: 'warning',
    expected: direction === 'laxer' ? 'values that fall from A to D' : 'values that rise from A to D',
  });
}

/** What a larger value of a parameter does to levels; null where they do not agree, or it is not plain. */
function directionOf(name: string, written: readonly Written[]): 'laxer' | 'stricter' | null {
  const found = new Set<'laxer' | 'stricter' | null>();
  for (const { syntax, path } of written) {
    for (const part of partsOf(syntax)) {
      const read = fieldOf(part);
      if (read?.owner !== 'params' || read.field !== name) continue;
      found.add(path[0] === 'levels' ? sideOf(syntax, name) : null);
    }
  }
  const [only, second] = found;
  return second === undefined ? (only ?? null) : null;
}

/** Whether a level asks for at least, or at most, what a parameter says; null for anything else. */
function sideOf(syntax: Syntax, name: string): 'laxer' | 'stricter' | null {
  if (syntax.op === 'and' || syntax.op === 'or') {
    const sides = [sideOf(syntax.left, name), sideOf(syntax.right, name)].filter((one) => one !== null);
    return sides.length > 0 && sides.every((one) => one === sides[0]) ? (sides[0] ?? null) : null;
  }
  if (syntax.op !== 'binary' || !isComparison(syntax.operator)) return null;
  const { left, right, operator } = syntax;
  if (isMultiple(right, name)) return SIDES[operator] ?? null;
  if (!isMultiple(left, name)) return null;
  const side = SIDES[operator];
  return side === undefined ? null : side === 'laxer' ? 'stricter' : 'laxer';
}

const SIDES: { readonly [operator in ComparisonOperator]?: 'laxer' | 'stricter' } = {
  '>=': 'laxer',
  '>': 'laxer',
  '<=': 'stricter',
  '<': 'stricter',
};

/** The parameter, or a positive multiple of it. */
function isMultiple(syntax: Syntax, name: string): boolean {
  const read = fieldOf(syntax);
  if (read !== null) return read.owner === 'params' && read.field === name;
  if (syntax.op !== 'binary' || (syntax.operator !== '*' && syntax.operator !== '/')) return false;
  const positive = (side: Syntax) =>
    side.op === 'literal' && typeof side.value === 'number' && side.value > 0;
  if (isMultiple(syntax.left, name)) return positive(syntax.right);
  return syntax.operator === '*' && positive(syntax.left) && isMultiple(syntax.right, name);
}

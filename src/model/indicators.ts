// Indicators of a model: which operator over which events, and in which order they are computed.
import type { SourceName } from '../events/event.js';
import type { FieldType } from '../events/fields.js';
import { BASELINE_TYPE } from './baseline.js';
import { eventEnvironment, type ModelNames } from './environment.js';
import type { Expected } from './expression/check.js';
import type { Expression } from './expression/expression.js';
import { comparisonType, formOf, type Form } from './forms.js';
import { compileFormula } from './formula.js';
import { hashOf, meaningOf } from './identity.js';
import { WINDOW_OPERATORS, type AuthorOperator, type WindowIndicator } from './model.js';
import { goesWith, OPERATORS, WINDOW_KEYS } from './operators/operators.js';
import type { Operator } from './operators/operator.js';
import { keptMsOf, paneMeaning, panesOf, type PaneSettings } from './panes.js';
import type { Report } from './report.js';
import type { IndicatorContent } from './shape.js';
import { checkSource, hearing } from './sources.js';
import { nodeAt, type YamlNode } from './yaml.js';

const OPERATOR_KEYS = [...WINDOW_OPERATORS, 'value'] as const;

/** One indicator of the file: its name, what it says, and where it stands. */
export interface IndicatorEntry {
  readonly name: string;
  readonly content: IndicatorContent;
  /** The map of the indicator, and the key that names it. */
  readonly node: YamlNode;
  readonly key: YamlNode;
}

/** The indicators of a file whose shape is checked, in the order of the file. */
export function indicatorEntries(
  root: YamlNode,
  contents: { readonly [name: string]: IndicatorContent },
): IndicatorEntry[] {
  return Object.entries(contents).map(([name, content]) => ({
    name,
    content,
    node: nodeAt(root, ['indicators', name]),
    key: nodeAt(root, ['indicators', name], 'key'),
  }));
}

/** The one operator of an indicator; null where there is none or several, which is then in the report. */
export function operatorOf(report: Report, entry: IndicatorEntry): AuthorOperator | 'value' | null {
  const given = OPERATOR_KEYS.filter((operator) => entry.content[operator] !== undefined);
  const [operator, second] = given;
  if (operator === undefined) {
    const expected = `one of ${OPERATOR_KEYS.join(', ')}`;
    report.add('MODEL_NO_OPERATOR', entry.key, `the indicator "${entry.name}" has no operator`, { expected });
    return null;
  }
  if (second !== undefined) {
    const message = `the indicator "${entry.name}" has several operators: ${given.join(', ')}`;
    report.add('MODEL_OPERATORS', nodeAt(entry.node, [second], 'key'), message, { expected: 'one operator' });
    return null;
  }
  const misplaced = misplacedKey(entry.content, operator);
  if (misplaced === undefined) return operator;
  const why = operator === 'value' ? 'which reads other indicators' : 'it belongs to "quantile"';
  const message = `"${misplaced}" has no meaning beside "${operator}", ${why}`;
  report.add('MODEL_OPERATOR', nodeAt(entry.node, [misplaced], 'key'), message);
  return null;
}

/** A key that has no meaning beside the operator, of those that say nothing more of why. */
function misplacedKey(content: IndicatorContent, operator: AuthorOperator | 'value'): string | undefined {
  const given = WINDOW_KEYS.filter((key) => content[key] !== undefined && !goesWith(key, operator));
  return operator === 'value' ? given[0] : given.find((key) => key === 'q');
}

/** Compiles an indicator over a window of events; null where it has a fault, which is then in the report. */
export function compileWindow(
  report: Report,
  names: ModelNames,
  entry: IndicatorEntry,
  operator: AuthorOperator,
  index: number,
): WindowIndicator | null {
  const { content } = entry;
  const { zone } = names.catalogue.calendar;
  const overMs = content.baseline?.over ?? content.over;
  const from = sourcesOf(report, names, entry);
  if (overMs === undefined) {
    report.add('MODEL_NO_WINDOW', entry.key, `the indicator "${entry.name}" has no window`, {
      expected: 'over: <duration>',
    });
  }
  if (operator === 'quantile' && content.q === undefined) {
    report.add('MODEL_MISSING_KEY', entry.key, `the quantile "${entry.name}" says not which one`, {
      expected: 'q: <a number from 0 to 1>, for example q: 0.95',
    });
    return null;
  }
  if (from === null) return null;
  const formulas = compileFormulas(report, names, entry, operator, from);
  if (formulas === null || overMs === undefined) return null;
  const form = formOf(report, entry.node, content, operator, overMs);
  const panes = panesOf({ report, node: entry.node, content, operator, from, zone });
  if (form === null || panes === null) return null;
  const { where, argument } = formulas;
  const rule = OPERATORS[operator];
  const end = content.since ?? 'last';
  const basis = content.basis ?? 'time';
  const q = content.q ?? 0.5;
  return {
    kind: 'window',
    name: entry.name,
    index,
    operator,
    from,
    ...hearing(from, [where]),
    where,
    argument,
    end,
    q,
    overMs,
    ...form,
    ...panes,
    keptMs: keptMsOf(form, panes),
    sequence: null,
    basis,
    ...figureOf(rule, argument, form, panes),
    identity: hashOf({
      operator,
      scope: names.scope,
      from: [...from].sort(),
      where: where?.source.trim() ?? null,
      argument: argument?.source.trim() ?? null,
      end,
      ...(operator === 'quantile' ? { q } : {}),
      overMs,
      ...paneMeaning(panes),
      ...(form.versus ? { versus: true } : {}),
      ...(form.densestMs === null ? {} : { densestMs: form.densestMs }),
      basis,
      meaning: meaningOf([where, argument], names.params, names.catalogue),
    }),
  };
}

/** What the figure looks like to other expressions. */
function figureOf(
  { yields, nullable }: Operator,
  argument: Expression | null,
  { versus }: Form,
  { baseline }: PaneSettings,
): { type: FieldType; nullable: boolean } {
  if (baseline !== null) return { type: BASELINE_TYPE, nullable: true };
  if (versus) return { type: comparisonType(nullable), nullable: false };
  return { type: yields ?? argument?.type ?? { type: 'dyn' }, nullable };
}

/** The filter and the argument; null where either has a fault. */
function compileFormulas(
  report: Report,
  names: ModelNames,
  entry: IndicatorEntry,
  operator: AuthorOperator,
  from: readonly SourceName[],
): { where: Expression | null; argument: Expression | null } | null {
  const environment = eventEnvironment(names, from);
  const compile = (key: string, expected: Expected): Expression | null | 'none' => {
    const node = nodeAt(entry.node, [key]);
    if (node === entry.node || node.kind !== 'text') return 'none';
    return compileFormula(report, node, environment, names.scope, expected);
  };
  const { argument: takes } = OPERATORS[operator];
  const all = operator === 'count' && entry.content.count?.trim() === '*';
  const where = compile('where', 'bool');
  const argument = all || takes.kind !== 'expression' ? 'none' : compile(operator, takes.type);
  if (where === null || argument === null) return null;
  return { where: where === 'none' ? null : where, argument: argument === 'none' ? null : argument };
}

/** The sources that an indicator reads, each checked against the model's scope. */
function sourcesOf(report: Report, names: ModelNames, entry: IndicatorEntry): SourceName[] | null {
  const { from } = entry.content;
  if (from === undefined) {
    report.add('MODEL_NO_STREAM', entry.key, `the indicator "${entry.name}" reads nothing`, {
      expected: 'from: <stream>',
    });
    return null;
  }
  const given = typeof from === 'string' ? [from] : from;
  const streams = given.flatMap((name, index) => {
    const node = nodeAt(entry.node, typeof from === 'string' ? ['from'] : ['from', index]);
    return checkSource(report, names, name, node) ?? [];
  });
  return streams.length === given.length ? [...new Set(streams)] : null;
}

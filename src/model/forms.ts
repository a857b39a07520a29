// The forms in which a numeric aggregate may be asked for, beside the plain figure over its window.
import { LONGEST_SPAN_MS } from '../catalogue/duration.js';
import type { FieldType } from '../events/fields.js';
import type { WindowOperator } from './model.js';
import { FORM_KEYS, operatorsThat } from './operators/operators.js';
import type { Report } from './report.js';
import type { IndicatorContent } from './shape.js';
import { nodeAt, type YamlNode } from './yaml.js';

const AGGREGATES = operatorsThat(({ aggregate }) => aggregate);

const FORMS = ['versus', 'densest'] as const;

/** How an indicator is asked for. */
export interface Form {
  readonly versus: boolean;
  readonly densestMs: number | null;
  /** How long an event can matter after its placement. */
  readonly keptMs: number;
}

/**
 * The form of an indicator over a window of `overMs`; null where it has a fault, which is then in the report.
 * @param node the map of the indicator
 */
export function formOf(
  report: Report,
  node: YamlNode,
  content: IndicatorContent,
  operator: WindowOperator,
  overMs: number,
): Form | null {
  const { versus, densest } = content;
  const plain: Form = { versus: false, densestMs: null, keptMs: overMs };
  const form = FORMS.find((key) => content[key] !== undefined);
  if (form === undefined) return plain;
  const refuse = (
    key: string,
    message: string,
    expected: string,
    code: 'MODEL_OPERATOR' | 'MODEL_FORMS' = 'MODEL_FORMS',
  ): null => {
    report.add(code, nodeAt(node, [key], 'key'), message, { expected });
    return null;
  };
  if (!(AGGREGATES as readonly string[]).includes(operator)) {
    const message = `"${form}" has no meaning beside "${operator}", which is no aggregate in numbers`;
    return refuse(form, message, `one of ${AGGREGATES.join(', ')}`, 'MODEL_OPERATOR');
  }
  const second = FORM_KEYS.find((key) => key !== form && content[key] !== undefined);
  if (second !== undefined) {
    const message = `"${second}" does not go together with "${form}"`;
    return refuse(second, message, 'one of them; a second indicator for the other');
  }
  if (versus !== undefined && 2 * overMs > LONGEST_SPAN_MS) {
    return refuse(
      'versus',
      'with the window before it this window is longer than any may be',
      'over: 1830d or less',
    );
  }
  if (densest !== undefined && densest >= overMs) {
    report.add('MODEL_DENSEST', nodeAt(node, ['densest']), 'a span inside the window is shorter than it', {
      expected: 'a duration shorter than "over"',
    });
    return null;
  }
  const { every } = content;
  if (densest !== undefined && every !== undefined && densest % every !== 0) {
    report.add('MODEL_DENSEST', nodeAt(node, ['densest']), 'over panes a span is made of whole ones', {
      expected: 'a whole multiple of "every"',
    });
    return null;
  }
  return versus !== undefined
    ? { ...plain, versus: true, keptMs: 2 * overMs }
    : { ...plain, densestMs: densest ?? null };
}

/** The type of `{ now, before, change, ratio }`. */
export function comparisonType(nullable: boolean): FieldType {
  const number = { type: { type: 'number' }, optional: nullable } as const;
  return {
    type: 'object',
    fields: { now: number, before: number, change: number, ratio: { ...number, optional: true } },
  };
}

// The score of a model: weighted lines, each of which says how far something has gone.
import type { Environment, Expression, IndicatorSymbol } from './expression/expression.js';
import { compileFormula } from './formula.js';
import type { ModelScope, ScoreLine, ScoreMeasure, ScoreRule } from './model.js';
import type { Report } from './report.js';
import type { ScoreLineContent } from './shape.js';
import { nodeAt, type YamlNode } from './yaml.js';

/** What the weights of a score sum to. */
const WHOLE = 100;
const MEASURES = ['low', 'high', 'bands'] as const;
const FORMS = "of: '...' with low and high, of: '...' with bands, or if: '...'";

/** How the score looks to levels; it comes after all indicators. */
export function scoreSymbol({ index }: ScoreRule): IndicatorSymbol {
  return { name: 'score', index, type: { type: 'number' }, nullable: false, since: false };
}

/** What the score reads, and where it stands. */
export interface ScoreContext {
  readonly report: Report;
  /** The list of lines. */
  readonly node: YamlNode;
  /** With all indicators. */
  readonly environment: Environment;
  readonly scope: ModelScope;
  /** Place of the score among the figures. */
  readonly index: number;
}

/** Compiles the lines of a score; null where one has a fault, which is then in the report. */
export function compileScore(context: ScoreContext, contents: readonly ScoreLineContent[]): ScoreRule | null {
  const { report, node, index } = context;
  const lines = contents.map((content, position) => compileLine(context, nodeAt(node, [position]), content));
  contents.forEach(({ name }, position) => {
    if (contents.findIndex((other) => other.name === name) === position) return;
    const message = `there is a line "${name}" already`;
    report.add('MODEL_SCORE_TWICE', nodeAt(node, [position, 'name']), message, {
      expected: 'a name of its own',
    });
  });
  if (report.failed || lines.includes(null)) return null;
  const sum = contents.reduce((total, { weight }) => total + weight, 0);
  if (Math.abs(sum - WHOLE) > 1e-6) {
    const message = `the weights sum to ${Number(sum.toFixed(6))}`;
    report.add('MODEL_SCORE_WEIGHTS', node, message, {
      severity: 'warning',
      expected: `weights that sum to ${WHOLE}`,
    });
  }
  return { index, lines: lines.filter((line) => line !== null) };
}

function compileLine(context: ScoreContext, node: YamlNode, content: ScoreLineContent): ScoreLine | null {
  const { name, weight } = content;
  const key = content.if === undefined ? 'of' : 'if';
  const refuse = (at: string | null, message: string, expected: string): null => {
    const place = at === null ? node : nodeAt(node, [at], 'key');
    context.report.add('MODEL_SCORE_LINE', place, message, { expected });
    return null;
  };
  if (content.of === undefined && content.if === undefined) {
    return refuse(null, `the line "${name}" says not what counts`, FORMS);
  }
  if (content.of !== undefined && content.if !== undefined) {
    return refuse('if', `the line "${name}" has both "of" and "if"`, FORMS);
  }
  const measures = MEASURES.filter((measure) => content[measure] !== undefined);
  const [first] = measures;
  if (key === 'if' && first !== undefined) {
    return refuse(first, `"${first}" has no meaning beside "if", which counts wholly or not`, FORMS);
  }
  if (key === 'of' && !['low high', 'bands'].includes(measures.join(' '))) {
    return refuse(first ?? 'of', `the line "${name}" needs low and high, or bands`, FORMS);
  }
  const measure = measureOf(context.report, node, content);
  const expression = expressionAt(context, node, key);
  return measure === null || expression === null ? null : { name, weight, expression, measure };
}

function measureOf(report: Report, node: YamlNode, content: ScoreLineContent): ScoreMeasure | null {
  const { low, high, bands } = content;
  if (low !== undefined && high !== undefined) {
    if (low < high) return { kind: 'linear', low, high };
    const message = `"low" is ${low}, "high" is ${high}`;
    const expected = 'low below high; for what counts the less there is of it, an expression such as 10 - x';
    report.add('MODEL_SCORE_BOUNDS', nodeAt(node, ['low']), message, { expected });
    return null;
  }
  if (bands === undefined) return { kind: 'if' };
  for (const [position, [from, part]] of bands.entries()) {
    const before = bands[position - 1];
    if (before === undefined || (before[0] < from && before[1] < part)) continue;
    const message = `the band [${from}, ${part}] does not lie above the one before it, [${before.join(', ')}]`;
    const expected = 'bands [from, part] in which both rise from one to the next';
    report.add('MODEL_SCORE_BOUNDS', nodeAt(node, ['bands', position]), message, { expected });
    return null;
  }
  return { kind: 'bands', bands };
}

function expressionAt(context: ScoreContext, node: YamlNode, key: 'of' | 'if'): Expression | null {
  const text = nodeAt(node, [key]);
  if (text.kind !== 'text') return null;
  const { report, environment, scope } = context;
  return compileFormula(report, text, environment, scope, key === 'if' ? 'bool' : 'number', key === 'of');
}

// Conditions taken apart: what each part says, and the least that would have to come out otherwise.
import { describe, expect, it } from 'vitest';
import { dissectModel, type Part } from '../../src/model/dissection.js';
import { ExpressionError, type EvaluationScope, type Value } from '../../src/model/expression/expression.js';
import { judge, needsFor, type Judged } from '../../src/model/judgement.js';
import { resolveParams } from '../../src/model/model.js';
import { UNKNOWN_PROFILE } from '../../src/engine/profile-history.js';
import { setOf } from '../engine/turns.js';

const MODEL = (level: string, more = '') => `scope: subject
params: { many: { default: 5, by: subject.credit, D: 2.5 } }
indicators:
  a: { from: complaint, count: '*', over: 10d }
  b: { from: inspection, count: '*', over: 10d }
  fined: { from: penalty, max: 'event.amount', over: 10d }
  gone: { from: inspection, since: last, over: 100d }
  quiet: { value: 'a == 0 && b == 0' }
levels: { red: '${level}' }
${more}`;

interface Figures {
  readonly a?: Value;
  readonly b?: Value;
  readonly fined?: Value;
  readonly gone?: Value;
  readonly credit?: string;
}

/** The condition of a level and what it says over figures. */
function judged(level: string, figures: Figures = {}, more = ''): Judged {
  const rules = setOf({ 'sim/one': MODEL(level, more) });
  const model = rules.models[0];
  if (model === undefined) throw new Error('no model');
  const profile = { ...UNKNOWN_PROFILE, credit: figures.credit ?? 'B' };
  const values: Value[] = [];
  const anchors: number[] = model.indicators.map(() => NaN);
  const scope: EvaluationScope = {
    event: null,
    profile,
    subject: profile,
    params: resolveParams(model, profile),
    values,
    anchors,
    now: Date.UTC(2026, 0, 10),
    missing: () => undefined,
  };
  for (const indicator of model.indicators) {
    const { index, name } = indicator;
    if (indicator.kind === 'value') values[index] = indicator.expression.run(scope);
    else values[index] = figures[name as 'a'] ?? (name === 'a' || name === 'b' ? 0 : null);
    const seconds = values[index];
    if (name === 'gone' && typeof seconds === 'number') anchors[index] = scope.now - seconds * 1000;
  }
  const parts = dissectModel(model, rules.catalogue);
  return judge(parts.levels[0]?.condition as Part, scope);
}

const needs = (condition: Judged, wanted = true) =>
  needsFor(condition, wanted)?.map(({ part, wanted: to }) => `${to ? '' : '!'}${part.text}`) ?? null;

/** Comparisons of a tree in order: text, value, left, right, difference. */
function comparisons(condition: Judged): unknown[] {
  switch (condition.kind) {
    case 'and':
    case 'or':
      return condition.parts.flatMap(comparisons);
    case 'not':
    case 'named':
      return comparisons(condition.part);
    case 'choice':
      return [condition.condition, condition.yes, condition.no].flatMap(comparisons);
    case 'comparison':
      return [
        [condition.text, condition.value, condition.left.value, condition.right.value, condition.difference],
      ];
    case 'test':
      return [[condition.text, condition.value]];
  }
}

describe('a condition taken apart', () => {
  it('shows both sides of each comparison, with parameters by the profile, and how far they are apart', () => {
    const condition = judged('a >= 2 * params.many && b > 0', { a: 3, b: 1, credit: 'D' });
    expect(condition).toMatchObject({ kind: 'and', value: false });
    expect(comparisons(condition)).toEqual([
      ['a >= 2 * params.many', false, 3, 5, -2],
      ['b > 0', true, 1, 0, 1],
    ]);
    expect(comparisons(judged('a >= 2 * params.many', { a: 3 }))).toEqual([
      ['a >= 2 * params.many', false, 3, 10, -7],
    ]);
  });

  it('keeps the structure of &&, || and !, however they are bracketed', () => {
    const condition = judged('(a > 1 && (b > 1 && a > 2)) || !(b > 5 || a > 7)', { a: 2 });
    expect(condition).toMatchObject({
      kind: 'or',
      value: true,
      parts: [
        { kind: 'and', value: false, parts: [{ text: 'a > 1' }, { text: 'b > 1' }, { text: 'a > 2' }] },
        { kind: 'not', value: true, part: { kind: 'or', value: false } },
      ],
    });
  });

  it('says null and errors as they are, and which part decides', () => {
    const condition = judged('fined > 100 || a > 1', { a: 2 });
    expect(condition.value).toBe(true);
    expect(comparisons(condition)).toEqual([
      ['fined > 100', null, null, 100, null],
      ['a > 1', true, 2, 1, 1],
    ]);
    const failed = judged('fined > 100 || a > 1', { fined: new ExpressionError('EXPR_TYPE', 'no'), a: 1 });
    expect(failed.value).toBeInstanceOf(ExpressionError);
    expect(comparisons(judged('fined != null && has(subject.credit)'))).toEqual([
      ['fined != null', false, null, null, null],
      ['has(subject.credit)', true],
    ]);
  });

  it('gives the time since an event and the clock a value, in seconds', () => {
    expect(comparisons(judged('gone > days(3)', { gone: 86_400 }))).toEqual([
      ['gone > days(3)', false, 86_400, 259_200, -172_800],
    ]);
    const [clock] = comparisons(judged('now > timestamp("2026-01-12T00:00:00Z")')) as unknown[][];
    expect(clock?.[4]).toBe(-2 * 86_400);
  });

  it('looks into an indicator that is itself a condition', () => {
    const condition = judged('quiet && a < 3', { b: 1 });
    expect(condition).toMatchObject({
      parts: [{ kind: 'named', text: 'quiet', value: false, part: { kind: 'and' } }, { text: 'a < 3' }],
    });
    expect(needs(condition)).toEqual(['b == 0']);
  });
});

describe('the least that would have to come', () => {
  it('is what is not met of &&, and the easiest of ||', () => {
    expect(needs(judged('a >= 3 && b >= 1', { a: 1 }))).toEqual(['a >= 3', 'b >= 1']);
    expect(needs(judged('(a >= 3 && b >= 1) || a >= 9', { a: 2 }))).toEqual(['a >= 9']);
    expect(needs(judged('a >= 3 || a >= 9', { a: 2 }))).toEqual(['a >= 3']);
    expect(needs(judged('a >= 3', { a: 4 }))).toEqual([]);
  });

  it('is, of two of one size, that which is nearer, and rather of figures than of facts', () => {
    expect(needs(judged('b >= 90 || a >= 3', { a: 2 }))).toEqual(['a >= 3']);
    expect(needs(judged('subject.credit == "D" || a >= 3'))).toEqual(['a >= 3']);
  });

  it('turns round under !, and asks for false there, not for null', () => {
    expect(needs(judged('!(a > 1 || b > 1)', { a: 2 }))).toEqual(['!a > 1']);
    expect(needs(judged('!(a > 1 && b > 1)', { a: 2, b: 5 }))).toEqual(['!a > 1']);
    expect(needs(judged('!(fined > 10)'))).toEqual(['!fined > 10']);
  });

  it('goes through the arm of a choice that is taken, or to the other one', () => {
    const choice = 'subject.credit == "D" ? a > 1 : a > 8';
    expect(needs(judged(choice, { credit: 'D' }))).toEqual(['a > 1']);
    expect(needs(judged(choice))).toEqual(['a > 8']);
  });

  it('is nothing where a constant stands in the way', () => {
    expect(needs(judged('false && a > 1'))).toBeNull();
    expect(needs(judged('a > 1 && (b > 1 || true)'))).toEqual(['a > 1']);
  });
});

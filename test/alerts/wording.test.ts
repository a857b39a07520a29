import { describe, expect, it } from 'vitest';
import { messageOf } from '../../src/alerts/wording.js';
import type { ScoreEvidence, Transition } from '../../src/engine/output.js';
import { loadRules } from '../../src/model/load.js';
import { rulesWith } from '../model/rules-fixture.js';

const { rules } = loadRules(rulesWith(), '2025-06-01');

/** The sentence of a transition with this score. */
function sentenceOf(score: ScoreEvidence | null, change: Partial<Transition> = {}): unknown {
  if (rules === null) throw new Error('the fixture has a fault');
  const transition: Transition = {
    kind: 'transition',
    warning: '0'.repeat(32),
    ordinal: 0,
    model: 'food/repeat-complaints',
    scope: 'subject',
    key: 's:1',
    level: 'orange',
    previous: 'none',
    clock: Date.UTC(2025, 5, 1),
    raised: Date.UTC(2025, 5, 1),
    indicators: {},
    ...(score === null ? {} : { score }),
    params: {},
    profile: { name: '某饭店' },
    reason: 'raised',
    revision: '0'.repeat(16),
    item: 'food-operation',
    quiet: false,
    contributions: { events: [], total: 0, hash: '' },
    ...change,
  };
  const model = rules.models.find(({ name }) => name === transition.model);
  return messageOf(transition, model, undefined, rules.catalogue)['message'];
}

const line = (name: string, weight: number, contribution: ScoreEvidence['value'], missing = false) => ({
  name,
  weight,
  contribution,
  missing,
});

describe('the sentence of a warning', () => {
  it('says nothing of a score where there is none', () => {
    expect(sentenceOf(null)).toBe('【橙色预警】某饭店：同一食品经营者短期内被反复投诉。新发预警。');
  });

  it('says the score and what its lines contributed', () => {
    const score = { value: 72, lines: [line('投诉', 30, 30), line('检查', 40, 40), line('处罚', 30, 2)] };
    expect(sentenceOf(score)).toBe(
      '【橙色预警】某饭店：同一食品经营者短期内被反复投诉。新发预警。评分 72（投诉 30/30，检查 40/40，处罚 2/30）。',
    );
    expect(sentenceOf(score, { level: 'none', previous: 'orange', reason: 'cleared' })).toMatch(
      /，预警解除。评分 72（投诉 30\/30，检查 40\/40，处罚 2\/30）。$/,
    );
  });

  it('shows what is missing and what could not be computed, and nothing as reached that is not', () => {
    const lines = [
      line('投诉', 30, 29.999999),
      line('检查', 40, 0, true),
      line('处罚', 30, { error: 'EXPR_TYPE' }),
    ];
    expect(sentenceOf({ value: { error: 'EXPR_TYPE' }, lines })).toMatch(
      /评分 无法计算（投诉 29\.9\/30，检查 缺数据，处罚 无法计算\/30）。$/,
    );
  });
});

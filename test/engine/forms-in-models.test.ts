import { describe, expect, it } from 'vitest';
import { loadRules } from '../../src/model/load.js';
import { parseModelTests } from '../../src/model/tests.js';
import { runModelTests } from '../../src/pipeline/model-test.js';
import { rulesWith } from '../model/rules-fixture.js';

const RISE = `model: food/rise
title: 投诉突增
summary: 投诉比前三十日翻番，或者三日内集中发生。
item: food-operation
indicators:
  rise: { from: complaint, count: '*', over: 30d, versus: previous }
  paid: { from: complaint, avg: 'event.amount', over: 30d, versus: previous }
  burst: { from: complaint, count: '*', over: 60d, densest: 3d }
levels:
  orange: 'rise.ratio >= 2'
  yellow: 'burst >= 3'
plan: food-joint-check
advise: 无。
`;

function failuresOf(cases: string): string[] {
  const { rules, diagnostics } = loadRules(rulesWith({ 'food/rise.yaml': RISE }), '2025-06-01');
  const { tests, diagnostics: faults } = parseModelTests(
    'food/rise.test.yaml',
    `model: food/rise\ncases:\n${cases}`,
  );
  if (rules === null || tests === null) throw new Error(JSON.stringify([diagnostics, faults]));
  return runModelTests(tests, rules).cases.flatMap(({ failures }) => failures.map(({ message }) => message));
}

describe('a model with comparisons and densest spans', () => {
  it('raises and clears at the instants at which events change windows', () => {
    expect(
      failuresOf(`
  - name: 翻番后回落
    subject: {}
    events:
      - { at: 0d, complaint: { category: 食品, amount: 10 } }
      - { at: 35d, complaint: { category: 食品, amount: 20 }, times: 2, every: 1d }
    expect:
      - { at: 36d, level: orange, rise: { now: 2, before: 1, change: 1, ratio: 2 }, paid: { now: 20, before: 10, ratio: 2 }, burst: 2 }
      - { at: 60d, level: none, rise: { now: 2, before: 0, ratio: null }, paid: { before: null, change: null } }
`),
    ).toEqual([]);
  });

  it('sees a burst in facts that arrive in a batch, long after', () => {
    expect(
      failuresOf(`
  - name: 一批补录的投诉
    subject: {}
    events:
      - { at: 40d, time: 0d, complaint: { category: 食品 } }
      - { at: 40d, time: 2d, complaint: { category: 食品 } }
      - { at: 40d, time: 3d, complaint: { category: 食品 } }
      - { at: 41d, time: 1d, complaint: { category: 食品 } }
    expect:
      - { at: 41d, level: yellow, burst: 3 }
      - { at: 61d, level: none, burst: 2 }
`),
    ).toEqual([]);
  });

  it('takes an event back from the window before, later than ids of plain windows are known', () => {
    expect(
      failuresOf(`
  - name: 前一窗口的投诉被撤回
    subject: {}
    events:
      - { at: 0d, id: c1, complaint: { category: 食品 } }
      - { at: 1d, id: c2, complaint: { category: 食品 } }
      - { at: 45d, complaint: { category: 食品 }, times: 2, every: 1d }
      - { at: 50d, revokes: c2 }
    expect:
      - { at: 50d, level: orange, rise: { now: 2, before: 1, ratio: 2 } }
      - { at: 60d, level: none }
`),
    ).toEqual([]);
  });
});

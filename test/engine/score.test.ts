import { describe, expect, it, test } from 'vitest';
import { Engine } from '../../src/engine/engine.js';
import { MemoryKeyStore } from '../../src/engine/key-state.js';
import type { OperatorAlert, Transition } from '../../src/engine/output.js';
import type { JsonObject, LogRecord } from '../../src/events/event.js';
import { loadRules } from '../../src/model/load.js';
import { parseModelTests } from '../../src/model/tests.js';
import { runModelTests } from '../../src/pipeline/model-test.js';
import { rulesWith } from '../model/rules-fixture.js';

const HOUR = 3_600_000;
const START = Date.UTC(2025, 5, 1);

const model = (score: string, levels: string) => `model: food/scored
title: 综合评分
summary: 综合评分。
item: food-operation
indicators:
  complaints: { from: complaint, count: '*', over: 10d }
  amount: { from: complaint, last: 'event.amount', over: 10d }
  note: { from: complaint, last: 'event["note"]', over: 10d }
  failures: { from: inspection, where: 'event.result == "fail"', count: '*', over: 10d }
  checked: { from: inspection, since: last, over: 10d }
score:
${score}
levels:
${levels}
plan: food-joint-check
advise: 无。
`;

function rulesOf(score: string, levels: string) {
  const { rules, diagnostics } = loadRules(
    rulesWith({ 'food/scored.yaml': model(score, levels) }),
    '2025-06-01',
  );
  if (rules === null) throw new Error(JSON.stringify(diagnostics));
  return { ...rules, models: rules.models.filter(({ name }) => name === 'food/scored') };
}

/** What an engine says to complaints, one an hour. */
function outputs(score: string, levels: string, complaints: readonly JsonObject[], until = 0) {
  const transitions: Transition[] = [];
  const alerts: OperatorAlert[] = [];
  const engine = new Engine(rulesOf(score, levels), {
    namespace: 'test',
    partition: 0,
    store: new MemoryKeyStore(),
    emit: (output) => {
      if (output.kind === 'transition') transitions.push(output);
      else if (output.kind === 'operator') alerts.push(output);
    },
  });
  const log = complaints.map((data, index): LogRecord => {
    const at = START + index * HOUR;
    const key = 'subject:scored';
    return { kind: 'event', id: `e${index}`, stream: 'complaint', source: 's', key, time: at, at, data };
  });
  for (const [offset, record] of log.entries()) engine.step(record, offset);
  if (until > 0) engine.step({ kind: 'tick', at: START + until * HOUR }, log.length);
  engine.end();
  return { transitions, alerts };
}

/** Whatever the score, there is a transition that shows it. */
const ALWAYS = "  blue: 'score >= 0'";

describe('a line of a score', () => {
  const linear = "  - { name: 金额, weight: 30, of: 'amount', low: 2, high: 10 }";
  const bands = "  - { name: 金额, weight: 30, of: 'amount', bands: [[0, 0.1], [10000, 0.5], [100000, 1]] }";
  const condition = "  - { name: 金额, weight: 30, if: 'amount >= 5' }";
  test.each([
    [linear, 1, 0],
    [linear, 2, 0],
    [linear, 6, 15],
    [linear, 3, 3.75],
    [linear, 10, 30],
    [linear, 11, 30],
    [bands, -1, 0],
    [bands, 0, 3],
    [bands, 9999.99, 3],
    [bands, 10000, 15],
    [bands, 100000, 30],
    [condition, 4, 0],
    [condition, 5, 30],
    ["  - { name: 金额, weight: 30, of: 'amount', low: 0, high: 9 }", 1, 3.333333],
  ])('%s of %d', (line, amount, contribution) => {
    const { transitions } = outputs(line, ALWAYS, [{ category: '食品', amount }]);
    expect(transitions.map(({ score }) => score)).toEqual([
      { value: contribution, lines: [{ name: '金额', weight: 30, contribution, missing: false }] },
    ]);
  });

  test.each([linear, bands, condition])('%s of nothing contributes 0 and is missing', (line) => {
    const { transitions } = outputs(line, ALWAYS, [{ category: '食品' }]);
    expect(transitions[0]?.score).toEqual({
      value: 0,
      lines: [{ name: '金额', weight: 30, contribution: 0, missing: true }],
    });
  });
});

describe('a score', () => {
  const lines = `  - { name: 甲, weight: 33.3, of: 'complaints', low: 0, high: 3 }
  - { name: 乙, weight: 33.3, of: 'complaints', low: 0, high: 3 }
  - { name: 丙, weight: 33.4, of: 'complaints', low: 0, high: 3 }`;

  it('is the sum of what its lines show, so that a threshold that they reach is reached', () => {
    const { transitions } = outputs(lines, "  red: 'score >= 100'\n  yellow: 'score == 66.666667'", [
      {},
      {},
      {},
    ]);
    expect(transitions.map(({ level, score }) => [level, score?.value])).toEqual([
      ['yellow', 66.666667],
      ['red', 100],
    ]);
    expect(transitions[0]?.score?.lines.map(({ contribution }) => contribution)).toEqual([
      22.2, 22.2, 22.266667,
    ]);
  });

  it('that has an error is unknown: it neither raises nor clears, and the operators hear of it', () => {
    const score = `  - { name: 投诉, weight: 60, of: 'complaints', low: 0, high: 2 }
  - { name: 备注, weight: 40, of: 'note + 1', low: 0, high: 1 }`;
    const { transitions, alerts } = outputs(score, "  orange: 'score >= 60'\n  blue: 'complaints >= 1'", [
      { note: 0 },
      { note: 'text' },
      { note: 'text' },
      { note: 1 },
    ]);
    expect(
      transitions.map(({ clock, level, score: shown }) => [(clock - START) / HOUR, level, shown?.value]),
    ).toEqual([[0, 'orange', 70]]);
    expect(
      alerts.map(({ code, model: name, message }) => [code, name, message.split(':')[0]]),
    ).toContainEqual(['EXPR_TYPE', 'food/scored', 'score']);
    const first = outputs(score, "  orange: 'score >= 60'\n  blue: 'complaints >= 1'", [{ note: 'text' }]);
    expect(first.transitions[0]?.score).toEqual({
      value: { error: 'EXPR_TYPE' },
      lines: [
        { name: '投诉', weight: 60, contribution: 30, missing: false },
        { name: '备注', weight: 40, contribution: { error: 'EXPR_TYPE' }, missing: false },
      ],
    });
  });

  it('changes at the instant at which a line changes by time alone', () => {
    const tests = `model: food/scored
cases:
  - name: 六日未再检查，计入评分；投诉移出窗口后解除
    subject: {}
    events:
      - { at: 0d, inspection: { inspection: J-1, result: fail } }
      - { at: 1d, complaint: { category: 食品 }, times: 2, every: 1h }
    expect:
      - { at: 6d, level: yellow, score: 75, complaints: 2 }
      - { at: 6d, level: yellow, score: { 投诉: 20, 未查: 35 } }
`;
    const score = `  - { name: 投诉, weight: 40, of: 'complaints', low: 0, high: 4 }
  - { name: 失败, weight: 20, if: 'failures > 0' }
  - { name: 未查, weight: 40, if: 'checked >= days(6)' }`;
    const { tests: parsed } = parseModelTests('food/scored.test.yaml', tests);
    if (parsed === null) throw new Error('the test does not parse');
    const [result] = runModelTests(parsed, rulesOf(score, "  yellow: 'score >= 75'")).cases;
    // The first is wrong in the figure, and after it nothing more comes before day 10.
    expect(result?.failures.map(({ message }) => message)).toEqual([
      'at 6d yellow: expected score 75, came 80',
      'expected 6d yellow, came 10d none',
    ]);
  });

  it('wakes the model when the profile that it reads changes', () => {
    const tests = `model: food/scored
cases:
  - name: 信用降级计入评分
    subject: { credit: B }
    events:
      - { at: 1d, credit-change: { credit: D } }
      - { at: 3d, credit-change: { credit: A } }
    expect:
      - { at: 1d, level: yellow, score: { 信用: 40, 金额: 0 } }
      - { at: 3d, level: none, score: 0 }
`;
    const { tests: parsed } = parseModelTests('food/scored.test.yaml', tests);
    if (parsed === null) throw new Error('the test does not parse');
    const score = `  - { name: 信用, weight: 40, if: 'subject.credit == "D"' }
  - { name: 金额, weight: 60, of: 'amount', low: 0, high: 4 }`;
    const [result] = runModelTests(parsed, rulesOf(score, "  yellow: 'score >= 40'")).cases;
    expect(result?.failures).toEqual([]);
  });
});

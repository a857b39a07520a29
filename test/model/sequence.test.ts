import { describe, expect, test } from 'vitest';
import { streamFields } from '../../src/events/streams.js';
import { loadRules } from '../../src/model/load.js';
import type { WindowIndicator } from '../../src/model/model.js';
import { diagnosticsOf, MODEL, placeOf } from './faults.js';
import { COMPLAINTS, fixtureFile, replaced, rulesWith } from './rules-fixture.js';

/** The example of the model language, and one with every key that a step may have. */
const ORDER = '{ as: order, from: inspection, where: \'event.result == "fail" && event.deadline != null\' }';
const NOT = "{ not: rectification, where: 'event.inspection == order.id', until: 'order.deadline' }";
const LAST = "{ as: late, from: [complaint, penalty], where: 'event.amount > params.least', within: 14d }";
const PROFILED = '{ from: complaint, where: \'"食品经营" in subject.tags && event.amount > params.many\' }';

const TEXT = replaced(
  replaced(COMPLAINTS, 'params:\n', 'params:\n  least: 3\n'),
  'indicators:\n',
  `indicators:
  ignored:
    sequence:
      - ${ORDER}
      - ${NOT}
      - ${LAST}
      - ${PROFILED}
    over: 365d
`,
);

function indicatorsOf(text: string, files: { readonly [path: string]: string } = {}): WindowIndicator[] {
  const { rules, diagnostics } = loadRules(rulesWith({ [MODEL]: text, ...files }), '2025-06-01');
  if (rules === null) throw new Error(JSON.stringify(diagnostics));
  const model = rules.models.find(({ name }) => MODEL.startsWith(name));
  return (model?.indicators ?? []).filter((one) => one.kind === 'window');
}

const ignored = (text: string, files = {}) =>
  indicatorsOf(text, files).find(({ name }) => name === 'ignored');

describe('a sequence', () => {
  test('is a number over all streams of its steps, kept as long as the steps can take', () => {
    const window = ignored(TEXT);
    expect(window).toMatchObject({ operator: 'sequence', type: { type: 'number' }, nullable: false });
    expect(window?.from).toEqual(['inspection', 'rectification', 'complaint', 'penalty']);
    // 365 d, an instant that may lie 731 d ahead, 14 d, and 365 d where a step says nothing.
    expect((window?.keptMs ?? 0) / 86_400_000).toBe(365 + 731 + 14 + 365);
    expect(window?.sequence?.params).toEqual({ least: 3 });
  });

  test('is warned of a name that no later step reads', () => {
    const found = diagnosticsOf(MODEL, TEXT).filter(({ message }) => message.includes('step'));
    expect(found.map(({ code, severity, line }) => [code, severity, line])).toEqual([
      ['MODEL_STEP_UNUSED', 'warning', placeOf(TEXT, 'late').line],
    ]);
  });

  test.each([
    ['begins with what does not come', ORDER, NOT, 'MODEL_SEQUENCE_STEP', 'not:', 'begins with an event'],
    [
      'has a step of two kinds',
      'not: rect',
      'from: complaint, not: rect',
      'MODEL_SEQUENCE_STEP',
      '{ from: complaint, not',
      'either',
    ],
    [
      'has a step of no kind',
      'not: rectification, ',
      '',
      'MODEL_SEQUENCE_STEP',
      "{ where: 'event.insp",
      'either',
    ],
    [
      'waits before its first step',
      'as: order, from',
      'as: order, within: 3d, from',
      'MODEL_SEQUENCE_STEP',
      'within',
      'later step',
    ],
    [
      'names what did not come',
      'not: rect',
      'as: none, not: rect',
      'MODEL_SEQUENCE_STEP',
      'as: none',
      'the name at',
    ],
    [
      'has within where nothing comes',
      "until: 'order.deadline'",
      'within: 3d',
      'MODEL_SEQUENCE_STEP',
      'within: 3d',
      'until: 10d',
    ],
    ['never ends waiting', ", until: 'order.deadline'", '', 'MODEL_SEQUENCE_STEP', '{ not', 'until: 10d'],
    [
      'has until where something comes',
      'within: 14d',
      'until: 14d',
      'MODEL_SEQUENCE_STEP',
      'until: 14d',
      'within: 14d',
    ],
    [
      'has a name twice',
      'as: late',
      'as: order',
      'MODEL_SEQUENCE_STEP',
      'as: order, from: [',
      'another name',
    ],
    ['has a reserved name', 'as: late', 'as: event', 'MODEL_VALUE', 'event, from: [', undefined],
    ['has no limit that is one', 'within: 14d', 'within: 0d', 'MODEL_VALUE', '0d', undefined],
    ['waits for no time', "'order.deadline'", '0d', 'MODEL_SEQUENCE_UNTIL', '0d', 'longer than 0'],
    [
      'waits for a number',
      "'order.deadline'",
      "'order.score'",
      'MODEL_SEQUENCE_UNTIL',
      "'order.score'",
      'an instant',
    ],
    [
      'waits for a span',
      "'order.deadline'",
      "'order.deadline - order.time'",
      'MODEL_SEQUENCE_UNTIL',
      "'order.deadline -",
      'a duration',
    ],
    [
      'waits for an instant of its own',
      "'order.deadline'",
      '\'timestamp("2025-06-01T00:00:00Z")\'',
      'MODEL_SEQUENCE_UNTIL',
      "'timestamp",
      'as: order',
    ],
    ['reads a step that there is not', "order.deadline'", "ordr.deadline'", 'EXPR_NAME', 'ordr', undefined],
    ['reads a later step', 'order.id', 'late.id', 'EXPR_NAME', 'late.id', undefined],
    ['reads a field that there is not', 'order.id', 'order.number', 'EXPR_FIELD', 'number', undefined],
    [
      'reads the profile while matching',
      '== order.id',
      '== order.id && subject.credit == "D"',
      'MODEL_SEQUENCE_READS',
      "'event.inspection ==",
      'names no earlier one',
    ],
    [
      'reads a parameter by profile while matching',
      '== order.id',
      '== order.id && params.many > 1',
      'MODEL_SEQUENCE_READS',
      "'event.inspection ==",
      'params.many',
    ],
    ['reads the clock', '== order.id', '== order.id && now > order.time', 'EXPR_NAME', 'now', undefined],
    [
      'reads an unknown stream',
      'not: rectification',
      'not: rectifications',
      'MODEL_STREAM_UNKNOWN',
      'rectifications',
      undefined,
    ],
    [
      'has a key of windows',
      'over: 365d\n',
      'over: 365d\n    from: complaint\n',
      'MODEL_OPERATOR',
      'from: complaint\n',
      undefined,
    ],
    ['has no window', '    over: 365d\n', '', 'MODEL_NO_WINDOW', 'ignored', 'over: <duration>'],
    [
      'has an unquoted condition',
      "'order.deadline'",
      'order.deadline',
      'MODEL_QUOTE',
      'order.deadline }',
      undefined,
    ],
    ['has an unknown key in a step', 'within: 14d', 'wihtin: 14d', 'MODEL_UNKNOWN_KEY', 'wihtin', undefined],
  ])('that %s is refused', (_what, from, to, code, at, expected) => {
    const text = replaced(TEXT, from, to);
    const errors = diagnosticsOf(MODEL, text).filter(({ severity }) => severity === 'error');
    expect(errors.map((found) => found.code)).toContain(code);
    const fault = errors.find((found) => found.code === code);
    expect({ line: fault?.line, column: fault?.column }).toEqual(placeOf(text, at));
    if (expected !== undefined) expect(`${fault?.message} ${fault?.expected}`).toContain(expected);
  });

  test('of one step, or of nine, is refused', () => {
    const one = replaced(TEXT, `      - ${NOT}\n      - ${LAST}\n      - ${PROFILED}\n`, '');
    const nine = replaced(TEXT, `      - ${LAST}\n`, '      - { from: complaint }\n'.repeat(7));
    for (const text of [one, nine]) {
      expect(diagnosticsOf(MODEL, text).find(({ severity }) => severity === 'error')?.code).toBe(
        'MODEL_VALUE',
      );
    }
  });

  test.each([
    ['the limit of a step', 'within: 14d', 'within: 15d'],
    ['the instant', "'order.deadline'", "'order.deadline + days(1)'"],
    ['a condition at arrival', 'event.deadline != null', 'event.score != null'],
    ['a condition while matching', '== order.id', '!= order.id'],
    ['a stream', '[complaint, penalty]', '[complaint, judgment]'],
    [
      'the order of steps',
      `      - ${LAST}\n      - ${PROFILED}\n`,
      `      - ${PROFILED}\n      - ${LAST}\n`,
    ],
    ['the window', 'over: 365d\n', 'over: 364d\n'],
    ['a parameter that it reads', 'least: 3', 'least: 4'],
    ['a choice of a parameter that it reads', 'A: 8', 'A: 9'],
  ])('has another identity with another %s', (_what, from, to) => {
    expect(ignored(replaced(TEXT, from, to))?.identity).not.toBe(ignored(TEXT)?.identity);
  });

  test('keeps its identity in another order of keys and streams', () => {
    const text = replaced(
      replaced(TEXT, '[complaint, penalty]', '[penalty, complaint]'),
      'as: order, from: inspection',
      'from: inspection, as: order',
    );
    expect(ignored(text)?.identity).toBe(ignored(TEXT)?.identity);
  });

  test('has another identity where a list that it reads has other values', () => {
    const text = replaced(TEXT, '== order.id', '== order.id && event.content in list("banned-additives")');
    const lists = 'catalogue/lists.yaml';
    const other = { [lists]: replaced(fixtureFile(lists), '苏丹红', '苏丹绿') };
    expect(ignored(text, other)?.identity).not.toBe(ignored(text)?.identity);
  });

  test('over a short window is told to take a longer one, not to count by arrival', () => {
    const text = replaced(TEXT, 'over: 365d\n', 'over: 1d\n');
    const found = diagnosticsOf(MODEL, text).find(({ code }) => code === 'MODEL_DELAY');
    expect(found?.expected).toBe('over: 96h or more');
  });

  test('names an inspection, a penalty and a judgment by their number, which their streams have', () => {
    for (const [stream, field] of [
      ['inspection', 'inspection'],
      ['penalty', 'document'],
      ['judgment', 'case_no'],
    ] as const) {
      expect(streamFields(stream)[field]?.type).toEqual({ type: 'string' });
    }
  });
});

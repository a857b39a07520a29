// The time line of a failed case: which transitions are said to be the same, missing, unexpected or elsewhere in time.
import { describe, expect, it } from 'vitest';
import { timelineLines } from '../../src/app/timeline-lines.js';
import { parseModelTests } from '../../src/model/tests.js';
import type { Timeline } from '../../src/pipeline/case-timeline.js';
import { runModelTests } from '../../src/pipeline/model-test.js';
import { setOf } from '../engine/turns.js';

const rules = setOf({
  'sim/one': `
scope: subject
indicators: { a: { from: complaint, count: '*', over: 2d } }
levels: { red: 'a > 2', blue: 'a > 0' }`,
});

/** The case: blue at 0h, red at 2h, blue at 2d, none at 2d2h. */
function timelineFor(...expected: readonly string[]): Timeline | undefined {
  const text = `model: sim/one
cases:
  - name: n
    events: [ { at: 0h, complaint: { category: x }, times: 3, every: 1h } ]
    expect: [${expected.map((one) => `{ ${one} }`).join(', ')}]
`;
  const { tests, diagnostics } = parseModelTests('sim/one.test.yaml', text);
  if (tests === null) throw new Error(JSON.stringify(diagnostics));
  return runModelTests(tests, rules).cases[0]?.timeline;
}
const marks = (timeline: Timeline | undefined) =>
  timeline?.entries.map(({ mark, expected, came }) => [mark, expected?.at ?? '', came?.at ?? '']);

const RIGHT = ['at: 0h, level: blue', 'at: 2h, level: red', 'at: 2d, level: blue', 'at: 2d2h, level: none'];
const [FIRST = '', SECOND = '', THIRD = '', LAST = ''] = RIGHT;

describe('the time line of a case', () => {
  it('is there only where the case fails', () => {
    expect(timelineFor(...RIGHT)).toBeUndefined();
    expect(timelineFor(...RIGHT.slice(1))).toBeDefined();
  });

  it('says what is missing and what nobody expected, and goes on after it', () => {
    expect(marks(timelineFor(FIRST, 'at: 1h, level: orange', THIRD, LAST))).toEqual([
      ['same', '0d', '0d'],
      ['missing', '1h', ''],
      ['unexpected', '', '2h'],
      ['same', '2d', '2d'],
      ['same', '2d2h', '2d2h'],
    ]);
  });

  it('says that the same came at another instant', () => {
    expect(marks(timelineFor(FIRST, 'at: 3h, level: red', THIRD, LAST))).toEqual([
      ['same', '0d', '0d'],
      ['moved', '3h', '2h'],
      ['same', '2d', '2d'],
      ['same', '2d2h', '2d2h'],
    ]);
  });

  it('says that figures are others', () => {
    const timeline = timelineFor(FIRST, `${SECOND}, a: 4, b: 1`, THIRD, LAST);
    expect(timeline?.entries[1]).toEqual({
      mark: 'figures',
      expected: { at: '2h', local: '2025-03-03 02:00:00', level: 'red', feed: null, key: null },
      came: { at: '2h', local: '2025-03-03 02:00:00', level: 'red', feed: null, key: null },
      figures: [
        { name: 'a', expected: 4, came: 3 },
        { name: 'b', expected: 1 },
      ],
    });
  });

  it('shows everything where nothing was expected, and nothing else where nothing came', () => {
    expect(marks(timelineFor())).toEqual([
      ['unexpected', '', '0d'],
      ['unexpected', '', '2h'],
      ['unexpected', '', '2d'],
      ['unexpected', '', '2d2h'],
    ]);
  });
});

describe('a transition at a fraction of a second', () => {
  const sampled = setOf({
    'sim/one': `
scope: subject
indicators:
  last: { from: complaint, last: 'event.time', over: 60d }
  old: { value: 'now - last >= days(3)', every: 1d }
levels: { blue: 'old' }`,
  });
  const failuresWith = (at: string) => {
    const text = `model: sim/one
cases:
  - name: n
    events: [ { at: 1h, complaint: { category: x } } ]
    expect: [ { at: ${at}, level: blue }, { at: 61d, level: none } ]
`;
    const { tests } = parseModelTests('sim/one.test.yaml', text);
    if (tests === null) throw new Error(text);
    return runModelTests(tests, sampled).cases[0]?.failures.map(({ message }) => message);
  };

  it('is expected at the whole second in which it comes', () => {
    const [message] = failuresWith('4d') ?? [];
    const [, came = ''] = /^expected 4d blue, came (4d\d+m\d+s) blue$/.exec(message ?? '') ?? [];
    expect(came).not.toBe('');
    expect(failuresWith(came)?.[0]).toMatch(/^expected 61d none/);
  });
});

describe('its lines', () => {
  const timeline = timelineFor(FIRST, 'at: 3h, level: red, a: 4', 'at: 1d, level: orange', LAST);

  it('can be read without colour, in local time and Chinese', () => {
    expect(timeline).toBeDefined();
    if (timeline === undefined) return;
    expect(timelineLines(timeline, false)).toEqual([
      '    应有（-）与实际（+），Asia/Shanghai 时间：',
      '      2025-03-03 00:00:00  0d    蓝色预警',
      '    ~ 2025-03-03 02:00:00  2h    红色预警  时刻不同：应在 2025-03-03 03:00:00（3h）；a 应为 4，实为 3',
      '    - 2025-03-04 00:00:00  1d    橙色预警  缺少：应有而没有发生',
      '    + 2025-03-05 00:00:00  2d    蓝色预警  多出：发生了而没有写明',
      '      2025-03-05 02:00:00  2d2h  解除',
    ]);
  });

  it('have the differences coloured on a terminal, and say the same', () => {
    if (timeline === undefined) return;
    const coloured = timelineLines(timeline, true);
    const plain = timelineLines(timeline, false);
    expect(coloured.map((line) => line.replace(/\u001b\[\d+m/g, ''))).toEqual(plain);
    expect(coloured.map((line, index) => line !== plain[index])).toEqual([
      ...[false, false, true, true, true, false],
    ]);
  });
});

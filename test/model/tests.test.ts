import { describe, expect, test } from 'vitest';
import { parseModelTests, TEST_ORIGIN_MS } from '../../src/model/tests.js';

const PATH = 'food/repeat-complaints.test.yaml';

const HEAD = 'model: food/repeat-complaints\ncases:\n';

function parsed(text: string) {
  const { tests, diagnostics } = parseModelTests(PATH, text);
  if (tests === null) throw new Error(JSON.stringify(diagnostics));
  return tests;
}

describe('a file of tests', () => {
  const tests = parsed(`model: food/repeat-complaints
cases:
  - name: a third complaint in a week is yellow, and a year-old one does not count
    subject: { credit: B, tags: [食品经营], cadence: 600, established: 2020-05-01 }
    events:
      - { at: 0d, complaint: { category: 食品过期, complainant: 'p{n}', injured: '{n}' }, times: 3, every: 1d }
      - { at: -400d, complaint: { category: 食品过期, complainant: p0 } }
    expect:
      - { at: 2d, level: yellow, complaints: 3, share: 0.5, quiet: 2d, silent: true, code: '010100', rate: null }
      - { at: 8d, level: none }
  - name: other categories stay silent
    events: [ { at: 0d, complaint: { category: 噪音, anonymous: false }, times: 20, every: 1h } ]
    expect: []
`);

  test('names its model, its cases and their places', () => {
    expect(tests.model).toBe('food/repeat-complaints');
    expect(tests.cases.map(({ name, line, scope }) => [name.slice(0, 7), line, scope])).toEqual([
      ['a third', 3, 'subject'],
      ['other c', 11, null],
    ]);
  });

  test('profiles are typed by the fields of the registry', () => {
    expect(tests.cases[0]?.profile).toEqual({
      credit: 'B',
      tags: ['食品经营'],
      cadence: 600,
      established: '2020-05-01',
    });
  });

  test('repetitions are written out with their number, and all events are in order of arrival', () => {
    const day = 86_400_000;
    expect(
      tests.cases[0]?.events.map(({ atMs, timeMs, data }) => [
        atMs,
        timeMs,
        data['complainant'],
        data['injured'],
      ]),
    ).toEqual([
      [-400 * day, -400 * day, 'p0', undefined],
      [0, 0, 'p1', 1],
      [day, day, 'p2', 2],
      [2 * day, 2 * day, 'p3', 3],
    ]);
    expect(tests.cases[1]?.events).toHaveLength(20);
    expect(tests.cases[1]?.events[0]?.data).toEqual({ category: '噪音', anonymous: false });
  });

  test('figures are typed by how they look, quoted ones are text', () => {
    expect(tests.cases[0]?.expect[0]).toEqual({
      atMs: 172_800_000,
      level: 'yellow',
      feed: null,
      key: null,
      figures: { complaints: 3, share: 0.5, quiet: 172_800, silent: true, code: '010100', rate: null },
      line: 9,
    });
    expect(tests.cases[0]?.expect[1]?.figures).toEqual({});
  });
});

test('a revocation names an earlier event by its id and takes its stream', () => {
  const tests = parsed(`${HEAD}  - name: x
    device: { kind: device, owner: 'local:1' }
    events:
      - { at: 0d, id: 'p{n}', source: court, penalty: { amount: 100 }, times: 2, every: 1d }
      - { at: 3d, revokes: p2 }
      - { at: 4d, time: 1d, amends: p1, penalty: { amount: 50 }, backfill: true }
    expect: []
`);
  const events = tests.cases[0]?.events ?? [];
  expect(tests.cases[0]?.scope).toBe('device');
  expect(
    events.map(({ id, source, revokes, amends, stream }) => [id, source, revokes, amends, stream]),
  ).toEqual([
    ['p1', 'court', null, null, 'penalty'],
    ['p2', 'court', null, null, 'penalty'],
    [null, null, 'p2', null, 'penalty'],
    [null, null, null, 'p1', 'penalty'],
  ]);
  expect(events[3]).toMatchObject({
    atMs: 345_600_000,
    timeMs: 86_400_000,
    backfill: true,
    data: { amount: 50 },
  });
});

test('instants in data may be offsets from the origin, which move along with repetitions', () => {
  const tests = parsed(`${HEAD}  - name: x
    events:
      - { at: 0d, inspection: { inspection: 'i{n}', result: fail, deadline: 10d }, times: 2, every: 1d }
      - { at: 3d, inspection: { inspection: i9, result: fail, deadline: 2025-04-01, problems: [{ code: a, severity: major }] } }
    expect: []
`);
  expect(new Date(TEST_ORIGIN_MS).toISOString()).toBe('2025-03-02T16:00:00.000Z');
  expect(tests.cases[0]?.events.map((event) => event.data['deadline'])).toEqual([
    '2025-03-12T16:00:00.000Z',
    '2025-03-13T16:00:00.000Z',
    '2025-04-01',
  ]);
  expect(tests.cases[0]?.events[2]?.data['problems']).toEqual([{ code: 'a', severity: 'major' }]);
});

test('a field that its stream does not declare is kept, with a warning', () => {
  const { tests, diagnostics } = parseModelTests(
    PATH,
    `${HEAD}  - name: x\n    events: [{ at: 0d, complaint: { categry: a, extra: 5 } }]\n    expect: []\n`,
  );
  expect(tests?.cases[0]?.events[0]?.data).toEqual({ categry: 'a', extra: 5 });
  expect(
    diagnostics.map(({ code, severity, line, column, nearest }) => [code, severity, line, column, nearest]),
  ).toEqual([
    ['TEST_UNKNOWN_NAME', 'warning', 4, 37, 'category'],
    ['TEST_UNKNOWN_NAME', 'warning', 4, 49, undefined],
  ]);
});

describe('faults', () => {
  const oneCase = (body: string) => `${HEAD}  - name: x\n${body}`;
  test.each([
    ['no cases', 'model: food/repeat-complaints\n', 'TEST_MISSING_KEY', 1, 1, undefined],
    [
      'another model',
      'model: food/x\ncases: [{ name: x, events: [], expect: [] }]\n',
      'MODEL_PATH',
      1,
      8,
      undefined,
    ],
    ['an unknown key', oneCase('    evnts: []\n    expect: []\n'), 'TEST_UNKNOWN_KEY', 4, 5, 'events'],
    [
      'an unknown stream',
      oneCase('    events: [{ at: 0d, complain: { a: b } }]\n    expect: []\n'),
      'TEST_UNKNOWN_KEY',
      4,
      24,
      'complaint',
    ],
    [
      'a bad offset',
      oneCase('    events: [{ at: 3, complaint: { a: b } }]\n    expect: []\n'),
      'TEST_VALUE',
      4,
      20,
      undefined,
    ],
    [
      'a bad level',
      oneCase('    events: []\n    expect: [{ at: 0d, level: purple }]\n'),
      'TEST_VALUE',
      5,
      31,
      undefined,
    ],
    [
      'a wrong type',
      oneCase('    events: [{ at: 0d, penalty: { amount: much } }]\n    expect: []\n'),
      'TEST_VALUE',
      4,
      43,
      undefined,
    ],
    [
      'an unknown profile field',
      oneCase('    subject: { credt: A }\n    events: []\n    expect: []\n'),
      'TEST_UNKNOWN_NAME',
      4,
      16,
      'credit',
    ],
    [
      'an unknown id',
      oneCase(
        '    events: [{ at: 0d, id: c1, complaint: { category: a } }, { at: 1d, revokes: c2 }]\n    expect: []\n',
      ),
      'TEST_UNKNOWN_NAME',
      4,
      81,
      'c1',
    ],
    [
      'no stream',
      oneCase('    events: [{ at: 0d }]\n    expect: []\n'),
      'TEST_MISSING_KEY',
      4,
      14,
      undefined,
    ],
    [
      'two streams',
      oneCase(
        '    events: [{ at: 0d, complaint: { category: a }, penalty: { amount: 1 } }]\n    expect: []\n',
      ),
      'TEST_VALUE',
      4,
      52,
      undefined,
    ],
    [
      'times without every',
      oneCase('    events: [{ at: 0d, complaint: { category: a }, times: 3 }]\n    expect: []\n'),
      'TEST_MISSING_KEY',
      4,
      59,
      undefined,
    ],
    [
      'two profiles',
      oneCase('    subject: {}\n    device: {}\n    events: []\n    expect: []\n'),
      'TEST_VALUE',
      5,
      5,
      undefined,
    ],
    ['broken YAML', 'model: "x\n', 'YAML_SYNTAX', 2, 1, undefined],
  ])('%s', (_what, text, code, line, column, nearest) => {
    const { tests, diagnostics } = parseModelTests(PATH, text);
    expect(tests).toBeNull();
    expect(diagnostics.map((found) => [found.code, found.line, found.column, found.nearest])).toContainEqual([
      code,
      line,
      column,
      nearest,
    ]);
  });

  test('repetitions beyond the limit are refused before they are written out', () => {
    const event = '{ at: 0d, complaint: { category: a }, times: 20000, every: 1s }';
    const { tests, diagnostics } = parseModelTests(
      PATH,
      oneCase(`    events: [${event}, ${event}]\n    expect: []\n`),
    );
    expect(tests).toBeNull();
    expect(diagnostics[0]?.expected).toBe('at most 20000 a case');
  });
});

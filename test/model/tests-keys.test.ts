import { describe, expect, test } from 'vitest';
import { parseModelTests, testKeyId } from '../../src/model/tests.js';
import { placeOf } from './faults.js';

const PATH = 'food/crowd.test.yaml';

function parse(body: string) {
  const text = `model: food/crowd\ncases:\n  - name: one\n${body}`;
  return { text, ...parseModelTests(PATH, text) };
}

function caseOf(body: string) {
  const { tests, diagnostics } = parse(body);
  const one = tests?.cases[0];
  if (one === undefined) throw new Error(JSON.stringify(diagnostics));
  return one;
}

/** The one fault of a case: code, and whether it stands where `at` first does. */
function faultOf(body: string, at: string) {
  const { text, tests, diagnostics } = parse(body);
  expect(tests).toBeNull();
  expect(diagnostics.map(({ line, column }) => ({ line, column }))).toEqual([placeOf(text, at)]);
  return diagnostics[0];
}

describe('a case with several keys', () => {
  const one = caseOf(`    subject: { credit: B }
    subjects: { shop-a: { region: '330106', tags: [食品经营] }, shop-b: {} }
    devices: { alarm: {}, probe: { owner: shop-b, capacity: 5 } }
    places: { square: { region: '330106' } }
    events:
      - { at: 0d, complaint: { category: 食品 } }
      - { at: 1d, complaint: { category: 食品 }, subject: shop-a, id: 'c{n}', times: 2, every: 1d }
      - { at: 3d, opinion: { platform: 微博 }, place: square }
      - { at: 4d, sensor-reading: { metric: gas, value: 3 }, device: alarm }
      - { at: 5d, complaint: {}, revokes: c2 }
      - { at: 6d, registration: { capacity: 9 }, device: probe }
    expect:
      - { at: 1d, level: yellow, key: shop-a, n: 2 }
      - { at: 2d, level: red, key: '330106' }
      - { at: 3d, level: red, key: I62 }
      - { at: 4d, level: red, key: 330106/I62 }
      - { at: 5d, level: none }
`);

  test('declares them by name, typed by the registry', () => {
    expect(one.scope).toBe('subject');
    expect(one.others.map(({ scope, name, profile }) => [scope, name, profile])).toEqual([
      ['subject', 'shop-a', { region: '330106', tags: ['食品经营'] }],
      ['subject', 'shop-b', {}],
      ['device', 'alarm', { owner: testKeyId() }],
      ['device', 'probe', { owner: testKeyId('shop-b'), capacity: 5 }],
      ['place', 'square', { region: '330106' }],
    ]);
  });

  test('says of each event whose it is, and a revocation belongs where its event does', () => {
    expect(one.events.map(({ key }) => key?.name ?? null)).toEqual([
      null,
      'shop-a',
      'shop-a',
      'square',
      'alarm',
      'shop-a',
      'probe',
    ]);
  });

  test('says on which key a transition must come; the name of one is no figure', () => {
    expect(one.expect.map(({ key }) => key)).toEqual(['shop-a', '330106', 'I62', '330106/I62', null]);
    expect(one.expect[0]?.figures).toEqual({ n: 2 });
  });
});

test('repetitions may each be of another key', () => {
  const one = caseOf(`    subjects: { s1: {}, s2: {} }
    events: [ { at: 0d, complaint: {}, subject: 's{n}', times: 2, every: 1h } ]
    expect: []
`);
  expect(one.events.map(({ key }) => key)).toEqual([
    { scope: 'subject', name: 's1' },
    { scope: 'subject', name: 's2' },
  ]);
});

test('an owner is the subject of the case only where it has one, and is kept as it stands where none is declared', () => {
  const one = caseOf(`    device: { owner: '91330100MA27XXXX' }
    devices: { other: {} }
    events: []
    expect: []
`);
  expect(one.profile).toEqual({ owner: '91330100MA27XXXX' });
  expect(one.others[0]?.profile).toEqual({});
});

test('the device of a case may belong to a subject that it declares', () => {
  const one = caseOf(`    device: { owner: shop }
    subjects: { shop: { credit: D } }
    events: [ { at: 0d, sensor-reading: { metric: gas, value: 3 } } ]
    expect: []
`);
  expect(one.profile).toEqual({ owner: testKeyId('shop') });
  expect(one.events[0]?.key).toBeNull();
});

describe('a fault in the keys of a case', () => {
  const EMPTY = 'events: []\n    expect: []\n';
  const readings = (key: string) =>
    `events: [ { at: 0d, sensor-reading: { metric: gas, value: 3 }${key} } ]\n    expect: []\n`;

  test.each([
    ['two profiles of its own', `    subject: {}\n    place: {}\n    ${EMPTY}`, 'place', 'TEST_VALUE'],
    [
      'a name that stands twice',
      `    subjects: { a: {} }\n    devices: { a: {} }\n    ${EMPTY}`,
      'a: {} }\n    events',
      'TEST_VALUE',
    ],
    ['the name of the case itself', `    subjects: { key: {} }\n    ${EMPTY}`, 'key:', 'TEST_VALUE'],
    ['a name in another form', `    subjects: { A店: {} }\n    ${EMPTY}`, 'A店', 'TEST_VALUE'],
    [
      'an owner that is not declared',
      `    subjects: { shop: {} }\n    devices: { d: { owner: shap } }\n    ${EMPTY}`,
      'shap',
      'TEST_UNKNOWN_NAME',
    ],
    [
      'a fact that no profile has',
      `    subjects: { shop: { tag: a } }\n    ${EMPTY}`,
      'tag',
      'TEST_UNKNOWN_NAME',
    ],
    [
      'a subject that is not declared',
      `    subjects: { shop: {} }\n    events: [ { at: 0d, complaint: {}, subject: shap } ]\n    expect: []\n`,
      'shap',
      'TEST_UNKNOWN_NAME',
    ],
    [
      'an event of two keys',
      `    subjects: { a: {} }\n    places: { b: {} }\n    events: [ { at: 0d, complaint: {}, subject: a, place: b } ]\n    expect: []\n`,
      'place: b',
      'TEST_VALUE',
    ],
    [
      'a complaint of a device',
      `    devices: { d: {} }\n    events: [ { at: 0d, complaint: {}, device: d } ]\n    expect: []\n`,
      'device: d',
      'TEST_VALUE',
    ],
    [
      'a reading of a subject',
      `    subjects: { a: {} }\n    ${readings(', subject: a')}`,
      'subject: a',
      'TEST_VALUE',
    ],
    [
      'a reading of nobody',
      `    subject: {}\n    devices: { d: {} }\n    ${readings('')}`,
      '{ at: 0d',
      'TEST_MISSING_KEY',
    ],
    [
      'a transition on no key',
      `    events: []\n    expect: [ { at: 0d, level: red, key: nobody } ]\n`,
      'nobody',
      'TEST_UNKNOWN_NAME',
    ],
  ])('%s', (_what, body, at, code) => {
    expect(faultOf(body, at)?.code).toBe(code);
  });
});

import { describe, expect, test } from 'vitest';
import { runRouteTests } from '../../src/alerts/route-cases.js';
import { parseRouteTests } from '../../src/model/route-tests.js';
import { catalogueWith } from '../alerts/routes-fixture.js';
import { placeOf } from './faults.js';
import { replaced } from './rules-fixture.js';

const catalogue = catalogueWith(`
routes:
  - { name: red, match: { level: red }, to: [{ department: government }], add: true }
  - { name: schools, match: { tag: 学校 }, to: [{ department: government, role: lead }] }
fallback: { departments: [government] }
`);
const VALID = `cases:
  - name: 东街道
    warning: { item: food-operation, region: "330106001", level: yellow, scope: subject, model: food/x, tags: [食堂] }
    by: usual
    expect:
      - { department: health, role: cooperating, channels: [file] }
      - { department: market-east, role: lead, channels: [file] }
  - name: 西街道
    warning: { item: food-operation, region: "330106002", level: blue, merges: [gas-use] }
    expect:
      - { department: market-west, role: lead, channels: [sms, file] }
      - { department: housing, role: lead, channels: [file] }
      - { department: health, role: cooperating, channels: [file] }
      - { department: fire, role: cooperating, channels: [file] }
  - name: 未知事项
    warning: { item: gone, level: blue }
    by: fallback
    expect: [{ department: government, role: lead, channels: [file] }]
`;

function failuresOf(text: string) {
  const { cases, diagnostics } = parseRouteTests(text, catalogue);
  expect(diagnostics).toEqual([]);
  return runRouteTests(cases ?? [], catalogue).cases.flatMap(({ name, failures }) =>
    failures.map(({ line, message }) => `${line} ${name}: ${message}`),
  );
}

describe('tests of routes', () => {
  test('hold where exactly those expected are told, in any order, and name the rules that no case needs', () => {
    expect(failuresOf(VALID)).toEqual([]);
    const { cases } = parseRouteTests(VALID, catalogue);
    expect(runRouteTests(cases ?? [], catalogue).unreached).toEqual(['red', 'schools']);
  });

  test.each([
    [
      'another role',
      'market-east, role: lead',
      'market-east, role: cooperating',
      '7 东街道: expected market-east in copy by file, came as lead by file',
    ],
    [
      'another channel',
      '[sms, file]',
      '[sms]',
      '11 西街道: expected market-west as lead by sms, came as lead by file, sms',
    ],
    [
      'another department',
      'department: fire',
      'department: market-east',
      '14 西街道: expected market-east in copy by file, came nothing',
    ],
    ['another rule', 'by: usual', 'by: red', '2 东街道: expected by red, came by usual'],
  ])('fail with %s, and say what came', (_, from, to, failure) => {
    expect(failuresOf(replaced(VALID, from, to))[0]).toBe(failure);
  });

  test('fail where somebody hears whom no line names', () => {
    const text = replaced(VALID, '      - { department: health, role: cooperating, channels: [file] }\n', '');
    expect(failuresOf(text)).toEqual(['2 东街道: came health in copy by file, expected nothing']);
  });

  test.each([
    ['an unknown key', 'by: usual', 'bye: usual', 'TEST_UNKNOWN_KEY', 'bye'],
    [
      'a missing item',
      'item: food-operation, region: "330106002", level',
      'region: "330106002", level',
      'TEST_MISSING_KEY',
      '{ region: "330106002"',
    ],
    ['an unknown level', 'level: yellow', 'level: yelow', 'TEST_VALUE', 'yelow'],
    ['a role that is none', 'role: lead', 'role: chief', 'TEST_VALUE', 'chief'],
    ['no channel', '[sms, file]', '[]', 'TEST_VALUE', '[]'],
    ['an unknown item', 'item: food-operation', 'item: food-operatin', 'TEST_UNKNOWN_NAME', 'food-operatin'],
    ['an unknown item to merge', '[gas-use]', '[gas-us]', 'TEST_UNKNOWN_NAME', 'gas-us'],
    ['an unknown rule', 'by: usual', 'by: usul', 'TEST_UNKNOWN_NAME', 'usul'],
    ['an unknown department', 'department: fire', 'department: fir', 'TEST_UNKNOWN_NAME', 'fir,'],
  ])('are refused with %s, at its place', (_, from, to, code, at) => {
    const text = replaced(VALID, from, to);
    const { cases, diagnostics } = parseRouteTests(text, catalogue);
    expect(cases).toBeNull();
    expect(diagnostics.map((one) => [one.code, one.line, one.column])).toEqual([
      [code, placeOf(text, at).line, placeOf(text, at).column],
    ]);
  });
});

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { correctedLine, requoted } from '../../src/model/quoting.js';
import { SourceText } from '../../src/model/source.js';
import { nodeAt, parseYaml, plainOf, type TextNode, type YamlNode } from '../../src/model/yaml.js';
import { diagnosticsOf, MODEL } from './faults.js';
import { COMPLAINTS } from './rules-fixture.js';

function parsed(text: string): YamlNode {
  const { root, faults } = parseYaml(text);
  if (root === null) throw new Error(JSON.stringify(faults));
  return root;
}

const formatted = (text: string) => requoted(text, parsed(text)).text;

/** A model in which everything that may be an expression is one, each in double quotes. */
const WRONG = `# 说明
model:   "a/b"   # stays
where: "has(subject.tags)"
params: { few: "3" }
indicators:
  a: { from: complaint, where: "event.category == 'x'", count: "*",  over: "7d" }
  b: {from: complaint,distinct: "event.complainant",over: 7d}
  c:
    sequence:
      - { as: order, from: inspection, where: event.result == "fail" }
      - { not: rectification, where: "event.inspection == order.id", until: "order.deadline" }
      - { not: rectification, until: 10d }
    over: 365d
  d: { value: a / b }
  e: { from: complaint, since: "last", over: 7d }
  f: { from: complaint, absent: true, over: 7d }
score:
  - { name: "x", weight: 60, of: a, low: 0, high: 1 }
  - { name: y, weight: 20, of: "a", low: 0, high: 1 }
  - { name: z, weight: 20, if: a > 1 }
levels:
  red:    "a > 5"   # why

  orange: >-
    a > 4
  yellow: a > 3
    && b > 2
clear: { red: "a < 1" }
`;
const RIGHT = `# 说明
model:   "a/b"   # stays
where: 'has(subject.tags)'
params: { few: "3" }
indicators:
  a: { from: complaint, where: 'event.category == ''x''', count: "*",  over: "7d" }
  b: {from: complaint,distinct: 'event.complainant',over: 7d}
  c:
    sequence:
      - { as: order, from: inspection, where: 'event.result == "fail"' }
      - { not: rectification, where: 'event.inspection == order.id', until: 'order.deadline' }
      - { not: rectification, until: 10d }
    over: 365d
  d: { value: 'a / b' }
  e: { from: complaint, since: "last", over: 7d }
  f: { from: complaint, absent: true, over: 7d }
score:
  - { name: "x", weight: 60, of: a, low: 0, high: 1 }
  - { name: y, weight: 20, of: 'a', low: 0, high: 1 }
  - { name: z, weight: 20, if: 'a > 1' }
levels:
  red:    'a > 5'   # why

  orange: >-
    a > 4
  yellow: 'a > 3 && b > 2'
clear: { red: 'a < 1' }
`;

describe('a file with expressions in the wrong quotes', () => {
  test('has them in single quotes afterwards, and everything else as it was', () => {
    expect(formatted(WRONG)).toBe(RIGHT);
    expect(plainOf(parsed(RIGHT))).toEqual(plainOf(parsed(WRONG)));
  });

  test('keeps its line ends', () => {
    const windows = (text: string) => text.replaceAll('\n', '\r\n');
    expect(formatted(windows(WRONG))).toBe(windows(RIGHT));
  });

  test('is not changed by being put right again', () => {
    expect(formatted(RIGHT)).toBe(RIGHT);
  });

  test('keeps anchors, and puts right what an alias names where it stands', () => {
    expect(formatted('levels: { red: &a "x > 1", blue: *a }\n')).toBe(
      "levels: { red: &a 'x > 1', blue: *a }\n",
    );
  });

  test('is right where keys have no value, or values of another form', () => {
    const text = 'where:\nindicators: { a: x, b: { where: [y], sum: } }\nscore: z\nlevels: []\n';
    expect(formatted(text)).toBe(text);
  });

  test('keeps what cannot stand in single quotes on one line, and says so', () => {
    const text =
      'levels:\n  red: "a > 1 // why\\n && b > 1"\n  blue: "a == \\"\\a\\""\n  orange: "a\\n > 1"\n';
    const { text: after, left } = requoted(text, parsed(text));
    expect(after).toBe(text.replace('"a\\n > 1"', "'a > 1'"));
    expect(left.map(({ start }) => text.slice(start).split(' ')[0])).toEqual(['"a', '"a']);
    expect(left.map(({ value }) => value)).toEqual(['a > 1 // why\n && b > 1', 'a == "\u{07}"']);
  });

  test('means the same afterwards, whatever the expression', () => {
    const text = fc.string({ unit: fc.constantFrom(...`ab'"\\ #:,{}[]&*!|>%@\`-?食\t`) });
    fc.assert(
      fc.property(text, text, (one, other) => {
        const before = `levels: { red: ${JSON.stringify(one)}, blue: 'x' } # "c"\nclear:\n  red: ${JSON.stringify(other)}\n`;
        const after = formatted(before);
        expect(plainOf(parsed(after))).toEqual(plainOf(parsed(before)));
        expect(formatted(after)).toBe(after);
      }),
    );
  });
});

describe('the corrected line', () => {
  test('puts a scalar into single quotes', () => {
    const text = 'levels:\n  red: a == "it\'s" # why\n  x: "b"\n';
    const source = new SourceText(text);
    const root = parsed(text);
    const corrected = (key: string) => correctedLine(source, nodeAt(root, ['levels', key]) as TextNode);
    expect(corrected('red')).toBe(`red: 'a == "it''s"' # why`);
    expect(corrected('x')).toBe(`x: 'b'`);
  });

  test('is the one that the file has once it is put right', () => {
    const wrong = COMPLAINTS.replace(/'(complaints|event|failures|"食品)([^\n,]*?)'(?= *[,}\n])/g, (quoted) =>
      JSON.stringify(quoted.slice(1, -1).replaceAll("''", "'")),
    );
    const faults = diagnosticsOf(MODEL, wrong);
    expect(faults.length).toBeGreaterThan(4);
    expect(new Set(faults.map(({ code }) => code))).toEqual(new Set(['MODEL_QUOTE']));
    expect(formatted(wrong)).toBe(COMPLAINTS);
    const lines = COMPLAINTS.split('\n');
    const alone = faults.filter(({ line }) => faults.filter((one) => one.line === line).length === 1);
    expect(alone.map(({ expected }) => expected)).toEqual(alone.map(({ line }) => lines[line - 1]?.trim()));
  });
});

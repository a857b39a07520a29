import { describe, expect, test } from 'vitest';
import { SourceText } from '../../src/model/source.js';
import { nodeAt, parseYaml, plainOf, type TextNode } from '../../src/model/yaml.js';

function parsed(text: string) {
  const { root, faults } = parseYaml(text);
  if (faults !== null) throw new Error(faults.map((fault) => fault.message).join('; '));
  return root;
}

describe('scalars', () => {
  test('every scalar is text, as it stands', () => {
    const root = parsed('region: 010100\nyes: no\nempty:\nn: ~\nlist: [1.0, 0x10, 2024-01-01]\n');
    expect(plainOf(root)).toEqual({
      region: '010100',
      yes: 'no',
      empty: '',
      n: '~',
      list: ['1.0', '0x10', '2024-01-01'],
    });
  });

  test('a merge key is an ordinary key', () => {
    expect(plainOf(parsed('<<: { a: x }\n'))).toEqual({ '<<': { a: 'x' } });
  });

  test('an alias repeats its anchor', () => {
    expect(plainOf(parsed('a: &x { k: v }\nb: *x\n'))).toEqual({ a: { k: 'v' }, b: { k: 'v' } });
  });
});

describe('what is refused', () => {
  test.each([
    ['duplicate keys', 'a: 1\nb: 2\na: 3\n', 'YAML_DUPLICATE_KEY', 10],
    ['a second document', 'a: 1\n---\nb: 2\n', 'YAML_FEATURE', 5],
    ['a tag', 'a: !!int 5\n', 'YAML_FEATURE', 9],
    ['a key that is a list', '? [a]\n: b\n', 'YAML_SYNTAX', 2],
    ['a prototype', '__proto__: { a: b }\n', 'YAML_FEATURE', 0],
    ['an open quote', 'a: "b\n', 'YAML_SYNTAX', 6],
    ['an unknown anchor', 'a: *x\n', 'YAML_SYNTAX', 3],
    ['half a character', 'a: "\\ud800"\n', 'YAML_FEATURE', 3],
    ['deep flow nesting', '['.repeat(100_000), 'YAML_LIMIT', 50],
    ['deep block nesting', '- '.repeat(60) + 'a', 'YAML_LIMIT', 100],
    ['a large file', `a: ${'x'.repeat(262_144)}`, 'YAML_LIMIT', 0],
    ['a large file in bytes', `a: ${'火'.repeat(90_000)}`, 'YAML_LIMIT', 0],
  ])('%s', (_what, text, code, start) => {
    const { faults } = parseYaml(text);
    expect(faults?.map((fault) => fault.code)).toContain(code);
    expect(faults?.[0]?.start).toBe(start);
  });

  test('aliases that multiply are stopped by the limit of nodes', () => {
    const lines = ['a0: &a0 [x, x, x, x, x, x, x, x, x, x]'];
    for (let level = 1; level < 9; level += 1) {
      const before = `*a${level - 1}`;
      lines.push(`a${level}: &a${level} [${Array.from({ length: 10 }, () => before).join(', ')}]`);
    }
    expect(parseYaml(lines.join('\n')).faults?.[0]?.code).toBe('YAML_LIMIT');
  });

  test('an alias inside its own anchor ends, too', () => {
    expect(parseYaml('a: &x [*x]\n').faults).toHaveLength(1);
  });

  test('an unquoted star, which YAML takes for an alias, says how to quote', () => {
    expect(parseYaml('count: *\n').faults?.[0]?.expected).toContain('single quotes');
  });
});

describe('places', () => {
  const place = (text: string, path: (string | number)[], sought: string) => {
    const source = new SourceText(text);
    const node = nodeAt(parsed(text), path) as TextNode;
    const at = node.value.indexOf(sought);
    expect(at).toBeGreaterThanOrEqual(0);
    const { line, column } = source.placeOf(source.offsetIn(node, at));
    return [line, column];
  };

  test.each([
    ['a plain scalar', 'a: b + c\n', 1, 8],
    ['single quotes', "a: 'b + c'\n", 1, 9],
    ['doubled quotes before it', "a: 'it''s ''b'' c'\n", 1, 17],
    ['a literal block', 'a: |\n  b &&\n    c\n', 3, 5],
    ['a folded block', 'a: >-\n  b &&\n  c\n', 3, 3],
    ['a block with an indentation indicator', 'a: |2-\n    b\n\n   c\n', 4, 4],
    ['a block whose header has a comment', 'a: | # d\n  c\n', 2, 3],
    ['single quotes over two lines', "a: 'b &&\n    c'\n", 2, 5],
    ['CRLF line ends', 'a: |\r\n  b &&\r\n  c\r\n', 3, 3],
    ['Chinese before it', "a: '食品 c'\n", 1, 8],
  ])('in %s', (_what, text, line, column) => {
    expect(place(text, ['a'], 'c')).toEqual([line, column]);
  });

  test('the end of a value is after its last character', () => {
    const text = "a: 'b +'\n";
    const source = new SourceText(text);
    const node = nodeAt(parsed(text), ['a']) as TextNode;
    expect(source.placeOf(source.offsetIn(node, node.value.length))).toEqual({ line: 1, column: 8 });
  });
});

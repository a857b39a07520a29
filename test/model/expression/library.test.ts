// Where the dialect and CEL agree, the library is the oracle: numbers as doubles, texts, truth values, no nulls.
import { Environment as Library } from '@marcbachmann/cel-js';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Json } from '../../../src/events/event.js';
import { compileExpression } from '../../../src/model/expression/compile.js';
import { ExpressionError, type Environment, type Value } from '../../../src/model/expression/expression.js';
import { BOOL, ENVIRONMENT, listOf, makeScope, NUMBER, STRING } from './fixture.js';

const TYPES = { n1: NUMBER, n2: NUMBER, s1: STRING, s2: STRING, b1: BOOL, b2: BOOL, l1: listOf(STRING) };

const env: Environment = {
  ...ENVIRONMENT,
  params: {},
  indicators: Object.entries(TYPES).map(([name, type], index) => ({
    name,
    index,
    type,
    nullable: false,
    since: false,
  })),
};

const library = new Library()
  .registerVariable('n1', 'double')
  .registerVariable('n2', 'double')
  .registerVariable('s1', 'string')
  .registerVariable('s2', 'string')
  .registerVariable('b1', 'bool')
  .registerVariable('b2', 'bool')
  .registerVariable('l1', 'list<string>');

// Half numbers keep every result exact and printed alike.
const number = fc.integer({ min: -40, max: 40 }).map((n) => n / 2);
const text = fc.string({ unit: fc.constantFrom('a', 'b', 'B', ' ', '食', '品', '-'), maxLength: 5 });

function double(value: number): string {
  const written = Number.isInteger(value) ? value.toFixed(1) : String(value);
  return value < 0 ? `(${written})` : written;
}

const quoted = (value: string) => JSON.stringify(value);
const position = fc.integer({ min: 0, max: 4 });

type Source = fc.Arbitrary<string>;

const pair = (part: Source, operators: readonly string[]): Source =>
  fc.tuple(part, fc.constantFrom(...operators), part).map(([x, operator, y]) => `(${x} ${operator} ${y})`);
const choice = (test: Source, part: Source): Source =>
  fc.tuple(test, part, part).map(([c, x, y]) => `(${c} ? ${x} : ${y})`);
const method = (name: string, text: Source): Source =>
  fc.tuple(text, text).map(([x, y]) => `${x}.${name}(${y})`);
// In a macro: the dialect refuses a variable that hides another, CEL does not.
const leaf: Source = fc.oneof(fc.constantFrom('s1', 's2'), text.map(quoted));

const numbers = (n: Source, s: Source, b: Source): Source[] => [
  fc.constantFrom('n1', 'n2'),
  number.map(double),
  pair(n, ['+', '-', '*']),
  fc
    .tuple(
      n,
      number.filter((x) => x !== 0),
    )
    .map(([x, y]) => `(${x} / ${double(y)})`),
  fc.tuple(position, fc.integer({ min: 1, max: 9 })).map(([x, y]) => `double(${x} % ${y})`),
  n.map((x) => `(-${x})`),
  s.map((x) => `double(${x}.size())`),
  method('indexOf', s).map((x) => `double(${x})`),
  method('lastIndexOf', s).map((x) => `double(${x})`),
  n.map((x) => `double(int(${x}))`),
  fc.constant('double(l1.size())'),
  choice(b, n),
];

const texts = (s: Source, b: Source): Source[] => [
  fc.constantFrom('s1', 's2'),
  text.map(quoted),
  pair(s, ['+']),
  fc.tuple(s, fc.constantFrom('lowerAscii', 'upperAscii', 'trim')).map(([x, name]) => `${x}.${name}()`),
  b.map((x) => `string(${x})`),
  fc.tuple(s, position).map(([x, from]) => `${x}.substring(${from})`),
  fc.tuple(s, position, position).map(([x, from, to]) => `${x}.substring(${from}, ${to})`),
  fc
    .tuple(
      s,
      text.filter((x) => x !== ''),
    )
    .map(([x, by]) => `${x}.split(${quoted(by)}).join("+")`),
  fc.constant('l1.map(x, x + "!").join(",")'),
  choice(b, s),
];

const listed = <T>(part: fc.Arbitrary<T>, write: (value: T) => string): Source =>
  fc.array(part, { minLength: 1, maxLength: 3 }).map((list) => `[${list.map(write).join(', ')}]`);

const conditions = (n: Source, s: Source, b: Source): Source[] => [
  fc.constantFrom('b1', 'b2', 'true', 'false'),
  pair(n, ['<', '<=', '>', '>=', '==', '!=']),
  pair(s, ['<', '<=', '>', '>=', '==', '!=']),
  pair(b, ['&&', '||', '==', '!=']),
  b.map((x) => `(!${x})`),
  method('contains', s),
  method('startsWith', s),
  method('endsWith', s),
  fc.tuple(s, listed(text, quoted)).map(([x, list]) => `(${x} in ${list})`),
  fc.tuple(n, listed(number, double)).map(([x, list]) => `(${x} in ${list})`),
  s.map((x) => `(${x} in l1)`),
  fc
    .tuple(fc.constantFrom('exists', 'all', 'exists_one'), leaf)
    .map(([m, x]) => `l1.${m}(x, x == ${x} || x < "a")`),
  leaf.map((x) => `l1.filter(x, x != ${x}).exists(x, x.startsWith("a"))`),
  choice(b, b),
];

const GROWTH = { depthSize: 'small', withCrossShrink: true } as const;

const sources = fc.letrec<{ number: string; text: string; condition: string }>((tie) => {
  const [n, s, b] = [tie('number'), tie('text'), tie('condition')];
  return {
    number: fc.oneof(GROWTH, ...numbers(n, s, b)),
    text: fc.oneof(GROWTH, ...texts(s, b)),
    condition: fc.oneof(GROWTH, ...conditions(n, s, b)),
  };
});

const values = fc.tuple(
  number,
  number,
  text,
  text,
  fc.boolean(),
  fc.boolean(),
  fc.array(text, { maxLength: 4 }),
);

function ask(source: string, held: readonly Json[]): unknown {
  const names = Object.keys(TYPES);
  try {
    const answer: unknown = library.evaluate(
      source,
      Object.fromEntries(names.map((name, i) => [name, held[i]])),
    );
    return typeof answer === 'bigint' ? Number(answer) : answer;
  } catch {
    return 'error';
  }
}

function answer(source: string, held: readonly Value[]): unknown {
  const result = compileExpression(source, env);
  if (!result.ok) throw new Error(`${source}: ${result.diagnostics[0]?.message ?? ''}`);
  const value = result.expression.run(makeScope({ values: [...held] }));
  return value instanceof ExpressionError ? 'error' : value;
}

test.each([
  ['conditions', sources.condition],
  ['numbers', sources.number],
  ['texts', sources.text],
] as const)('%s come out as the library has them', (_, kind) => {
  fc.assert(
    fc.property(kind, values, (source, held) => {
      fc.pre(source.length < 2000);
      const wanted = ask(source, held);
      expect(
        answer(source, held) === wanted,
        `${source} with ${JSON.stringify(held)}: ${String(wanted)}`,
      ).toBe(true);
    }),
    { numRuns: 2000 },
  );
});

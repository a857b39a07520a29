// What an author or a sender writes must never become code, nor reach the inside of the machine.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Fields } from '../../../src/events/fields.js';
import { compileExpression } from '../../../src/model/expression/compile.js';
import type { Environment } from '../../../src/model/expression/expression.js';
import { compiled, ENVIRONMENT, fault, makeScope, run, STRING } from './fixture.js';

const NASTY = [
  '"',
  "'",
  '`',
  '\\',
  '${1}',
  '"];globalThis.broken=1;["',
  "');globalThis.broken=1;('",
  '\u2028globalThis.broken=1//',
  '\u2029',
  '\n',
  '*/globalThis.broken=1/*',
  '__proto__',
  'toString',
];

function withField(name: string): Environment {
  const fields: Fields = { [name]: { type: STRING, optional: true } };
  return { ...ENVIRONMENT, event: fields, profile: fields, params: { [name]: STRING } };
}

describe('names and texts with signs of JavaScript', () => {
  test.each(NASTY.map((text) => [text]))('%j is a text and nothing else', (text) => {
    const literal = JSON.stringify(text).replace(
      /[\u2028\u2029]/g,
      (c) => `\\u${c.charCodeAt(0).toString(16)}`,
    );
    expect(run(literal)).toBe(text);
    expect(run(`"x" + ${literal} == "x" + ${literal}`)).toBe(true);
    expect(run(`${literal} in ["y", ${literal}]`)).toBe(true);
    expect(run(`[${literal}].exists(x, x == ${literal})`)).toBe(true);
    expect(globalThis).not.toHaveProperty('broken');
  });

  test.each(NASTY.filter((name) => name !== '__proto__').map((name) => [name]))(
    '%j is the name of a field and nothing else',
    (name) => {
      const env = withField(name);
      const literal = JSON.stringify(name).replace(
        /[\u2028\u2029]/g,
        (c) => `\\u${c.charCodeAt(0).toString(16)}`,
      );
      const scope = makeScope({ profile: { [name]: 'fact' }, params: { [name]: 'param' } });
      if (scope.event !== null) scope.event = { ...scope.event, data: { [name]: 'value' } };
      for (const [source, value] of [
        [`event[${literal}]`, 'value'],
        [`has(event[${literal}])`, true],
        [`subject[${literal}]`, 'fact'],
        [`params[${literal}]`, 'param'],
      ] as const) {
        expect(compiled(source, env).run(scope), source).toBe(value);
      }
      const bare = makeScope({ profile: {}, params: {} });
      if (bare.event !== null) bare.event = { ...bare.event, data: {} };
      expect(compiled(`event[${literal}]`, env).run(bare)).toBeNull();
      expect(compiled(`subject[${literal}]`, env).run(bare)).toBeNull();
      expect(compiled(`params[${literal}]`, env).run(bare)).toBeNull();
      expect(globalThis).not.toHaveProperty('broken');
    },
  );

  test('any text stands for itself, in any place', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (text) => {
        fc.pre(!/[\ud800-\udfff]/.test(text));
        const literal = [...text]
          .map((c) => `\\U${(c.codePointAt(0) ?? 0).toString(16).padStart(8, '0')}`)
          .join('');
        expect(run(`"${literal}"`)).toBe(text);
      }),
    );
  });
});

describe('the inside of JavaScript objects', () => {
  test.each([
    'event["__proto__"]',
    'event["constructor"]',
    'event.constructor',
    'event.__proto__',
    'subject.constructor',
    'subject["__proto__"]',
    'params.constructor',
    'params["__proto__"]',
    'order.constructor',
    'order["__proto__"]',
    'event["any"].constructor',
    'event["x"].constructor.constructor',
    'event["x"]["__proto__"]',
    'constructor',
    '__proto__',
    'toString',
    'event.valueOf',
    'has(event.constructor)',
    'has(event["x"].prototype)',
    'hasOwnProperty("a")',
    'event.category.constructor("a")',
    'event.category.__defineGetter__("a", 1)',
    'math.constructor("a")',
    'math.random()',
    'globalThis',
    'process.exit()',
    'K',
    's',
    'k0',
  ])('%s is refused', (source) => {
    expect(['EXPR_NAME', 'EXPR_FIELD', 'EXPR_FUNCTION', 'EXPR_TYPE', 'EXPR_SYNTAX']).toContain(
      fault(source).code,
    );
  });

  test('a key known only when it runs finds own fields only', () => {
    const scope = makeScope({ params: { any: 'constructor', name: '__proto__' } });
    expect(run('event["detail"][params.name]', scope)).toBeNull();
    expect(run('subject.tags.map(t, params.any)[0]', scope)).toBe('constructor');
    expect(run('order[params.any]', scope)).toBeNull();
    expect(run('params.any in order', scope)).toBe(false);
    expect(run('event["category"].size() == 4', scope)).toBe(true);
  });
});

describe('any source at all', () => {
  test('is either refused with a place in it or runs to a value, and never throws', () => {
    const token = fc.constantFrom(
      ...'event . category [ ] ( ) "a" \'b\' 1 2.5 + - * / % == != < > <= >= && || ! ? : , in now idle complaints subject tags params many null true exists x map has days list math abs { } constructor __proto__ order size'.split(
        ' ',
      ),
    );
    const source = fc.oneof(
      fc.array(token, { maxLength: 14 }).map((tokens) => tokens.join(' ')),
      fc.string({ maxLength: 30 }),
    );
    fc.assert(
      fc.property(source, (text) => {
        const result = compileExpression(text, ENVIRONMENT);
        if (result.ok) {
          result.expression.run(makeScope());
          expect(result.expression.nextChange(makeScope())).toBeGreaterThan(makeScope().now);
        } else {
          for (const { start, end } of result.diagnostics) {
            expect(start).toBeGreaterThanOrEqual(0);
            expect(end).toBeGreaterThanOrEqual(start);
            expect(end).toBeLessThanOrEqual(text.length);
          }
        }
      }),
      { numRuns: 3000 },
    );
  });
});

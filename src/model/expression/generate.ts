// From terms to JavaScript: a fast path for what the types promise, a call into `operations` for all else.
// Names and texts of the author enter the source as JSON literals only; everything else is an index.
import type { RE2JS } from 're2js';
import type { Builtin } from './builtins.js';
import { spend, TOO_MUCH } from './effort.js';
import type { EvaluationScope, Value } from './expression.js';
import * as operations from './operations.js';
import * as reading from './reading.js';
import { primitive } from './static-type.js';
import type { OrderOperator, Term } from './term.js';
import * as walking from './walking.js';

/** `run` and `nextChange` of an expression, before exceptions are caught. */
export interface Generated {
  readonly run: (scope: EvaluationScope) => Value | undefined;
  readonly nextChange: ((scope: EvaluationScope) => number) | null;
}

const SUPPORT = { ...operations, ...reading, ...walking };

type Support = keyof typeof SUPPORT;

const ORDER: { readonly [operator in OrderOperator]: Support } = {
  '<': 'less',
  '<=': 'lessOrEqual',
  '>': 'greater',
  '>=': 'greaterOrEqual',
};

/** A value of the author as a literal; U+2028 and U+2029 are escaped for readers of the generated source. */
export function quote(value: null | boolean | number | string): string {
  if (Object.is(value, -0)) return '(-0)';
  const json = JSON.stringify(value).replace(/[\u2028\u2029]/g, (c) =>
    c === '\u2028' ? '\\u2028' : '\\u2029',
  );
  return typeof value === 'number' && value < 0 ? `(${json})` : json;
}

/** An operand held in a temporary, or a literal that needs none. */
interface Operand {
  readonly setup: readonly string[];
  readonly code: string;
  /** What `typeof` is known to say; null where it must be asked. */
  readonly known: string | null;
}

/** Writes the source of one expression. */
class Writer {
  /** Passed to the generated code as `K`. */
  readonly constants: unknown[] = [];
  private readonly frames: string[][] = [];
  private temporaries = 0;

  constructor(private readonly builtins: { readonly [name: string]: Builtin }) {}

  /** The body of a function whose temporaries are its own. */
  frame(write: () => string): string {
    const names: string[] = [];
    this.frames.push(names);
    const code = write();
    this.frames.pop();
    return names.length === 0 ? code : `let ${names.join(',')};${code}`;
  }

  private temporary(): string {
    const name = `t${this.temporaries++}`;
    this.frames.at(-1)?.push(name);
    return name;
  }

  private constant(value: unknown): string {
    const known = this.constants.indexOf(value);
    return `k${known >= 0 ? known : this.constants.push(value) - 1}`;
  }

  private support(name: Support): string {
    return this.constant(SUPPORT[name]);
  }

  private call(name: Support, ...args: readonly string[]): string {
    return `${this.support(name)}(${args.join(',')})`;
  }

  private operand(part: Term): Operand {
    if (part.op === 'literal') return { setup: [], code: quote(part.value), known: typeof part.value };
    const name = this.temporary();
    return { setup: [`${name}=${this.value(part)}`], code: name, known: null };
  }

  /** `fast` where `typeof` says `kind` of every operand, else `slow`. */
  private guarded(operands: readonly Operand[], kind: string, fast: string, slow: string): string {
    const setup = operands.flatMap((operand) => operand.setup);
    if (operands.some((operand) => operand.known !== null && operand.known !== kind)) {
      return `(${[...setup, slow].join(',')})`;
    }
    const tests = operands.filter((operand) => operand.known === null);
    const test = tests.map((operand) => `typeof ${operand.code}===${quote(kind)}`).join('&&');
    return `(${[...setup, test === '' ? fast : `${test}?${fast}:${slow}`].join(',')})`;
  }

  private child(part: Term, index: number): Term {
    const child = part.children[index];
    if (child === undefined) throw new Error(`A term ${part.op} lacks its child ${index}.`);
    return child;
  }

  /** An expression of JavaScript that yields the term's value. */
  value(part: Term): string {
    switch (part.op) {
      case 'literal':
        return quote(part.value);
      case 'list':
        return this.list(part);
      case 'field':
      case 'envelope':
      case 'extra':
      case 'event':
      case 'has-field':
        return this.eventPart(part);
      case 'fact':
      case 'profile':
      case 'step':
      case 'param':
      case 'indicator':
      case 'since':
      case 'now':
      case 'sampled-now':
      case 'variable':
      case 'has-fact':
        return this.scopePart(part);
      case 'not':
      case 'and':
      case 'or':
      case 'conditional':
        return this.logic(part);
      case 'arithmetic':
      case 'concat':
      case 'negate':
        return this.arithmetic(part);
      case 'order':
      case 'equal':
      case 'clock':
        return this.comparison(part);
      case 'macro':
        return this.macro(part, (body) => `return ${this.value(body)};`);
      default:
        return this.applied(part);
    }
  }

  /** An error in an element is the error of the list. */
  private list(part: Term): string {
    const items = part.children.map((child) => this.value(child)).join(',');
    const constant = part.children.every((child) => child.op === 'literal');
    return constant ? `[${items}]` : this.call('listOf', `[${items}]`);
  }

  private applied(part: Term): string {
    const args = part.children.map((child) => this.value(child));
    const [first = '', second = ''] = args;
    switch (part.op) {
      case 'is-null':
        return this.call('isNull', first, String(part.negated));
      case 'in-set':
        return this.call('inSet', first, this.constant(part.set), String(part.textOnly));
      case 'in':
        return this.call('isIn', first, second);
      case 'member':
        return this.call('member', first, quote(part.name));
      case 'has-member':
        return this.call('hasMember', first, quote(part.name));
      case 'index':
        return this.call('element', first, second);
      case 'matches': {
        const text = this.operand(this.child(part, 0));
        const pattern = this.constant(searchFor(part.pattern));
        const slow = this.call('refuse', `[${text.code}]`, '"a text"');
        return this.guarded([text], 'string', `${pattern}(${text.code})`, slow);
      }
      case 'call': {
        const builtin = this.builtins[part.run];
        if (builtin === undefined) throw new Error(`The function ${part.run} does nothing.`);
        return `${this.constant(builtin)}(${args.join(',')})`;
      }
      default:
        throw new Error(`A term ${part.op} has no code.`);
    }
  }

  private eventPart(part: Term): string {
    switch (part.op) {
      case 'envelope':
        return part.name === 'time' || part.name === 'at' ? `e.${part.name}/1000` : `e.${part.name}`;
      case 'event':
        return this.call('wholeEvent', 'e', this.constant(part.fields));
      case 'has-field':
        return `(${ownField('d', part.name, this.support('own'))}??null)!==null`;
      case 'field': {
        const raw = ownField('d', part.name, this.support('own'));
        const kind = primitive(part.fieldType);
        if (kind === null || part.fieldType.type === 'timestamp') {
          return this.call('deepField', 's', raw, this.constant(part.fieldType), quote(part.name));
        }
        const name = this.temporary();
        const fault = this.call('fieldFault', 's', name, quote(part.name), quote(part.fieldType.type));
        return `(${name}=${raw},typeof ${name}===${quote(kind)}?${name}:${fault})`;
      }
      default:
        return part.op === 'extra' ? this.call('own', 'd', quote(part.name)) : 'null';
    }
  }

  private scopePart(part: Term): string {
    switch (part.op) {
      case 'profile':
        return `s.${part.of}`;
      case 'step':
        return `s.steps[${quote(part.name)}]`;
      case 'param':
        return ownField('s.params', part.name, this.support('own'));
      case 'indicator':
        return `s.values[${part.index}]`;
      case 'since':
        return this.call('elapsedMs', 's', String(part.index));
      case 'variable':
        return `x${part.slot}`;
      case 'has-fact':
        return `(${ownField(`s.${part.of}`, part.name, this.support('own'))}??null)!==null`;
      case 'fact': {
        const raw = ownField(`s.${part.of}`, part.name, this.support('own'));
        const kind = primitive(part.fieldType);
        const expected = quote(part.fieldType.type);
        if (kind === null) return this.call('deepFact', raw, expected, quote(part.name));
        const name = this.temporary();
        const fault = this.call('factFault', name, quote(part.name), expected);
        return `(${name}=${raw},typeof ${name}===${quote(kind)}?${name}:${fault})`;
      }
      default:
        return 's.now/1000';
    }
  }

  private logic(part: Term): string {
    const first = this.operand(this.child(part, 0));
    const a = first.code;
    if (part.op === 'not' || part.op === 'conditional') {
      const yes = part.op === 'not' ? 'false' : this.value(this.child(part, 1));
      const no = part.op === 'not' ? 'true' : this.value(this.child(part, 2));
      const chosen = `${a}===true?${yes}:${a}===false?${no}:${this.call('not', a)}`;
      return `(${[...first.setup, chosen].join(',')})`;
    }
    // The operand that decides wins over null and error, whichever side it stands on.
    const deciding = part.op === 'and' ? 'false' : 'true';
    const other = part.op === 'and' ? 'true' : 'false';
    const second = this.operand(this.child(part, 1));
    const b = second.code;
    const rest = `${b}===${deciding}?${deciding}:${a}===${other}&&${b}===${other}?${other}:${this.call('undecided', a, b)}`;
    return `(${[...first.setup, `${a}===${deciding}?${deciding}:(${[...second.setup, rest].join(',')})`].join(',')})`;
  }

  private arithmetic(part: Term): string {
    if (part.op === 'negate') {
      const operand = this.operand(this.child(part, 0));
      return this.guarded([operand], 'number', `-${operand.code}`, this.call('negate', operand.code));
    }
    const left = this.operand(this.child(part, 0));
    const right = this.operand(this.child(part, 1));
    const [a, b] = [left.code, right.code];
    if (part.op === 'concat') {
      const name = part.lists ? 'joinLists' : 'joinTexts';
      return `(${[...left.setup, ...right.setup, this.call(name, a, b)].join(',')})`;
    }
    if (part.op !== 'arithmetic') throw new Error(`A term ${part.op} is no arithmetic.`);
    if (part.operator === '/' || part.operator === '%') {
      const name = part.operator === '/' ? 'divide' : 'remainder';
      return `(${[...left.setup, ...right.setup, this.call(name, a, b)].join(',')})`;
    }
    const slow = part.open && part.operator === '+' ? 'add' : 'refuseNumbers';
    const fast = this.call('finite', `${a}${part.operator}${b}`);
    return this.guarded([left, right], 'number', fast, this.call(slow, a, b));
  }

  private comparison(part: Term): string {
    if (part.op === 'clock') return this.clock(part);
    const left = this.operand(this.child(part, 0));
    const right = this.operand(this.child(part, 1));
    const [a, b] = [left.code, right.code];
    const kind = primitive(this.child(part, 0).type) ?? primitive(this.child(part, 1).type);
    if (part.op === 'equal') {
      const slow = this.call(part.negated ? 'notEqual' : 'equal', a, b);
      // How long two texts of the data are nobody knows, so comparing them is counted.
      const counted = kind === 'string' && left.known === null && right.known === null;
      if (kind === null || counted) return `(${[...left.setup, ...right.setup, slow].join(',')})`;
      return this.guarded([left, right], kind, `${a}${part.negated ? '!==' : '==='}${b}`, slow);
    }
    if (part.op !== 'order') throw new Error(`A term ${part.op} is no comparison.`);
    const slow = this.call(ORDER[part.operator], a, b);
    return this.guarded([left, right], 'number', `${a}${part.operator}${b}`, slow);
  }

  /** In whole milliseconds, so that the instant of a change is one. */
  private clock(part: Term & { op: 'clock' }): string {
    const other = this.operand(this.child(part, 0));
    const limit = `Math.round(${other.code}*1000)`;
    if (part.since === null) {
      const slow = this.call('refuseNumbers', '0', other.code);
      return this.guarded([other], 'number', `s.now${part.operator}${limit}`, slow);
    }
    const name = this.temporary();
    const elapsed: Operand = {
      setup: [`${name}=${this.call('elapsedMs', 's', String(part.since))}`],
      code: name,
      known: null,
    };
    const slow = this.call('refuseNumbers', name, other.code);
    return this.guarded([elapsed, other], 'number', `${name}${part.operator}${limit}`, slow);
  }

  private macro(part: Term & { op: 'macro' }, body: (term: Term) => string): string {
    const bodies = part.children.slice(1);
    const functions = bodies.map((term) => `(x${part.slot})=>{${this.frame(() => body(term))}}`);
    const names = {
      exists: 'exists',
      all: 'all',
      exists_one: 'existsOne',
      filter: 'filter',
      map: 'map',
    } as const;
    const name = part.macro === 'map' && bodies.length === 2 ? 'mapIf' : names[part.macro];
    return this.call(name, this.value(this.child(part, 0)), ...functions);
  }

  /** Statements that lower `n` to the earliest flip of a comparison with the clock in the term. */
  flips(part: Term): string {
    if (!part.ticks) return '';
    if (part.op === 'macro') {
      const [list, ...bodies] = part.children;
      const inner = bodies
        .filter((body) => body.ticks)
        .map((body) => {
          const visit = `(x${part.slot})=>{${this.frame(() => this.flips(body))}}`;
          return `${this.call('each', this.value(this.child(part, 0)), visit)};`;
        });
      return [list === undefined ? '' : this.flips(list), ...inner].join('');
    }
    const nested = part.children.map((child) => this.flips(child)).join('');
    if (part.op !== 'clock') return nested;
    const other = this.temporary();
    // `>` and `<=` still hold the old value when both sides are equal, so they change 1 ms later.
    const late = part.operator === '>' || part.operator === '<=' ? 1 : 0;
    const anchor = part.since === null ? '0' : `s.anchors[${part.since}]`;
    const flip = `Math.round(${other}*1000)+${anchor}+${late}`;
    return `${nested}${other}=${this.value(this.child(part, 0))};if(typeof ${other}==="number"){${other}=${flip};if(${other}>s.now&&${other}<n)n=${other};}`;
  }
}

/** Reads a field of `object` that may be inherited only where no such name is. */
function ownField(object: string, name: string, own: string): string {
  return name in Object.prototype ? `${own}(${object},${quote(name)})` : `${object}[${quote(name)}]`;
}

function usesEvent(part: Term): boolean {
  const here = part.op === 'field' || part.op === 'envelope' || part.op === 'extra';
  return here || part.op === 'event' || part.op === 'has-field' || part.children.some(usesEvent);
}

/** Generates and compiles the code of a checked term. */
/** Steps that a regular expression takes for a character and an instruction. */
const PATTERN_STEPS = 5;

/** Whether a text holds a match; how long that takes grows with the text and the size of the expression. */
function searchFor(pattern: RE2JS): (text: string) => Value {
  const steps = PATTERN_STEPS * pattern.programSize();
  return (text) => (spend(steps * text.length) ? pattern.test(text) : TOO_MUCH);
}

export function generate(root: Term, builtins: { readonly [name: string]: Builtin }): Generated {
  const writer = new Writer(builtins);
  const event = usesEvent(root) ? 'const e=s.event,d=e.data;' : '';
  const run = writer.frame(() => `${event}return ${writer.value(root)};`);
  const flips = root.ticks
    ? writer.frame(() => `${event}let n=Infinity;${writer.flips(root)}return n;`)
    : null;
  const constants = writer.constants.map((_, index) => `k${index}=K[${index}]`);
  const source = [
    '"use strict";',
    constants.length === 0 ? '' : `const ${constants.join(',')};`,
    `return{run(s){${run}},nextChange:${flips === null ? 'null' : `(s)=>{${flips}}`}};`,
  ].join('\n');
  // The source holds nothing of the author but JSON literals; see `quote`.
  // eslint-disable-next-line @typescript-eslint/no-implied-eval
  const make = new Function('K', source) as (constants: readonly unknown[]) => Generated;
  return make(writer.constants);
}

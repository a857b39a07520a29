// Calls: functions, methods, `math`, and the literals that some of them need.
import { RE2JS } from 're2js';
import { nearest } from '../nearest.js';
import { checkHas, checkMacro, isMacroName } from './check-macro.js';
import type { CheckContext } from './context.js';
import { ExpressionError } from './expression.js';
import { FUNCTIONS } from './functions.js';
import { knowsZone, parseDuration, parseInstant, SPAN_SECONDS } from './instant.js';
import { MAX_PATTERN_LENGTH, MAX_PATTERN_SIZE } from './limits.js';
import { accepts, OVERLOADS, type Overload } from './signature.js';
import { BOOL, describe, DURATION, DYN, isOpen, STRING, TIMESTAMP } from './static-type.js';
import type { CallSyntax, Syntax } from './syntax.js';
import { term, type Term } from './term.js';

/** What authors of other languages write. */
const HABITS: { readonly [name: string]: string } = {
  abs: 'math.abs',
  ceil: 'math.ceil',
  floor: 'math.floor',
  round: 'math.round',
  max: 'math.greatest',
  min: 'math.least',
  'math.max': 'math.greatest',
  'math.min': 'math.least',
  len: 'size',
  length: 'size',
  count: 'size',
  includes: 'contains',
  toLowerCase: 'lowerAscii',
  toUpperCase: 'upperAscii',
  lower: 'lowerAscii',
  upper: 'upperAscii',
  any: 'exists',
  some: 'exists',
  every: 'all',
  number: 'double',
  float: 'double',
  uint: 'int',
  getFullYear: 'local(t).year',
  getMonth: 'local(t).month',
  getDate: 'local(t).day',
  getDayOfMonth: 'local(t).day',
  getDayOfWeek: 'local(t).weekday',
  getHours: 'local(t).hour',
  getMinutes: 'local(t).minute',
};

const REGEX_COST = 100;

/** Any call. */
export function checkCall(syntax: CallSyntax, context: CheckContext): Term {
  const { receiver, name } = syntax;
  if (receiver === null) {
    if (name === 'has') return checkHas(syntax, context);
    if (name === 'matches') return checkMatches(syntax, syntax.args, context);
    if (name === 'list') {
      return context.refuse(
        'EXPR_FUNCTION',
        'list("name") stands only right of in: x in list("name").',
        syntax,
      );
    }
    return checkOverloads(syntax, name, checkAll(syntax.args, context), false, context);
  }
  if (receiver.op === 'name' && receiver.name === 'math' && !context.variables.has('math')) {
    return checkOverloads(syntax, `math.${name}`, checkAll(syntax.args, context), false, context);
  }
  if (isMacroName(name)) return checkMacro(syntax, name, receiver, context);
  if (name === 'matches') return checkMatches(syntax, [receiver, ...syntax.args], context);
  return checkOverloads(syntax, name, checkAll([receiver, ...syntax.args], context), true, context);
}

function checkAll(args: readonly Syntax[], context: CheckContext): Term[] {
  return args.map((argument) => context.check(argument, context));
}

function checkOverloads(
  syntax: CallSyntax,
  name: string,
  args: readonly Term[],
  method: boolean,
  context: CheckContext,
): Term {
  const forms = (OVERLOADS.get(name) ?? []).filter((form) => form.method === method);
  if (forms.length === 0) return refuseUnknown(syntax, name, method, context);
  const fitting = forms.filter((form) => takes(form, args.length));
  const signature = forms.map((form) => describeForm(form)).join('; ');
  if (fitting.length === 0) {
    const message = `${name} does not take ${args.length - (method ? 1 : 0)} arguments; write ${signature}.`;
    return context.refuse('EXPR_FUNCTION', message, syntax, { expected: signature });
  }
  const chosen = fitting.filter((form) =>
    args.every((argument, position) => accepts(parameterAt(form, position), argument.type)),
  );
  if (chosen.length === 0) return refuseArguments(syntax, name, args, fitting, context);
  const literal = checkLiteral(syntax, name, args, context);
  if (literal !== undefined) return literal;
  const [only] = args;
  if (name === 'duration' && only?.type.type === 'duration') return only;
  if (name === 'local' && !knowsZone(context.env.zone)) {
    return context.refuse('EXPR_NAME', `${context.env.zone} is no time zone.`, syntax, {
      expected: 'an IANA zone',
    });
  }
  const [first, ...others] = chosen as [Overload, ...Overload[]];
  const same = others.every((form) => describe(form.result) === describe(first.result));
  return term({ op: 'call', run: runtimeName(name, args) }, syntax, same ? first.result : DYN, {
    children: args,
    cost: first.entry.cost ?? 5,
    // Of an empty list there is no greatest.
    ...(first.entry.signature.includes('list<number>) -> number') ? { nullable: true } : {}),
  });
}

/** Instants and spans are numbers when it runs; what they read as depends on the type. */
function runtimeName(name: string, args: readonly Term[]): string {
  const type = args[0]?.type.type;
  return name === 'string' && (type === 'timestamp' || type === 'duration') ? `string(${type})` : name;
}

function takes(form: Overload, count: number): boolean {
  return form.variadic ? count >= form.parameters.length : count === form.parameters.length;
}

function parameterAt(form: Overload, position: number): string {
  return form.parameters[Math.min(position, form.parameters.length - 1)] ?? 'any';
}

function describeForm(form: Overload): string {
  const written = form.method ? form.parameters.slice(1) : form.parameters;
  const list = [...written, ...(form.variadic ? ['...'] : [])].join(', ');
  return `${form.method ? `${form.parameters[0] ?? ''}.` : ''}${form.entry.name}(${list})`;
}

function refuseArguments(
  syntax: CallSyntax,
  name: string,
  args: readonly Term[],
  forms: readonly Overload[],
  context: CheckContext,
): Term {
  const position = args.findIndex(
    (argument, index) => !forms.some((form) => accepts(parameterAt(form, index), argument.type)),
  );
  const wrong = args[Math.max(position, 0)];
  const expected = [...new Set(forms.map((form) => parameterAt(form, Math.max(position, 0))))].join(' or ');
  const found = wrong === undefined ? 'nothing' : describe(wrong.type);
  const message = `${name} needs ${expected} here, not ${found}; write ${forms.map(describeForm).join('; ')}.`;
  return context.refuse('EXPR_TYPE', message, wrong ?? syntax, { expected });
}

function refuseUnknown(syntax: CallSyntax, name: string, method: boolean, context: CheckContext): Term {
  const habit = HABITS[Object.hasOwn(HABITS, name) ? name : ''];
  const known = FUNCTIONS.filter((entry) => entry.signature.includes(`.${entry.name}(`) === method)
    .map((entry) => entry.name)
    .filter((candidate) => candidate !== 'list');
  const elsewhere = OVERLOADS.get(name)?.[0];
  const near = habit ?? (elsewhere === undefined ? nearest(name, known) : describeForm(elsewhere));
  const what = method ? `.${name}()` : `${name}()`;
  return context.refuse('EXPR_FUNCTION', `There is no function ${what}.`, syntax.nameSpan, { nearest: near });
}

/** `timestamp("...")`, `duration("...")` and `days(30)` of a literal become that instant or span at once. */
function checkLiteral(
  syntax: CallSyntax,
  name: string,
  args: readonly Term[],
  context: CheckContext,
): Term | undefined {
  const argument = args[0];
  if (argument?.op !== 'literal' || args.length !== 1) return undefined;
  const { value } = argument;
  const unit = SPAN_SECONDS[Object.hasOwn(SPAN_SECONDS, name) ? name : ''];
  if (typeof value === 'number' && unit !== undefined && Number.isFinite(value * unit)) {
    return term({ op: 'literal', value: value * unit }, syntax, DURATION);
  }
  if (typeof value !== 'string' || (name !== 'timestamp' && name !== 'duration')) return undefined;
  const isTimestamp = name === 'timestamp';
  const seconds = isTimestamp ? parseInstant(value) : parseDuration(value);
  if (seconds instanceof ExpressionError) {
    const expected = isTimestamp ? 'RFC 3339' : '36h, 1h30m';
    return context.refuse('EXPR_TYPE', seconds.message, argument, { expected });
  }
  return term({ op: 'literal', value: seconds }, syntax, isTimestamp ? TIMESTAMP : DURATION);
}

function checkMatches(syntax: CallSyntax, args: readonly Syntax[], context: CheckContext): Term {
  const [text, pattern] = args;
  if (
    text === undefined ||
    pattern?.op !== 'literal' ||
    typeof pattern.value !== 'string' ||
    args.length !== 2
  ) {
    const message = 'matches() takes one regular expression, a text written here: x.matches("^pattern$").';
    return context.refuse('EXPR_FUNCTION', message, syntax, { expected: 'x.matches("pattern")' });
  }
  const checked = context.check(text, context);
  if (!isOpen(checked.type) && checked.type.type !== 'string') {
    const message = `matches() looks at a text, not at a ${describe(checked.type)}.`;
    return context.refuse('EXPR_TYPE', message, text, { expected: STRING.type });
  }
  const compiled = compilePattern(pattern.value);
  if (typeof compiled === 'string')
    return context.refuse('EXPR_REGEX', compiled, pattern, { expected: 'RE2 syntax' });
  return term({ op: 'matches', pattern: compiled }, syntax, BOOL, { children: [checked], cost: REGEX_COST });
}

function compilePattern(pattern: string): RE2JS | string {
  if (pattern.length > MAX_PATTERN_LENGTH) {
    return `The regular expression is longer than ${MAX_PATTERN_LENGTH} characters.`;
  }
  try {
    const compiled = RE2JS.compile(pattern);
    return compiled.programSize() > MAX_PATTERN_SIZE
      ? 'The regular expression is too large; use smaller repeat counts.'
      : compiled;
  } catch (error) {
    return `${error instanceof Error ? error.message : 'The regular expression cannot be read'}.`;
  }
}

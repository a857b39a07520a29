// Names: the event, earlier steps, the profile, parameters, indicators, the clock, and what lies below them.
import type { Fields } from '../../events/fields.js';
import { nearest } from '../nearest.js';
import type { CheckContext } from './context.js';
import type { Span } from './fault.js';
import { declaredType, describe, DURATION, DYN, isOpen, NUMBER, STRING, TIMESTAMP } from './static-type.js';
import type { MemberSyntax, Syntax } from './syntax.js';
import { isEnvelopeName, term, type Term } from './term.js';

/** They lead to the inside of JavaScript objects; no data of ours has them. */
const FORBIDDEN = new Set(['__proto__', 'constructor', 'prototype']);

/** What stands under a root name, where the root is not shadowed by a variable. */
export type Root = 'event' | 'profile' | 'subject' | 'code' | 'params' | 'step';

/** The root that a piece of syntax names, or null. */
export function rootOf(syntax: Syntax, context: CheckContext): Root | null {
  if (syntax.op !== 'name' || context.variables.has(syntax.name)) return null;
  const { env } = context;
  if (syntax.name === 'event' && env.event !== undefined) return 'event';
  if (syntax.name === 'params') return 'params';
  if (Object.hasOwn(env.steps ?? {}, syntax.name)) return 'step';
  if (env.profileNames.includes(syntax.name)) return 'profile';
  if (syntax.name === 'subject' && env.subject !== undefined) return 'subject';
  return env.codes?.includes(syntax.name) === true ? 'code' : null;
}

/** Every name that may stand alone, for "did you mean". */
export function knownNames(context: CheckContext): string[] {
  const { env } = context;
  return [
    ...context.variables.keys(),
    ...env.indicators.map((indicator) => indicator.name),
    ...env.profileNames,
    ...(env.subject === undefined ? [] : ['subject']),
    ...(env.codes ?? []),
    ...(env.event === undefined ? [] : ['event']),
    ...Object.keys(env.steps ?? {}),
    ...(Object.keys(env.params).length === 0 ? [] : ['params']),
    ...(env.now ? ['now'] : []),
  ];
}

/** A name by itself. */
export function checkName(name: string, span: Span, context: CheckContext): Term {
  const { env, reads } = context;
  const variable = context.variables.get(name);
  if (variable !== undefined) {
    return term({ op: 'variable', slot: variable.slot }, span, variable.type, { nullable: true });
  }
  const indicator = env.indicators.find((symbol) => symbol.name === name);
  if (indicator !== undefined) {
    reads.indicators.add(name);
    if (indicator.since) {
      const shape = { op: 'since', index: indicator.index } as const;
      return term(shape, span, DURATION, { nullable: true, ticks: true });
    }
    const shape = { op: 'indicator', index: indicator.index } as const;
    return term(shape, span, indicator.type, { nullable: indicator.nullable });
  }
  if (name === 'now') {
    if (!env.now) {
      return context.refuse(
        'EXPR_NAME',
        'now may not be named here: this is decided once, at arrival.',
        span,
      );
    }
    reads.now = true;
    if (env.sampled === true) return term({ op: 'sampled-now' }, span, TIMESTAMP);
    return term({ op: 'now' }, span, TIMESTAMP, { ticks: true });
  }
  return checkRoot(name, span, context);
}

function checkRoot(name: string, span: Span, context: CheckContext): Term {
  const { env, reads } = context;
  switch (rootOf({ op: 'name', name, ...span }, context)) {
    case 'event': {
      const declared = Object.entries(env.event ?? {});
      for (const [field] of declared) reads.event.add(field);
      const fields = declared
        .filter(([field]) => !isEnvelopeName(field))
        .map(([field, { type }]) => [field, type] as const);
      const shape = { op: 'event', fields } as const;
      return term(shape, span, { type: 'object', fields: env.event ?? {} }, { cost: 10 * fields.length });
    }
    case 'profile':
      for (const field of Object.keys(env.profile)) reads.profile.add(field);
      return term({ op: 'profile', of: 'profile' }, span, { type: 'object', fields: env.profile });
    case 'subject': {
      const fields = env.subject ?? {};
      for (const field of Object.keys(fields)) reads.owner.add(field);
      return term({ op: 'profile', of: 'subject' }, span, { type: 'object', fields });
    }
    case 'code':
      return context.refuse('EXPR_NAME', `Name its code: ${name}.code.`, span, { expected: `${name}.code` });
    case 'params': {
      const first = Object.keys(env.params)[0] ?? 'name';
      return context.refuse('EXPR_NAME', `Name one parameter, for example params.${first}.`, span);
    }
    case 'step':
      reads.steps.add(name);
      return stepTerm(name, span, context);
    case null: {
      const near = nearest(name, knownNames(context));
      const message =
        name === 'event' ? 'There is no event here; name an indicator.' : `${name} is not known here.`;
      return context.refuse('EXPR_NAME', message, span, { nearest: near });
    }
  }
}

/** `object.name`. */
export function checkMember(syntax: MemberSyntax, context: CheckContext): Term {
  const root = rootOf(syntax.object, context);
  if (root === 'step') return checkStepField(syntax.object, syntax.name, syntax, syntax.nameSpan, context);
  if (root === 'code') return checkCode(syntax.object, syntax.name, syntax, syntax.nameSpan, context);
  if (root !== null) return checkRootField(root, syntax.name, syntax, syntax.nameSpan, context);
  const object = context.check(syntax.object, context);
  return checkField(object, syntax.name, syntax, syntax.nameSpan, context);
}

/** `region.code`, `industry.code`: the key itself, so never null. */
function checkCode(owner: Syntax, name: string, span: Span, nameSpan: Span, context: CheckContext): Term {
  const key = owner.op === 'name' ? owner.name : '';
  if (name !== 'code') return refuseField(key, name, ['code'], nameSpan, context);
  context.reads.profile.add(key);
  return term({ op: 'fact', of: 'profile', name: key, fieldType: STRING }, span, STRING);
}

function stepTerm(name: string, span: Span, { env }: CheckContext): Term {
  return term({ op: 'step', name }, span, { type: 'object', fields: env.steps?.[name] ?? {} });
}

/** A field of the event of an earlier step: what is kept of it has the form of expressions already. */
function checkStepField(step: Syntax, name: string, span: Span, nameSpan: Span, context: CheckContext): Term {
  const owner = step.op === 'name' ? step.name : '';
  const fields = context.env.steps?.[owner] ?? {};
  if (!Object.hasOwn(fields, name)) return refuseField(owner, name, Object.keys(fields), nameSpan, context);
  context.reads.steps.add(`${owner}.${name}`);
  return checkField(stepTerm(owner, step, context), name, span, nameSpan, context);
}

/** `order["field"]`, which may be one outside the schema. */
function checkStepIndex(syntax: Syntax & { op: 'index' }, name: string, context: CheckContext): Term {
  const { object: step, key } = syntax;
  const owner = step.op === 'name' ? step.name : '';
  if (Object.hasOwn(context.env.steps?.[owner] ?? {}, name)) {
    return checkStepField(step, name, syntax, key, context);
  }
  if (FORBIDDEN.has(name)) return refuseForbidden(name, key, context);
  context.reads.steps.add(`${owner}.${name}`);
  const children = [stepTerm(owner, step, context)];
  return term({ op: 'member', name }, syntax, DYN, { children, nullable: true, cost: 3 });
}

/** `event.name`, `subject.name`, `params.name`. */
function checkRootField(
  root: Exclude<Root, 'step' | 'code'>,
  name: string,
  span: Span,
  nameSpan: Span,
  context: CheckContext,
): Term {
  const { env, reads } = context;
  if (root === 'params') {
    const type = Object.hasOwn(env.params, name) ? env.params[name] : undefined;
    if (type === undefined) return refuseField('params', name, Object.keys(env.params), nameSpan, context);
    reads.params.add(name);
    return term({ op: 'param', name }, span, type, { nullable: type.type === 'dyn' });
  }
  const fields: Fields = env[root] ?? {};
  const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
  if (field === undefined) return refuseField(root, name, Object.keys(fields), nameSpan, context);
  const nullable = field.optional || field.type.type === 'dyn';
  if (root !== 'event') {
    (root === 'profile' ? reads.profile : reads.owner).add(name);
    return term({ op: 'fact', of: root, name, fieldType: field.type }, span, field.type, { nullable: true });
  }
  reads.event.add(name);
  if (isEnvelopeName(name)) {
    const type = name === 'time' || name === 'at' ? TIMESTAMP : STRING;
    return term({ op: 'envelope', name }, span, type);
  }
  const cost = field.type.type === 'list' || field.type.type === 'object' ? 1000 : 2;
  return term({ op: 'field', name, fieldType: field.type }, span, field.type, { nullable, cost });
}

function refuseField(
  owner: string,
  name: string,
  known: readonly string[],
  span: Span,
  context: CheckContext,
): Term {
  const near = nearest(name, known);
  const open = owner === 'event' && near === undefined && !FORBIDDEN.has(name);
  const extra = open ? ` A field outside the schema is read as event[${JSON.stringify(name)}].` : '';
  return context.refuse('EXPR_FIELD', `${owner} has no field ${name}.${extra}`, span, {
    expected: known.slice(0, 20).join(', '),
    nearest: near,
  });
}

/** A field of a value that is itself computed. */
export function checkField(
  object: Term,
  name: string,
  span: Span,
  nameSpan: Span,
  context: CheckContext,
): Term {
  const { type } = object;
  const shape = { op: 'member', name } as const;
  if (type.type === 'object') {
    const field = Object.hasOwn(type.fields, name) ? type.fields[name] : undefined;
    if (field === undefined)
      return refuseField('This object', name, Object.keys(type.fields), nameSpan, context);
    const nullable = object.nullable || field.optional;
    return term(shape, span, field.type, { children: [object], nullable });
  }
  if (!isOpen(type)) {
    return context.refuse('EXPR_TYPE', `A ${describe(type)} has no fields.`, nameSpan, {
      expected: 'object',
    });
  }
  if (FORBIDDEN.has(name)) return refuseForbidden(name, nameSpan, context);
  return term(shape, span, DYN, { children: [object], nullable: true, cost: 3 });
}

export function refuseForbidden(name: string, span: Span, context: CheckContext): Term {
  return context.refuse('EXPR_NAME', `A field named ${name} cannot be read.`, span);
}

/** `object[key]`: an element of a list, or a field by a text. */
export function checkIndex(syntax: Syntax & { op: 'index' }, context: CheckContext): Term {
  const { key } = syntax;
  const literal = key.op === 'literal' && typeof key.value === 'string' ? key.value : undefined;
  const root = rootOf(syntax.object, context);
  if (root !== null) {
    if (literal === undefined) {
      const message = 'The name of the field must be a text written here, for example event["field"].';
      return context.refuse('EXPR_TYPE', message, key, { expected: 'a literal text' });
    }
    if (root === 'step') return checkStepIndex(syntax, literal, context);
    if (root === 'code') return checkCode(syntax.object, literal, syntax, key, context);
    if (root !== 'event' || Object.hasOwn(context.env.event ?? {}, literal)) {
      return checkRootField(root, literal, syntax, key, context);
    }
    if (FORBIDDEN.has(literal)) return refuseForbidden(literal, key, context);
    context.reads.event.add(literal);
    return term({ op: 'extra', name: literal }, syntax, DYN, { nullable: true, cost: 2 });
  }
  const object = context.check(syntax.object, context);
  if (literal !== undefined) return checkField(object, literal, syntax, key, context);
  return checkElement(object, context.check(key, context), syntax, context);
}

function checkElement(object: Term, key: Term, span: Span, context: CheckContext): Term {
  const { type } = object;
  const wanted = type.type === 'list' ? NUMBER : STRING;
  if (type.type !== 'list' && type.type !== 'object' && !isOpen(type)) {
    const hint = type.type === 'string' ? ' Write text.charAt(n) for a character.' : '';
    return context.refuse('EXPR_TYPE', `A ${describe(type)} has no elements.${hint}`, object, {
      expected: 'list or object',
    });
  }
  if (!isOpen(type) && !isOpen(key.type) && key.type.type !== wanted.type) {
    const message = `A ${describe(type)} is read by a ${wanted.type}, not by a ${describe(key.type)}.`;
    return context.refuse('EXPR_TYPE', message, key, { expected: wanted.type });
  }
  const element = type.type === 'list' ? declaredType(type.element) : DYN;
  return term({ op: 'index' }, span, element, { children: [object, key], nullable: true, cost: 3 });
}

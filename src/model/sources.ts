// Which sources the models of a scope may read, and of whose warnings an indicator hears.
import { SOURCES, type SourceName } from '../events/event.js';
import type { ModelNames } from './environment.js';
import type { Expression } from './expression/expression.js';
import type { Syntax } from './expression/syntax.js';
import { parseSyntax } from './expression/syntax.js';
import type { ModelScope, WindowIndicator } from './model.js';
import type { Report } from './report.js';
import type { YamlNode } from './yaml.js';

/** Why a scope cannot read a source, and what to write instead. */
interface Refusal {
  readonly code: 'MODEL_STREAM_SCOPE';
  readonly message: string;
  readonly expected: string;
}

/** The source of a name, checked against the model's scope; null where it is none, which is then in the report. */
export function checkSource(
  report: Report,
  { scope }: ModelNames,
  name: string,
  node: YamlNode,
): SourceName | null {
  const source = SOURCES.find((known) => known === name);
  if (source === undefined) {
    report.add('MODEL_STREAM_UNKNOWN', node, `no stream "${name}"`, {
      expected: `one of ${SOURCES.join(', ')}`,
      sought: { name, among: SOURCES },
    });
    return null;
  }
  const refusal = refusalOf(scope, source);
  if (refusal === null) return source;
  report.add(refusal.code, node, refusal.message, { expected: refusal.expected });
  return null;
}

function refusalOf(scope: ModelScope, source: SourceName): Refusal | null {
  const code = 'MODEL_STREAM_SCOPE';
  if (scope === 'device' && source === 'warning') {
    const expected = 'scope: subject, which the warnings of its devices reach';
    return { code, message: 'a device hears of no warnings', expected };
  }
  if (scope === 'device' && source !== 'sensor-reading' && source !== 'registration') {
    const message = `a device has no events of the stream ${source}`;
    return { code, message, expected: 'sensor-reading or registration, or scope: subject' };
  }
  if (scope === 'place' && source === 'sensor-reading') {
    const expected = 'scope: subject or region, which readings reach, or another stream';
    return { code, message: 'readings belong to a device and reach no place', expected };
  }
  return null;
}

/**
 * The models that a filter restricts its warnings to: `event.model == "x"`, `event.model in ["x", "y"]`, joined by
 * `&&` and `||` with each other and, by `&&`, with anything else. What asks for another stream takes no warning, so it
 * may stand beside them: `event.stream == "penalty" || event.model == "x"`.
 * @param source a condition that has passed its check
 * @returns null where it does not say
 */
export function modelsNamed(source: string): readonly string[] | null {
  return named(parseSyntax(source));
}

function named(syntax: Syntax): readonly string[] | null {
  if (syntax.op === 'and') {
    const [left, right] = [named(syntax.left), named(syntax.right)];
    if (left === null || right === null) return left ?? right;
    return left.filter((name) => right.includes(name));
  }
  if (syntax.op === 'or') {
    const [left, right] = [named(syntax.left), named(syntax.right)];
    return left === null || right === null ? null : [...new Set([...left, ...right])];
  }
  const texts = textsAsked(syntax, 'model');
  if (texts !== null) return texts;
  const streams = textsAsked(syntax, 'stream');
  return streams === null || streams.includes('warning') ? null : [];
}

/**
 * Of which models an indicator hears warnings.
 * @param filters that each take a part of what is read
 */
export function hearing(
  from: readonly SourceName[],
  filters: readonly (Expression | null)[],
): Pick<WindowIndicator, 'warningsOf' | 'alsoAsked'> {
  if (!from.includes('warning')) return { warningsOf: null, alsoAsked: [] };
  const named = filters.map((filter) => (filter === null ? null : modelsNamed(filter.source)));
  if (named.length > 0 && !named.includes(null)) {
    return { warningsOf: [...new Set(named.flatMap((names) => names ?? []))], alsoAsked: [] };
  }
  const asked = filters.flatMap((filter) => (filter === null ? [] : modelsMentioned(filter.source)));
  return { warningsOf: null, alsoAsked: [...new Set(asked)] };
}

/** The models that a filter names by equality anywhere in it. @param source a condition that has passed its check */
export function modelsMentioned(source: string): readonly string[] {
  const mentioned = (syntax: Syntax): readonly string[] => {
    switch (syntax.op) {
      case 'and':
      case 'or':
        return [...mentioned(syntax.left), ...mentioned(syntax.right)];
      case 'conditional':
        return [syntax.condition, syntax.yes, syntax.no].flatMap(mentioned);
      default:
        return textsAsked(syntax, 'model') ?? [];
    }
  };
  return [...new Set(mentioned(parseSyntax(source)))];
}

/** The texts of which a field of the event is to be one; null where it is another condition. */
function textsAsked(syntax: Syntax, field: string): readonly string[] | null {
  if (syntax.op !== 'binary') return null;
  const { operator, left, right } = syntax;
  if (operator === 'in' && isField(left, field) && right.op === 'list') {
    const texts = right.items.map(textOf);
    return texts.includes(null) ? null : texts.filter((text) => text !== null);
  }
  if (operator !== '==') return null;
  const text = isField(left, field) ? textOf(right) : isField(right, field) ? textOf(left) : null;
  return text === null ? null : [text];
}

/** `event.model` or `event["model"]`. */
function isField(syntax: Syntax, name: string): boolean {
  if (syntax.op !== 'member' && syntax.op !== 'index') return false;
  const field = syntax.op === 'member' ? syntax.name : textOf(syntax.key);
  return field === name && syntax.object.op === 'name' && syntax.object.name === 'event';
}

function textOf(syntax: Syntax): string | null {
  return syntax.op === 'literal' && typeof syntax.value === 'string' ? syntax.value : null;
}

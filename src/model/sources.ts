// Which sources the models of a scope may read, and of whose warnings an indicator hears.
import { SOURCES, type SourceName } from '../events/event.js';
import type { ModelNames } from './environment.js';
import type { Syntax } from './expression/syntax.js';
import { parseSyntax } from './expression/syntax.js';
import type { ModelScope } from './model.js';
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
    report.add('MODEL_UNKNOWN_NAME', node, `no stream "${name}"`, {
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
 * `&&` and `||` with each other and, by `&&`, with anything else.
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
  if (syntax.op !== 'binary') return null;
  const { operator, left, right } = syntax;
  if (operator === 'in' && isModel(left) && right.op === 'list') {
    const names = right.items.map(textOf);
    return names.includes(null) ? null : names.filter((name) => name !== null);
  }
  if (operator !== '==') return null;
  const name = isModel(left) ? textOf(right) : isModel(right) ? textOf(left) : null;
  return name === null ? null : [name];
}

/** `event.model` or `event["model"]`. */
function isModel(syntax: Syntax): boolean {
  if (syntax.op !== 'member' && syntax.op !== 'index') return false;
  const field = syntax.op === 'member' ? syntax.name : textOf(syntax.key);
  return field === 'model' && syntax.object.op === 'name' && syntax.object.name === 'event';
}

function textOf(syntax: Syntax): string | null {
  return syntax.op === 'literal' && typeof syntax.value === 'string' ? syntax.value : null;
}

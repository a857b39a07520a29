// Parameters of a model: constants, or values that a field of the profile chooses.
import type { FieldType } from '../events/fields.js';
import { profileFields } from '../events/profile.js';
import { valuesOf } from '../events/streams.js';
import { isWider } from './environment.js';
import type { Value } from './expression/expression.js';
import type { ModelScope, Param } from './model.js';
import type { Report } from './report.js';
import { typeScalar } from './scalar.js';
import { nodeAt, type MapNode, type TextNode, type YamlNode } from './yaml.js';

const CHOICES_MAX = 100;
const KEYS = new Set(['default', 'by']);

/**
 * Reads `params` of a file whose shape is checked. One with a fault is reported and stays open in type, so that
 * what reads it is not reported, too.
 */
export function readParams(report: Report, root: YamlNode, scope: ModelScope): Param[] {
  const params = nodeAt(root, ['params']);
  if (params === root || params.kind !== 'map') return [];
  return [...params.entries].map(([name, entry]) => {
    const open: Param = { name, type: { type: 'dyn' }, fallback: null, by: null, choices: new Map() };
    return readParam(report, name, entry.value, scope) ?? open;
  });
}

function readParam(report: Report, name: string, node: YamlNode, scope: ModelScope): Param | null {
  if (node.kind === 'text') {
    const constant = typed(report, node);
    return constant === null
      ? null
      : { name, type: constant.type, fallback: constant.value, by: null, choices: new Map() };
  }
  return node.kind === 'map' ? readChoice(report, name, node, scope) : null;
}

function readChoice(report: Report, name: string, node: MapNode, scope: ModelScope): Param | null {
  const fallbackNode = textAt(node, 'default');
  const by = textAt(node, 'by');
  if (fallbackNode === null) {
    report.add('MODEL_PARAM_DEFAULT', node, `the parameter "${name}" has no default`, {
      expected: 'default: <value>',
    });
    return null;
  }
  const fallback = typed(report, fallbackNode);
  const field = by === null ? null : profileField(report, by, scope);
  if (fallback === null || (by !== null && field === null)) return null;
  const entries = [...node.entries].filter(([key]) => !KEYS.has(key));
  const first = entries[0];
  if (by === null && first !== undefined) {
    const expected = `by: ${scope}.<field>, for example by: ${scope}.credit`;
    report.add('MODEL_PARAM_CHOICE', first[1].key, `nothing says what chooses "${first[0]}"`, { expected });
    return null;
  }
  if (entries.length > CHOICES_MAX) {
    report.add('MODEL_PARAM_CHOICE', node, `the parameter "${name}" has too many choices`, {
      expected: `at most ${CHOICES_MAX}`,
    });
    return null;
  }
  const choices = new Map<string, Value>();
  const among = field === null ? undefined : valuesOf('registration', field);
  for (const [choice, entry] of entries) {
    if (among !== undefined && !among.includes(choice)) {
      const message = `${scope}.${field ?? ''} is never "${choice}", so this choice of "${name}" is never taken`;
      const expected = `one of ${among.join(', ')}`;
      report.add('MODEL_PARAM_CHOICE', entry.key, message, { expected, sought: { name: choice, among } });
      continue;
    }
    const value = entry.value.kind === 'text' ? typed(report, entry.value) : null;
    if (value === null) return null;
    if (value.type.type !== fallback.type.type) {
      const message = `"${choice}" is a ${value.type.type}, the default of "${name}" a ${fallback.type.type}`;
      report.add('MODEL_PARAM_TYPE', entry.value, message, { expected: `a ${fallback.type.type}` });
      return null;
    }
    choices.set(choice, value.value);
  }
  return { name, type: fallback.type, fallback: fallback.value, by: field, choices };
}

function textAt(node: MapNode, key: string): TextNode | null {
  const value = node.entries.get(key)?.value;
  return value?.kind === 'text' ? value : null;
}

function typed(report: Report, node: TextNode): { type: FieldType; value: Value } | null {
  const scalar = typeScalar(node);
  if (scalar.ok) return scalar;
  report.add('MODEL_VALUE', node, scalar.message, { expected: scalar.expected });
  return null;
}

/** The profile field that `by` names, for example `credit` in `subject.credit`. */
function profileField(report: Report, by: TextNode, scope: ModelScope): string | null {
  const [owner, field, ...rest] = by.value.split('.');
  const textFields = Object.keys(profileFields).filter((name) => profileFields[name]?.type.type === 'string');
  if (scope === 'device' && owner === 'subject') {
    const message = 'the parameters of a device model are chosen by its own profile';
    report.add('MODEL_PARAM_BY', by, message, { expected: 'device.<field>' });
    return null;
  }
  if (isWider(scope)) {
    const message = `a ${scope} has no profile that could choose`;
    report.add('MODEL_PARAM_BY', by, message, { expected: 'one value for every key, without by' });
    return null;
  }
  if (owner !== scope || field === undefined || rest.length > 0 || !textFields.includes(field)) {
    report.add('MODEL_PARAM_BY', by, `"${by.value}" is not a text field of the profile`, {
      expected: `one of ${textFields.map((name) => `${scope}.${name}`).join(', ')}`,
      sought: { name: by.value, among: textFields.map((name) => `${scope}.${name}`) },
    });
    return null;
  }
  return field;
}

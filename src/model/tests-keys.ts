// The keys of one test case: its own, and others that it declares by name, so that wider scopes have something to see.
import type { JsonObject, KeyScope, StreamName } from '../events/event.js';
import { isIndustryCode, isRegionCode } from '../events/identifiers.js';
import { profileFields } from '../events/profile.js';
import type { Report } from './report.js';
import { readData, type DataContext } from './tests-data.js';
import { OTHERS, type CaseContent, type EventContent } from './tests-shape.js';
import { nodeAt, type YamlNode } from './yaml.js';

/** A key that a case declares under `subjects`, `devices` or `places`. */
export interface TestKey {
  readonly scope: KeyScope;
  /** Unique in the case, whatever the scope. */
  readonly name: string;
  /** Data of its registration, without `kind` unless given; a named `owner` is an id already. */
  readonly profile: JsonObject;
  readonly line: number;
}

/** The keys of a case: the scope of its own, null where it gives no profile, and those beside it. */
export interface CaseKeys {
  readonly scope: KeyScope | null;
  readonly others: readonly TestKey[];
}

/** Whose an event is. */
export type KeyName = Pick<TestKey, 'scope' | 'name'>;

const OWN = 'key';
const KINDS = ['subject', 'device', 'place'] as const;

/** The id of a key of a case in the events that it sends; of the case's own without a name. */
export function testKeyId(name: string = OWN): string {
  return `test:${name}`;
}

/** The scope of the case's own profile; null where none is given. */
export function ownScopeOf(report: Report, node: YamlNode, content: CaseContent): KeyScope | null {
  const [scope, second] = KINDS.filter((kind) => content[kind] !== undefined);
  if (second !== undefined) {
    const message = 'a case has one profile of its own, of a subject, a device or a place';
    report.add('TEST_VALUE', nodeAt(node, [second], 'key'), message, {
      expected: `${second}s: { <name>: { ... } } for a further one`,
    });
  }
  return scope ?? null;
}

/** The case's own profile. */
export function readOwnProfile(
  context: DataContext,
  node: YamlNode,
  content: CaseContent,
  scope: KeyScope | null,
): JsonObject {
  if (scope === null) return {};
  const profile = readData(context, nodeAt(node, [scope]), profileFields);
  return owned(context.report, nodeAt(node, [scope, 'owner']), profile, scope, content, null);
}

/** The keys that a case declares beside its own, in the order of subjects, devices, places. */
export function readKeys(
  context: DataContext,
  node: YamlNode,
  content: CaseContent,
  ownScope: KeyScope | null,
): TestKey[] {
  const { report } = context;
  const keys: TestKey[] = [];
  for (const scope of KINDS) {
    const group = OTHERS[scope];
    for (const name of Object.keys(content[group])) {
      const here = nodeAt(node, [group, name]);
      if (name === OWN || keys.some((key) => key.name === name)) {
        const expected = 'a name that no other key of the case has';
        const message = name === OWN ? '"key" means the key of the case itself' : `"${name}" stands twice`;
        report.add('TEST_VALUE', nodeAt(node, [group, name], 'key'), message, { expected });
        continue;
      }
      const profile = readData(context, here, profileFields);
      const mine = scope === 'device' && ownScope === 'subject' ? testKeyId() : null;
      keys.push({
        scope,
        name,
        profile: owned(report, nodeAt(node, [group, name, 'owner']), profile, scope, content, mine),
        line: report.source.placeOf(here.start).line,
      });
    }
  }
  return keys;
}

/** A profile whose `owner` is an id: that of the subject named, or else of the case's own subject. */
function owned(
  report: Report,
  ownerNode: YamlNode,
  profile: JsonObject,
  scope: KeyScope,
  { subjects }: CaseContent,
  mine: string | null,
): JsonObject {
  const owner = profile['owner'];
  if (owner === undefined) return mine === null ? profile : { ...profile, owner: mine };
  const among = Object.keys(subjects);
  if (scope === 'subject' || typeof owner !== 'string' || among.length === 0) return profile;
  if (among.includes(owner)) return { ...profile, owner: testKeyId(owner) };
  report.add('TEST_UNKNOWN_NAME', ownerNode, `the case declares no subject "${owner}"`, {
    expected: `one of ${among.join(', ')}`,
    sought: { name: owner, among },
  });
  return profile;
}

/**
 * Whose an event of a case is; null for the case's own, `undefined` where that has a fault, which is then in the report.
 * @param name as `subject`, `device` or `place` of the event says, `{n}` replaced
 */
export function keyOfEvent(
  report: Report,
  node: YamlNode,
  content: EventContent,
  stream: StreamName,
  named: (text: string) => string,
  { scope: ownScope, others }: CaseKeys,
): KeyName | null | undefined {
  const [scope, second] = KINDS.filter((kind) => content[kind] !== undefined);
  const refuse = (key: KeyScope, message: string, expected: string): undefined => {
    report.add('TEST_VALUE', nodeAt(node, [key], 'key'), message, { expected });
  };
  if (second !== undefined) return refuse(second, 'an event belongs to one key', `${scope ?? ''} alone`);
  if (scope === undefined) {
    if (stream !== 'sensor-reading' || ownScope === null || ownScope === 'device') return null;
    const devices = others.filter((key) => key.scope === 'device').map((key) => key.name);
    report.add('TEST_MISSING_KEY', node, 'nothing says of which device the reading is', {
      expected:
        devices.length === 0 ? 'devices: { <name>: {} } and device: <name>' : `device: ${devices.join(', ')}`,
    });
    return undefined;
  }
  if (scope === 'device' && stream !== 'sensor-reading' && stream !== 'registration') {
    return refuse(scope, `a device has no events of the stream ${stream}`, 'subject or place');
  }
  if (scope !== 'device' && stream === 'sensor-reading') {
    return refuse(scope, 'a reading belongs to a device', 'device: <name>');
  }
  const name = named(content[scope] ?? '');
  if (others.some((key) => key.scope === scope && key.name === name)) return { scope, name };
  const among = others.filter((key) => key.scope === scope).map((key) => key.name);
  report.add('TEST_UNKNOWN_NAME', nodeAt(node, [scope]), `the case declares no ${scope} "${name}"`, {
    expected: `one of its ${OTHERS[scope]}`,
    sought: { name, among },
  });
  return undefined;
}

/** On which key a transition must come: a name of the case, or the code of a region, an industry or both. */
export function keyOfExpectation(
  report: Report,
  node: YamlNode,
  key: string | undefined,
  keys: readonly TestKey[],
): string | null {
  if (key === undefined) return null;
  if (keys.some(({ name }) => name === key) || isCode(key)) return key;
  report.add('TEST_UNKNOWN_NAME', nodeAt(node, ['key']), `there is no key "${key}" in this case`, {
    expected: 'a name of the case, or the code of a region, an industry, or both as region/industry',
    sought: { name: key, among: keys.map(({ name }) => name) },
  });
  return null;
}

function isCode(text: string): boolean {
  const [first = '', second, ...rest] = text.split('/');
  if (second === undefined) return isRegionCode(first) || isIndustryCode(first);
  return rest.length === 0 && isRegionCode(first) && isIndustryCode(second);
}

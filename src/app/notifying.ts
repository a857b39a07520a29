// Trying a channel out: what it would send, and whether a marked test message is taken.
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openInbox } from '../adapters/files/inbox.js';
import { messageOf as bodyOf } from '../alerts/wording.js';
import { CodedError } from '../events/coded-error.js';
import { LEVELS } from '../model/model.js';
import type { RuleSet } from '../model/ruleset.js';
import { messageOf } from '../pipeline/deliver/message.js';
import type { Channel, Message, SendResult } from '../ports/channel.js';
import { openChannels } from './channels.js';
import { NO_CHANNELS, type Channels } from './delivering.js';
import { loadRulesAt } from './named-rules.js';

export interface NotifyRequest {
  /** The file of channels. */
  readonly channels: string | undefined;
  readonly rulesDir: string;
  readonly channel: string;
  /** The first that the channel has an address for, where undefined. */
  readonly department: string | undefined;
}

const WARNING_MAX_BYTES = 1_048_576;

/**
 * What a channel would send for a warning.
 * @param warning `sample`, or a file whose last line is a message as inbox files have them
 * @throws CodedError USAGE, FILE_READ, and what opening the channels throws
 */
export async function previewMessage(request: NotifyRequest, warning: string): Promise<string> {
  const { rules, channels, channel, department } = await prepared(request);
  const body = warning === 'sample' ? sampleOf(rules) : await readBody(warning);
  const id = typeof body['id'] === 'string' ? body['id'] : 'preview';
  const delivery = { id, department, channel: channel.name, body: addressed(body, department, rules) };
  return channel.preview(messageOf(delivery, 1, channels.link));
}

export interface Tried {
  readonly department: string;
  readonly endpoint: string;
  readonly result: SendResult;
}

/** Sends a message that says it is a test to one department. @throws CodedError as `previewMessage` */
export async function testChannel(request: NotifyRequest): Promise<Tried> {
  if (request.channel === 'file') {
    throw new CodedError('USAGE', 'inbox files belong to the running system; no test is written into them.');
  }
  const { rules, channels, channel, department } = await prepared(request);
  const message: Message = messageOf(
    {
      id: `test-${randomUUID()}`,
      department,
      channel: channel.name,
      body: addressed({ ...sampleOf(rules), test: true }, department, rules),
    },
    1,
    channels.link,
    true,
  );
  try {
    const result = await channel.send([message], new AbortController().signal);
    return { department, endpoint: channel.endpointOf(department) ?? '', result };
  } finally {
    await channel.close();
  }
}

async function prepared({ channels: path, rulesDir, channel: name, department }: NotifyRequest) {
  const { rules } = await loadRulesAt(rulesDir);
  const departments = rules.catalogue.departments;
  const channels: Channels =
    name === 'file' ? NO_CHANNELS : await openChannels(path, new Set(departments.keys()), Date.now);
  const list: readonly Channel[] = [openInbox({ dir: join('data', 'inbox') }), ...channels.list];
  const channel = list.find((one) => one.name === name);
  if (channel === undefined) {
    const known = list.map((one) => one.name).join(', ');
    throw new CodedError('USAGE', `no channel ${JSON.stringify(name)}; there are ${known}.`);
  }
  if (department !== undefined && !departments.has(department)) {
    throw new CodedError('USAGE', `no department ${JSON.stringify(department)} in the catalogue.`);
  }
  const reached = department ?? [...departments.keys()].find((one) => channel.endpointOf(one) !== null);
  if (reached === undefined || channel.endpointOf(reached) === null) {
    throw new CodedError('CHANNEL_NO_ADDRESS', `channel ${name}, department ${reached ?? '(none)'}.`);
  }
  return { rules, channels, channel, department: reached };
}

type Body = Message['body'];

/** What the first model with a response plan would say at its gravest level, of nobody. */
function sampleOf(rules: RuleSet): Body {
  const model = rules.models.find((one) => one.plan !== null) ?? rules.models[0];
  if (model === undefined) throw new CodedError('USAGE', 'the rules have no model to make a sample of.');
  const { catalogue } = rules;
  const raisable = model.levels.map(({ level }) => level);
  const level = [...LEVELS].reverse().find((one) => one !== 'none' && raisable.includes(one)) ?? 'yellow';
  const at = Date.now();
  const transition = {
    kind: 'transition',
    warning: '0'.repeat(32),
    ordinal: 0,
    model: model.name,
    scope: 'subject',
    key: 'sample',
    level,
    previous: 'none',
    clock: at,
    raised: at,
    indicators: { 示例指标: 3 },
    params: {},
    profile: { name: '示例单位' },
    reason: 'raised',
    revision: rules.revision,
    item: model.item,
    quiet: false,
    contributions: { events: [], total: 0, hash: '' },
  } as const;
  return bodyOf(transition, model, catalogue.items.get(model.item), catalogue);
}

async function readBody(path: string): Promise<Body> {
  const bytes = await readFile(path).catch((error: unknown) => {
    throw new CodedError(
      'FILE_READ',
      `${path}: expected a file with a message, one JSON object a line.`,
      error,
    );
  });
  if (bytes.byteLength > WARNING_MAX_BYTES) throw new CodedError('FILE_READ', `${path} is over 1 MiB.`);
  const line = bytes.toString('utf8').trim().split('\n').at(-1) ?? '';
  try {
    const body: unknown = JSON.parse(line);
    if (typeof body === 'object' && body !== null && !Array.isArray(body)) return body as Body;
  } catch {
    // Said below, as for any other line that is no object.
  }
  throw new CodedError(
    'FILE_READ',
    `${path}: its last line is no JSON object; take a line of an inbox file.`,
  );
}

function addressed(body: Body, department: string, { catalogue }: RuleSet): Body {
  return { ...body, department, department_name: catalogue.departments.get(department)?.name ?? null };
}

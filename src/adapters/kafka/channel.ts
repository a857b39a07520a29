// The channel for systems that read a topic: the message as JSON, keyed by its warning, its id in a header.
import { Partitioners, type Producer } from 'kafkajs';
import type { Code } from '../../events/codes.js';
import { endpointsOf } from '../../events/settings.js';
import type { Channel, ChannelPolicy, Message, SendFailure, SendResult } from '../../ports/channel.js';
import type { KafkaChannelSettings } from './config.js';
import { kafkaFault, openKafka, type Dial } from './connection.js';

export interface KafkaChannelOptions {
  readonly name: string;
  readonly settings: KafkaChannelSettings;
  readonly policy: ChannelPolicy;
  readonly timeoutMs: number;
  readonly dial: Dial;
}

const VALUE_MAX_BYTES = 256 * 1024;

/**
 * A channel that appends `{"id": ..., "channel": ..., "department": ..., ...}` to the topic of the department, once all
 * in-sync replicas have it. The key is the warning, so that what is said of one stays in order. The headers
 * `idempotency-key` and `ce_id` are the id of the delivery, the same at each attempt; `fenghuo-attempt` counts from 1,
 * and `fenghuo-test` is there for a trial. A reader keeps ids for as long as it must tell repetitions.
 */
export function openKafkaChannel({ name, settings, policy, timeoutMs, dial }: KafkaChannelOptions): Channel {
  const kafka = openKafka({ settings, clientId: 'fenghuo', timeoutMs, dial });
  const endpointOf = endpointsOf(settings.topics, ({ topic }) => topic);
  const topicOf = (department: string) => settings.topics[endpointOf(department) ?? '']?.topic;
  let opening: Promise<Producer> | null = null;
  const producer = async (): Promise<Producer> => {
    const made = kafka.producer({
      allowAutoTopicCreation: false,
      createPartitioner: Partitioners.DefaultPartitioner,
    });
    await made.connect();
    return made;
  };
  /** What may stand in an unknown state is not used again. */
  const drop = async (): Promise<void> => {
    const dropped = opening;
    opening = null;
    await dropped?.then((one) => one.disconnect()).catch(() => undefined);
  };
  return {
    name,
    policy,
    endpointOf,
    async send([message], signal) {
      const topic = message === undefined ? undefined : topicOf(message.department);
      if (message === undefined || topic === undefined) {
        return { ok: false, reason: 'CHANNEL_NO_ADDRESS', retriable: false };
      }
      const value = bodyOf(message);
      if (Buffer.byteLength(value) > VALUE_MAX_BYTES) {
        return { ok: false, reason: 'CHANNEL_TOO_LARGE', retriable: false };
      }
      const progress = { isConnected: false };
      const sending = async (): Promise<SendResult> => {
        const open = await (opening ??= producer());
        progress.isConnected = true;
        const record = { key: keyOf(message), value, headers: headersOf(message) };
        await open.send({ topic, acks: -1, timeout: timeoutMs, messages: [record] });
        return { ok: true };
      };
      const result = await orLost(sending(), signal, timeoutMs, progress);
      // The producers of other topics are this one, and what is under way there is tried again.
      if (!result.ok) await drop();
      return result;
    },
    preview(message) {
      const body = JSON.stringify(JSON.parse(bodyOf(message)), null, 2);
      const topic = topicOf(message.department) ?? '(no topic)';
      return `topic ${topic}, key ${keyOf(message)}\nidempotency-key: ${message.id}\n\n${body}`;
    },
    close: drop,
  };
}

/** The result of a send, or that nothing is known of it: once it takes too long, or may go on no longer. */
async function orLost(
  sending: Promise<SendResult>,
  signal: AbortSignal,
  timeoutMs: number,
  progress: { readonly isConnected: boolean },
): Promise<SendResult> {
  const ended = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
  const lost = new Promise<SendResult>((resolve) => {
    const say = () => resolve(overdue(progress.isConnected));
    if (ended.aborted) say();
    else ended.addEventListener('abort', say, { once: true });
  });
  return Promise.race([sending.catch((error: unknown) => failureOf(error, progress.isConnected)), lost]);
}

function overdue(wasConnected: boolean): SendFailure {
  const doubt = wasConnected ? ({ inDoubt: true } as const) : {};
  return { ok: false, reason: 'CHANNEL_TIMEOUT', retriable: true, ...doubt };
}

/** By the type of the protocol, where it is no passing failure of the cluster. */
const REFUSED: { readonly [type: string]: { readonly reason: Code; readonly retriable: boolean } } = {
  MESSAGE_TOO_LARGE: { reason: 'CHANNEL_TOO_LARGE', retriable: false },
  RECORD_LIST_TOO_LARGE: { reason: 'CHANNEL_TOO_LARGE', retriable: false },
  INVALID_RECORD: { reason: 'CHANNEL_REFUSED', retriable: false },
  POLICY_VIOLATION: { reason: 'CHANNEL_REFUSED', retriable: false },
  INVALID_TOPIC_EXCEPTION: { reason: 'CHANNEL_REFUSED', retriable: false },
  // Somebody may yet make the topic, or give the permission.
  UNKNOWN_TOPIC_OR_PARTITION: { reason: 'CHANNEL_REFUSED', retriable: true },
  TOPIC_AUTHORIZATION_FAILED: { reason: 'CHANNEL_CREDENTIALS', retriable: true },
  CLUSTER_AUTHORIZATION_FAILED: { reason: 'CHANNEL_CREDENTIALS', retriable: true },
  SASL_AUTHENTICATION_FAILED: { reason: 'CHANNEL_CREDENTIALS', retriable: true },
  THROTTLING_QUOTA_EXCEEDED: { reason: 'CHANNEL_LIMITED', retriable: true },
};

function failureOf(thrown: unknown, wasConnected: boolean): SendFailure {
  const { name, isAnswer } = kafkaFault(thrown);
  if (name === 'CHANNEL_ADDRESS_REFUSED') return { ok: false, reason: name, retriable: false };
  const said = { ok: false, detail: name } as const;
  const refused = REFUSED[name];
  if (refused !== undefined) return { ...said, ...refused };
  if (name === 'KafkaJSSASLAuthenticationError') {
    return { ...said, reason: 'CHANNEL_CREDENTIALS', retriable: true };
  }
  // What in-sync replicas did not all confirm may be there nevertheless.
  const isHalf = name === 'NOT_ENOUGH_REPLICAS_AFTER_APPEND' || name === 'REQUEST_TIMED_OUT';
  if (isAnswer && !isHalf) return { ...said, reason: 'CHANNEL_FAILING', retriable: true };
  const doubt = wasConnected ? ({ inDoubt: true } as const) : {};
  const reason = isHalf ? 'CHANNEL_FAILING' : wasConnected ? 'CHANNEL_BROKEN_OFF' : unreached(name);
  return { ...said, reason, retriable: true, ...doubt };
}

function unreached(name: string): Code {
  if (/TIMEOUT|Timeout/.test(name)) return 'CHANNEL_TIMEOUT';
  return /CERT|^ERR_(TLS|SSL)|SELF_SIGNED|^EPROTO$/.test(name) ? 'CHANNEL_TLS' : 'CHANNEL_UNREACHABLE';
}

function bodyOf({ id, channel, department, body }: Message): string {
  return JSON.stringify({ ...body, id, channel, department });
}

/** The warning; a message of several, such as a digest, is keyed by itself. */
function keyOf({ id, body }: Message): string {
  const { warning } = body;
  return typeof warning === 'string' ? warning : id;
}

function headersOf({ id, attempt, isTest }: Message): Record<string, string> {
  return {
    'content-type': 'application/json; charset=utf-8',
    'idempotency-key': id,
    ce_id: id,
    'fenghuo-attempt': String(attempt),
    ...(isTest && { 'fenghuo-test': '1' }),
  };
}

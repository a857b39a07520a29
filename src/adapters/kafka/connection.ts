// A client of a Kafka cluster: where it connects to, how it proves who it is, and what its errors mean.
import type { Socket } from 'node:net';
import { Kafka, logLevel, type KafkaConfig, type RetryOptions, type SASLOptions } from 'kafkajs';
import { CodedError } from '../../events/coded-error.js';
import type { KafkaConnectionSettings } from './config.js';

/** Opens the socket to a broker; `tls` is undefined for one in the clear. A place that may not be called is an error of it. */
export type Dial = (
  place: { readonly host: string; readonly port: number; readonly tls: { readonly ca?: string } | undefined },
  onConnect: () => void,
) => Socket;

export interface KafkaClientOptions {
  readonly settings: KafkaConnectionSettings;
  readonly clientId: string;
  /** Of one connection, and of one request. */
  readonly timeoutMs: number;
  readonly dial: Dial;
  /** How the client repeats what fails; once, by default. */
  readonly retry?: RetryOptions;
}

const RETRY_ONCE = { retries: 1, initialRetryTime: 100, maxRetryTime: 1_000 };

/**
 * A client that logs nothing: its messages may hold addresses, and what matters comes back as errors.
 * @throws CodedError CHANNEL_SECRET where a user has no password, or a password no user
 */
export function openKafka(options: KafkaClientOptions): Kafka {
  return new Kafka(clientConfig(options));
}

/** The same as the client's own settings, each of them given. */
export function clientConfig({
  settings,
  clientId,
  timeoutMs,
  dial,
  retry = RETRY_ONCE,
}: KafkaClientOptions) {
  const { brokers, tls, ca } = settings;
  return {
    clientId,
    brokers: [...brokers],
    connectionTimeout: timeoutMs,
    authenticationTimeout: timeoutMs,
    requestTimeout: timeoutMs,
    enforceRequestTimeout: true,
    logLevel: logLevel.NOTHING,
    retry,
    ssl: tls,
    ...saslOf(settings),
    socketFactory: ({ host, port, onConnect }) =>
      dial({ host, port, tls: tls ? { ...(ca !== undefined && { ca }) } : undefined }, onConnect),
  } satisfies KafkaConfig;
}

function saslOf({ mechanism, user, password }: KafkaConnectionSettings): { sasl?: SASLOptions } {
  if (user === undefined && password === undefined) return {};
  if (user === undefined || password === undefined) {
    throw new CodedError('CHANNEL_SECRET', 'Kafka: user and password belong together.');
  }
  return { sasl: { mechanism, username: user, password } };
}

/** What an error of the client says, by the name of its innermost cause; its text may hold an address. */
export interface KafkaFault {
  /** A type of the protocol, such as `MESSAGE_TOO_LARGE`, a code of the system, such as `ECONNREFUSED`, or a class. */
  readonly name: string;
  /** Whether the brokers answered, so that it is known that nothing was taken. */
  readonly isAnswer: boolean;
  /** Whether the brokers may say something else soon; so they may where they did not answer. */
  readonly isPassing: boolean;
}

export function kafkaFault(thrown: unknown): KafkaFault {
  // Of several errors in one, which the client names by their number alone, the first.
  const { errors } = thrown as { errors?: unknown };
  let error: unknown = Array.isArray(errors) && errors.length > 0 ? errors[0] : thrown;
  for (let depth = 0; depth < 8 && error instanceof Error && error.cause instanceof Error; depth++) {
    error = error.cause;
  }
  const { type, code, name, retriable } = error as {
    [name in 'type' | 'code' | 'name' | 'retriable']?: unknown;
  };
  if (typeof type === 'string') return { name: type, isAnswer: true, isPassing: retriable !== false };
  const said = [code, name].find((one): one is string => typeof one === 'string' && one !== '') ?? 'error';
  return { name: said.slice(0, 60), isAnswer: false, isPassing: true };
}

// The channel for mailboxes: one message of plain text by SMTP, its Message-ID made of the delivery.
import type { Socket } from 'node:net';
import { createTransport, type SendMailOptions } from 'nodemailer';
import type { Code } from '../../events/codes.js';
import { CodedError } from '../../events/coded-error.js';
import { endpointsOf } from '../../events/settings.js';
import type {
  Channel,
  ChannelPolicy,
  Message,
  Letter,
  SendFailure,
  SendResult,
} from '../../ports/channel.js';
import type { MailSettings } from './config.js';

export interface MailOptions {
  readonly name: string;
  readonly settings: MailSettings;
  readonly policy: ChannelPolicy;
  readonly timeoutMs: number;
  /** Connects to the server, where that may be reached. */
  readonly connect: (place: { host: string; port: number; timeoutMs: number }) => Promise<Socket>;
}

const TEXT_MAX_BYTES = 64 * 1024;
const SUBJECT_MAX = 200;

/**
 * A channel that sends to all addresses of the department at once. The Message-ID is the same at each attempt, so that
 * servers and mailboxes that look at it know a repetition; not all do, so `knowsKey` of the policy is false. From the
 * second attempt on subject and text say so, and the header `X-Fenghuo-Attempt` counts. Where some addresses are
 * refused and others taken, it is delivered, with a note.
 */
export function openMail({ name, settings, policy, timeoutMs, connect }: MailOptions): Channel {
  const { host, port, tls, user, password } = settings;
  const endpointOf = endpointsOf(settings.to, (addresses) => addresses.join(' '));
  const listOf = (department: string) => settings.to[endpointOf(department) ?? ''] ?? [];
  return {
    name,
    policy,
    endpointOf,
    async send([message], signal) {
      const to = message === undefined ? [] : listOf(message.department);
      if (message === undefined || to.length === 0) {
        return { ok: false, reason: 'CHANNEL_NO_ADDRESS', retriable: false };
      }
      const progress = { isConnected: false };
      const overdue = AbortSignal.timeout(timeoutMs);
      const transport = createTransport({
        host,
        port,
        secure: tls === 'implicit',
        requireTLS: tls === 'starttls',
        ignoreTLS: tls === 'none',
        disableFileAccess: true,
        disableUrlAccess: true,
        connectionTimeout: timeoutMs,
        greetingTimeout: timeoutMs,
        socketTimeout: timeoutMs,
        ...(user !== undefined && password !== undefined && { auth: { user, pass: password } }),
        getSocket: (_options, callback) => {
          connect({ host, port, timeoutMs }).then(
            (connection) => {
              progress.isConnected = true;
              callback(null, { connection });
            },
            (error: unknown) => callback(error instanceof Error ? error : new Error(String(error))),
          );
        },
      });
      try {
        const sent = await transport.sendMail({
          ...mailOf(message, settings, to),
          signal: AbortSignal.any([signal, overdue]),
        });
        return resultOf(sent.rejected.length, to.length);
      } catch (error) {
        return failureOf(error as Failure, progress.isConnected, overdue.aborted);
      } finally {
        transport.close();
      }
    },
    preview(message) {
      const { subject, text } = mailOf(message, settings, listOf(message.department));
      return `SMTP ${host}:${port}\nTo: ${listOf(message.department).join(', ')}\nSubject: ${subject}\n\n${text}`;
    },
    close: async () => undefined,
  };
}

function mailOf(message: Message, { from, from_name }: MailSettings, to: readonly string[]) {
  const { id, attempt, isTest } = message;
  const domain = from.slice(from.lastIndexOf('@') + 1);
  const isUrgent = message.body['level'] === 'red';
  const subject = message.text(({ title }) => title, SUBJECT_MAX * 3).replace(/[\p{Cc}\u2028\u2029]+/gu, ' ');
  return {
    from: { name: from_name, address: from },
    to: to.map((address) => ({ name: '', address })),
    subject: `${attempt > 1 ? '（重发）' : ''}${[...subject].slice(0, SUBJECT_MAX).join('')}`,
    text: message.text(layout, TEXT_MAX_BYTES),
    messageId: `<${id.replace(/[^A-Za-z0-9-]/g, '-')}@${domain}>`,
    headers: {
      'X-Fenghuo-Attempt': String(attempt),
      'Auto-Submitted': 'auto-generated',
      ...(isTest && { 'X-Fenghuo-Test': '1' }),
    },
    ...(isUrgent && { priority: 'high' as const }),
  } satisfies SendMailOptions;
}

function layout({ title, lines, link }: Letter): string {
  const parts = lines.map(({ label, text }) => `${label}：${text}`);
  return [title, '', ...parts, ...(link === null ? [] : [`查看：${link}`]), ''].join('\n');
}

function resultOf(rejected: number, all: number): SendResult {
  return rejected === 0 ? { ok: true } : { ok: true, note: `${rejected} of ${all} addresses were refused` };
}

interface Failure {
  readonly code?: string;
  readonly originalCode?: string;
  readonly responseCode?: number;
  readonly timeoutType?: unknown;
}

/** Reply codes of RFC 5321 and 4954: 4yz may pass, 5yz does not; what has none may have been taken once it was connected. */
function failureOf(error: Failure, wasConnected: boolean, isOverdue: boolean): SendFailure {
  if (error instanceof CodedError && error.code === 'CHANNEL_ADDRESS_REFUSED') {
    return { ok: false, reason: error.code, retriable: false };
  }
  const { code, originalCode, responseCode, timeoutType } = error;
  const named = [originalCode, code].find((one) => typeof one === 'string') ?? 'error';
  const detail = responseCode === undefined ? named.slice(0, 60) : `SMTP ${responseCode}`;
  const failure = (reason: Code, retriable: boolean) => ({ ok: false, reason, detail, retriable }) as const;
  if (code === 'EAUTH' || code === 'ENOAUTH') {
    // 454: the server cannot look the password up at the moment.
    return failure('CHANNEL_CREDENTIALS', responseCode !== undefined && responseCode < 500);
  }
  if (responseCode !== undefined) {
    if (responseCode === 552) return failure('CHANNEL_TOO_LARGE', false);
    // 421 and 45z with a rate in mind look the same as any other; the back-off serves for both.
    const isLasting = responseCode >= 500 && responseCode !== 503;
    return failure(isLasting ? 'CHANNEL_REFUSED' : 'CHANNEL_FAILING', !isLasting);
  }
  if (code === 'ETLS' || code === 'EREQUIRETLS') return failure('CHANNEL_TLS', true);
  if (code === 'EENVELOPE' || code === 'EMESSAGE') return failure('CHANNEL_REFUSED', false);
  if (!wasConnected) return failure(isOverdue ? 'CHANNEL_TIMEOUT' : 'CHANNEL_UNREACHABLE', true);
  const isBefore = timeoutType === 'GREETING_TIMEOUT' || timeoutType === 'UPGRADE_TIMEOUT';
  const isTimeout = isOverdue || code === 'ETIMEDOUT';
  const lost = failure(isTimeout ? 'CHANNEL_TIMEOUT' : 'CHANNEL_BROKEN_OFF', true);
  return isBefore ? lost : { ...lost, inDoubt: true };
}

// What may be said in the log of a process: nothing that looks like a person's number, a secret or what a sender wrote.
import { CodedError } from '../events/coded-error.js';

/** What is put in the place of what may not be said. */
export const MASK = '[…]';
const TEXT_MAX = 4_000;
const DEPTH_MAX = 6;
const ITEMS_MAX = 100;

/**
 * What is masked wherever it stands. The libraries that quote data quote it in their messages, which are not said at
 * all (`failureFields`); this is for what comes past that.
 */
const MASKED: readonly (readonly [RegExp, string])[] = [
  // Citizen identification numbers of GB 11643 (18 characters), and those of 15 digits before it.
  [/(?<![0-9A-Za-z])(?:\d{17}[\dXx]|\d{15})(?![0-9A-Za-z])/g, MASK],
  // Mobile numbers of China, with or without the country's code and separators.
  [/(?<![0-9A-Za-z.])(?:\+?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}(?![0-9A-Za-z])/g, MASK],
  // Tokens of this program (src/adapters/files/tokens.ts).
  [/\bfh_[\w-]{16,}/g, MASK],
  // Credentials: of a header, of a URL, and by a name that says so.
  [/\b(bearer|basic)\s+[\w.~+/=-]{8,}/gi, `$1 ${MASK}`],
  [/(\b[a-z][a-z0-9+.-]*:\/\/)[^\s/@]*@/gi, `$1${MASK}@`],
  // Addresses of mail; those of servers have lost their users by now.
  [/[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+/g, MASK],
  [/(\bhttps?:\/\/[^\s?#"']*)[?#][^\s"']*/gi, `$1?${MASK}`],
  [
    /\b(password|passwd|secret|token|apikey|api_key|access_token|sign|signature|key)(["']?\s*[=:]\s*["']?)[^\s"',;&}]+/gi,
    `$1$2${MASK}`,
  ],
];
/** Fields that never hold anything else. */
const SECRET_FIELDS = /^(?:password|passwd|secret|token|authorization|cookie|body|query|stderr)$/i;

/** A text with what may not be said masked. */
export function maskText(text: string): string {
  let masked = text.length > TEXT_MAX ? `${text.slice(0, TEXT_MAX)}…` : text;
  for (const [pattern, instead] of MASKED) masked = masked.replace(pattern, instead);
  return masked;
}

/** The fields of a line, every text in them masked. */
export function maskFields(fields: object): object {
  return masked(fields, 0) as object;
}

function masked(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return maskText(value);
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= DEPTH_MAX) return MASK;
  if (Array.isArray(value)) return value.slice(0, ITEMS_MAX).map((item) => masked(item, depth + 1));
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [
      name,
      SECRET_FIELDS.test(name) && item !== undefined && item !== null ? MASK : masked(item, depth + 1),
    ]),
  );
}

/** What of a failure helps to find it, and repeats nothing that was sent: messages of others may quote data. */
export function failureFields(error: unknown): {
  readonly code: string;
  readonly error?: string;
  readonly system?: object;
  readonly frames?: readonly string[];
} {
  if (error instanceof CodedError) {
    const cause = error.cause === undefined ? {} : { error: nameOf(error.cause) };
    return { code: error.code, ...cause };
  }
  if (!(error instanceof Error)) return { code: 'INTERNAL', error: typeof error };
  const { code, syscall, address, port } = error as NodeJS.ErrnoException & {
    address?: string;
    port?: number;
  };
  const named = typeof code === 'string' && /^[A-Z0-9_]{1,64}$/.test(code) ? code : 'INTERNAL';
  const system = syscall === undefined ? {} : { system: { syscall, address, port } };
  return { code: named, error: nameOf(error), ...system, frames: framesOf(error) };
}

/** The class of an error, and its own code where it has one. */
function nameOf(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  const { code } = error as { code?: unknown };
  const named = typeof code === 'string' && /^[A-Z0-9_]{1,64}$/.test(code) ? ` ${code}` : '';
  return error.constructor.name + named;
}

const FRAMES_MAX = 8;

/** Where it was thrown: the stack begins with the message, and only what follows it is taken. */
function framesOf({ message, stack = '' }: Error): string[] {
  const start = stack.indexOf(message);
  const rest = start < 0 ? '' : stack.slice(start + message.length);
  const frames = rest.split('\n').filter((line) => /^ {4}at /.test(line));
  return frames.slice(0, FRAMES_MAX).map((line) => line.trim());
}

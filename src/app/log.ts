// The log of a running system: JSON lines for operators, without anything personal or secret in them.
import { pino, type DestinationStream, type Logger } from 'pino';
import { CodedError } from '../events/coded-error.js';
import { CODES } from '../events/codes.js';
import { failureFields, maskFields, maskText } from './log-masking.js';

/** One line for each thing that an operator must know; never one for an event. */
export interface Log {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
  /** A failure that is tried again. */
  failure(stage: string, error: unknown, retryInMs: number): void;
}

/** Failures since the start, by stage and code with a blank between them. */
export type FailureCounts = ReadonlyMap<string, number>;

/** The same log; the failures that it is told are counted. */
export function countFailures<L extends Log>(log: L): { readonly log: L; readonly failures: FailureCounts } {
  const failures = new Map<string, number>();
  const failure = (stage: string, error: unknown, retryInMs: number) => {
    const kind = `${stage} ${failureFields(error).code}`;
    failures.set(kind, (failures.get(kind) ?? 0) + 1);
    log.failure(stage, error, retryInMs);
  };
  return { log: { ...log, failure }, failures };
}

/**
 * JSON lines on standard error, so that standard output stays for people. Lines of warnings and errors say with `next`
 * what to do, where their code has it and the message does not.
 * @param destination where else they go
 */
export function openLog(level: string, destination?: DestinationStream): Log {
  const logger: Logger = pino({ level, base: {} }, destination ?? pino.destination({ fd: 2, sync: true }));
  const line = (fields: object, message: string) => ({ ...maskFields(fields), ...nextOf(fields, message) });
  return {
    info: (fields, message) => logger.info(maskFields(fields), maskText(message)),
    warn: (fields, message) => logger.warn(line(fields, message), maskText(message)),
    error: (fields, message) => logger.error(line(fields, message), maskText(message)),
    failure: (stage, error, retryInMs) => {
      const fields = { stage, ...failureFields(error), retryInMs };
      const message = error instanceof CodedError ? error.message : `${stage} failed inside`;
      logger.error(line(fields, message), maskText(message));
    },
  };
}

/** What the catalogue of codes says to do. */
function nextOf(fields: object, message: string): { readonly next?: string } {
  const { code } = fields as { code?: unknown };
  const said = typeof code === 'string' ? (CODES as { readonly [code: string]: string })[code] : undefined;
  const next = said ?? (typeof code === 'string' ? CODES.INTERNAL : undefined);
  return next === undefined || message.startsWith(next) ? {} : { next };
}

// The log of a running system: JSON lines for operators.
import { pino, type Logger } from 'pino';

/** One line for each thing that an operator must know; never one for an event. */
export interface Log {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
  /** A failure that is tried again. */
  failure(stage: string, error: unknown, retryInMs: number): void;
}

/** JSON lines on standard error, so that standard output stays for people. */
export function openLog(level: string): Log {
  const logger: Logger = pino({ level, base: {} }, pino.destination({ fd: 2, sync: true }));
  return {
    info: (fields, message) => logger.info(fields, message),
    warn: (fields, message) => logger.warn(fields, message),
    error: (fields, message) => logger.error(fields, message),
    failure: (stage, error, retryInMs) => {
      const code = (error as { code?: unknown } | null)?.code;
      const message = error instanceof Error ? error.message : String(error);
      logger.error({ stage, code: typeof code === 'string' ? code : 'INTERNAL', retryInMs }, message);
    },
  };
}

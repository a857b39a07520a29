// The end of a process: what it must not take longer than, and what happens where something does not end by itself.
import { CODES } from '../events/codes.js';
import type { Log } from './log.js';

/** From the signal to the end; whoever sent it waits ten seconds before he kills. */
const END_WITHIN_MS = 9_000;
/** What is left once all is closed, such as a connection that a receiver holds open, is not waited for longer. */
const LINGER_MS = 250;

export interface Ending {
  /** All was finished and handed over. */
  readonly ended: () => void;
}

/**
 * Bounds the end of this process, from the signal on. Where a part does not end, the process goes all the same: what it
 * did not finish is done again from the checkpoint by whoever comes next.
 * @param exit ends the process with 0, or with 1 where something was cut off
 */
export function boundEnd(
  stop: Promise<void>,
  log: Pick<Log, 'info' | 'error'>,
  exit: (code: number) => void = (code) => process.exit(code),
  limitMs = END_WITHIN_MS,
): Ending {
  let isOver = false;
  void stop.then(() => {
    log.info({ limitMs }, 'asked to end: what is under way is finished and handed over');
    const overdue = setTimeout(() => {
      if (isOver) return;
      log.error({ code: 'STOP_OVERDUE', limitMs }, CODES.STOP_OVERDUE);
      exit(1);
    }, limitMs);
    // It ends what goes on, and keeps nothing going.
    overdue.unref();
  });
  return {
    ended: () => {
      isOver = true;
      log.info({}, 'ended, with nothing cut off');
      void stop.then(() => setTimeout(() => exit(Number(process.exitCode ?? 0)), LINGER_MS).unref());
    },
  };
}

/** What a process says of itself. */
type Failing = { on(event: 'uncaughtException', hear: (error: unknown) => void): unknown };

/**
 * Ends this process where something failed that nobody expected, for it stands in any state then; whoever starts it again
 * goes on from the checkpoint. Node itself would print the message, which may quote data.
 */
export function endOnFailure(
  log: Pick<Log, 'failure'>,
  from: Failing = process,
  exit: (code: number) => void = (code) => process.exit(code),
): void {
  from.on('uncaughtException', (error) => {
    log.failure('process', error, 0);
    exit(1);
  });
}

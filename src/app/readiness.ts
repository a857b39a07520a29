// What readiness rests on, in whatever mode: each check by name, with what to do where it does not hold.
import type { ReadyCheck } from '../ports/front.js';
import { within } from './within.js';

/** What still counts as ready. */
export interface ReadyBounds {
  /** Records that may wait for a stage. */
  readonly lagMax: number;
  /** How far a clock may be behind: one that is further stands still, or has long not caught up. */
  readonly clockBehindMaxMs: number;
}

/** As an operator chooses them; each has a default. */
export interface ReadyChoice {
  readonly lagRecords?: number | undefined;
  readonly clockSeconds?: number | undefined;
}

const LAG_RECORDS = 50_000;
const CLOCK_SECONDS = 60;
/** A store that does not answer for so long is not waited for. */
const STALLED_MS = 2_000;

/** What to do where a check does not hold. */
const NEXT = {
  data: 'The stores are being opened; where that takes longer than a minute, look at the log for the code of what failed.',
  start:
    'The roles are being taken up; where that takes longer than a minute, look at the log for what failed.',
  replay:
    'A replay is under way and takes a minute or so; events are taken once it is done, so nothing is to be done.',
  backlog: 'What came before the last end is being decided; wait until the lag is 0.',
  pipeline:
    'A round failed and is tried again: look at the newest lines of the log with a code and a stage, and do what the code says.',
  evaluate:
    'More waits than is decided in good time: look at the lag of the last minutes; where it grows, add processes with the role evaluate, or have senders wait.',
  lag: 'More waits than is worked off in good time: look at fenghuo_log_lag_records by role; where it grows, add processes of that role.',
  clock:
    'Time does not pass: see whether the clock of this machine is right (NTP), and whether the processes that take events and those that evaluate run and reach their servers.',
  partitions:
    'This process has not joined the group of its role: see whether the brokers answer, and wait half a minute for the members to agree.',
  store: 'The disk of the data folder refuses writes: make room, or repair it.',
  warehouse:
    'The warehouse does not answer or could not be opened: look at the log for its code. Warnings go on without it; queries and reports wait.',
  kafka:
    'Kafka does not answer: see that the brokers run and are reached from here (fenghuo doctor --config FILE).',
  redis: 'Redis does not answer: see that it runs and is reached from here (fenghuo doctor --config FILE).',
} as const;

export type CheckName = keyof typeof NEXT;

/** One check. @param seen what was seen, whether or not it holds */
export function check(
  name: CheckName,
  ok: boolean,
  seen: Omit<ReadyCheck, 'name' | 'ok' | 'next'> = {},
): ReadyCheck {
  return { name, ok, ...seen, ...(ok ? {} : { next: NEXT[name] }) };
}

/** The bounds of a choice. */
export function readyBounds({
  lagRecords = LAG_RECORDS,
  clockSeconds = CLOCK_SECONDS,
}: ReadyChoice = {}): ReadyBounds {
  return { lagMax: lagRecords, clockBehindMaxMs: clockSeconds * 1_000 };
}

/** Whether a clock passes: null and not passing before the first instant. @param clock epoch ms; not finite for none */
export function clockCheck(clock: number, now: number, behindMaxMs: number, isBehindLog = false): ReadyCheck {
  if (!Number.isFinite(clock)) return check('clock', false, { clock: null });
  const behindMs = now - clock;
  const seen = {
    clock: new Date(clock).toISOString(),
    behind_seconds: Math.max(0, Math.round(behindMs / 1_000)),
  };
  return check('clock', behindMs <= behindMaxMs && !isBehindLog, seen);
}

/** Whether a server answers: asked anew each time, but never while a question waits for its answer. */
export class Reached {
  private underWay: Promise<boolean> | null = null;

  /** @param question whatever it answers, it is reached; where it rejects, or says false, it is not */
  constructor(private readonly question: () => Promise<unknown>) {}

  /** @returns false where it does not answer within two seconds */
  async answers(): Promise<boolean> {
    this.underWay ??= this.question()
      .then(
        (answer) => answer !== false,
        () => false,
      )
      .finally(() => (this.underWay = null));
    return within(STALLED_MS, this.underWay, false);
  }
}

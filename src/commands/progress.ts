// How far a long run has come: a line on standard error now and then.
import { formatInstant } from '../events/timestamp.js';

const EVERY_MS = 2_000;

/** What hears of the progress of a run over history. */
export function progress(): (events: number, clock: number) => void {
  const started = performance.now();
  let next = started + EVERY_MS;
  return (events, clock) => {
    const now = performance.now();
    if (now < next || !Number.isFinite(clock)) return;
    next = now + EVERY_MS;
    const rate = Math.round((events * 1_000) / (now - started));
    console.error(`${formatInstant(clock)}: ${events} events, ${rate} events/s`);
  };
}

/** What a long piece of work is at, on standard error. */
export function progressLine(line: string): void {
  console.error(line);
}

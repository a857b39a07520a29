// Crash points: with FENGHUO_CRASH_AT=point:n the process kills itself when it passes the point for the n-th time.
import type { CrashPoint, Probe } from '../pipeline/checkpoint.js';

/** The probe that the environment asks for; without it, one that does nothing. For tests of recovery only. */
export function crashProbe(): Probe {
  const wanted = process.env['FENGHUO_CRASH_AT'];
  if (wanted === undefined || wanted === '') return () => undefined;
  const [point, times = '1'] = wanted.split(':');
  let left = Number(times);
  return (passed: CrashPoint) => {
    if (passed !== point || --left > 0) return;
    process.kill(process.pid, 'SIGKILL');
    // The signal is delivered before the next turn; nothing may happen until then.
    for (;;);
  };
}

// A fixed piece of work beside every run: machines are noisy, and a figure means little without their speed.

const WORDS = 1 << 21;
/** Steps of the loop. */
export const CALIBRATION_STEPS = 10_000_000;

/** Steps through 8 MB of memory in an order that depends on what it finds. @returns CPU time, ms */
export function calibrate(): number {
  const memory = new Int32Array(WORDS);
  for (let index = 0; index < WORDS; index++) memory[index] = Math.imul(index, 0x9e3779b1);
  const before = process.cpuUsage();
  let at = 1;
  for (let step = 0; step < CALIBRATION_STEPS; step++) {
    const word = memory[at & (WORDS - 1)] as number;
    at = (Math.imul(at ^ word, 0x85ebca6b) + step) | 0;
    memory[at & (WORDS - 1)] = word ^ step;
  }
  const { user, system } = process.cpuUsage(before);
  if (at === 0x7fffffff) throw new Error('unreachable: keeps the loop from being removed');
  return (user + system) / 1000;
}

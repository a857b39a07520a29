// The turn of the daily sweep: one process at a time has it, and who lost it can't go on.
import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { openMemory } from '../../../src/adapters/memory/memory.js';
import { SweepTurn } from '../../../src/pipeline/retention/sweep-turn.js';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const NOW = Date.UTC(2026, 2, 2);

describe('the turn of the daily sweep', () => {
  it('is of one process while that says so, and then of whoever begins next', async () => {
    const { state } = openMemory();
    const [first, second] = [new SweepTurn(state, randomUUID), new SweepTurn(state, randomUUID)];
    expect(await first.begin(NOW)).toBe(true);
    expect(await second.begin(NOW)).toBe(false);
    expect(await first.goOn(NOW + 4 * MINUTE_MS)).toBe(true);
    expect(await second.begin(NOW + 6 * MINUTE_MS)).toBe(false);
    expect(await second.begin(NOW + 9 * MINUTE_MS)).toBe(true);
    expect(await first.goOn(NOW + 9 * MINUTE_MS)).toBe(false);
    // What the former one says of its end is not heard.
    await first.end(NOW);
    expect(await second.goOn(NOW + 9 * MINUTE_MS)).toBe(true);
  });

  it('comes once a day, and again at once where a sweep was left off', async () => {
    const { state } = openMemory();
    const [first, second] = [new SweepTurn(state, randomUUID), new SweepTurn(state, randomUUID)];
    expect(await first.begin(NOW)).toBe(true);
    await first.end(null);
    expect(await second.begin(NOW)).toBe(true);
    await second.end(NOW);
    expect(await first.begin(NOW + DAY_MS - 1)).toBe(false);
    expect(await first.begin(NOW + DAY_MS)).toBe(true);
  });
});

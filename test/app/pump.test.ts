// How a pump ends: what it was told to break off is no failure.
import { describe, expect, it } from 'vitest';
import { Pump } from '../../src/app/pump.js';
import { CodedError } from '../../src/events/coded-error.js';

describe('a pump that is stopped', () => {
  /** Fails in the round under way once it is asked to stop. @returns what it told of failures */
  async function stopped(error: Error): Promise<unknown[]> {
    const told: unknown[] = [];
    let begun: () => void = () => undefined;
    const isUnderWay = new Promise<void>((resolve) => (begun = resolve));
    let breakOff: () => void = () => undefined;
    const pump = new Pump({
      round: () =>
        new Promise((_, reject) => {
          breakOff = () => reject(error);
          begun();
        }),
      reopen: async () => undefined,
      idleMs: 1_000,
      onFailure: (failure) => told.push(failure),
    });
    pump.start();
    await isUnderWay;
    const end = pump.stop();
    breakOff();
    await end;
    expect(pump.failing).toBe(true);
    return told;
  }

  it('does not tell as a failure that its round was broken off', async () => {
    expect(await stopped(new CodedError('STOPPED'))).toEqual([]);
  });

  it('tells of any other failure of its last round', async () => {
    const error = new CodedError('WAREHOUSE_UNREACHABLE');
    expect(await stopped(error)).toEqual([error]);
  });
});

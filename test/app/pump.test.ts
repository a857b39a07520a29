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

describe('a pump that leaves things unkept for a while', () => {
  /** Has so much to do, and keeps it when it is asked to. */
  function opened() {
    const done = { rounds: 3, unkept: 0, kept: 0 };
    const pump = new Pump({
      round: async () => {
        if (done.rounds === 0) return 0;
        done.rounds--;
        return ++done.unkept;
      },
      settle: async () => {
        const kept = done.unkept;
        done.kept += kept;
        done.unkept = 0;
        return kept;
      },
      reopen: async () => undefined,
      idleMs: 1_000,
      onFailure: (error) => {
        throw error;
      },
    });
    return { done, pump };
  }

  it('keeps all of it before it says that it is drained', async () => {
    const { done, pump } = opened();
    pump.start();
    await pump.drained();
    expect(done).toEqual({ rounds: 0, unkept: 0, kept: 3 });
    await pump.stop();
  });

  it('keeps it before it ends, drained or not', async () => {
    const { done, pump } = opened();
    pump.start();
    await pump.stop();
    expect(done.kept).toBe(3 - done.rounds);
    expect([done.unkept, done.kept > 0]).toEqual([0, true]);
  });

  it('keeps nothing once a round has failed', async () => {
    let settled = 0;
    const failed = new Promise<void>((resolve) => {
      const pump: Pump = new Pump({
        round: () => Promise.reject(new Error('the disk')),
        settle: async () => ++settled,
        reopen: async () => undefined,
        idleMs: 1_000,
        onFailure: () => void pump.stop().then(resolve),
      });
      pump.start();
    });
    await failed;
    expect(settled).toBe(0);
  });
});

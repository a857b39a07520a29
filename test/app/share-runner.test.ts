// Shares that a process gives up: what was done of them is kept, or is nobody's.
import { expect, it } from 'vitest';
import { ShareRunner, type Worker } from '../../src/app/distributed/share-runner.js';
import type { Membership, MembershipHearer } from '../../src/ports/membership.js';

const SHARE = { log: 'events', partition: 0 };

/** A group that gives its only member one share, and takes it back when it is told to. */
function alone() {
  let hear: MembershipHearer | null = null;
  const membership: Membership = {
    join: (hearer) => {
      hear = hearer;
      hearer.assigned([SHARE]);
      return Promise.resolve();
    },
    report: () => undefined,
    leave: () => Promise.resolve(),
  };
  return {
    membership,
    again: async () => {
      await hear?.revoked();
      hear?.assigned([SHARE]);
    },
  };
}

/** Runs a worker until its first round has ended, takes its share away and gives it back. @returns what happened */
async function given(worker: (said: string[]) => Pick<Worker, 'run' | 'settle'>) {
  const said: string[] = [];
  const { membership, again } = alone();
  let ended: () => void = () => undefined;
  const first = new Promise<void>((done) => (ended = done));
  let made = 0;
  const runner = new ShareRunner({
    membership,
    workerOf: () => {
      const { run, settle } = worker(said);
      const name = String(++made);
      return {
        resume: () => Promise.resolve(void said.push(`resume ${name}`)),
        open: () => Promise.resolve(),
        run: async () => {
          try {
            return await run();
          } finally {
            ended();
          }
        },
        settle: async () => {
          said.push(`settle ${name}`);
          await settle?.();
        },
      };
    },
    idleMs: 1,
    onFailure: (error) => said.push(String(error)),
    onProgress: () => undefined,
    onLet: () => said.push('let'),
  });
  await runner.start();
  await first;
  await again();
  await runner.stop();
  return said;
}

it('keeps the place of a share that is given up, and goes on with its worker when it comes back', async () => {
  const said = await given(() => ({ run: () => Promise.resolve(0) }));
  expect(said).toEqual(['resume 1', 'settle 1', 'resume 1', 'settle 1']);
});

it('keeps nothing of what ended in a failure', async () => {
  const said = await given(() => ({ run: () => Promise.reject(new Error('away')) }));
  expect(said).not.toContain('settle 1');
  expect(said).toContain('let');
  expect(said).toContain('resume 2');
});

it('lets a worker go whose place cannot be kept', async () => {
  const settle = () => Promise.reject(new Error('full'));
  const said = await given(() => ({ run: () => Promise.resolve(0), settle }));
  expect(said.slice(0, 5)).toEqual(['resume 1', 'settle 1', 'Error: full', 'let', 'resume 2']);
});

it('is drained once a round that began afterwards found nothing to do', async () => {
  const { membership } = alone();
  const rounds: number[] = [];
  let left = 3;
  const runner = new ShareRunner({
    membership,
    workerOf: () => ({
      resume: () => Promise.resolve(),
      open: () => Promise.resolve(),
      run: () => Promise.resolve(rounds.push(left) > 0 && left > 0 ? left-- : 0),
    }),
    idleMs: 60_000,
    onFailure: () => undefined,
    onProgress: () => undefined,
  });
  await runner.start();
  await runner.drained();
  expect(rounds.slice(0, 4)).toEqual([3, 2, 1, 0]);
  await runner.stop();
});

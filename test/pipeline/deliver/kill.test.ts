import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openLmdb } from '../../../src/adapters/lmdb/lmdb.js';
import { childEnd, startChild } from '../../support/child.js';
import { openReceiver, status } from '../../support/receiver.js';
import { attemptsOf, Stage, unmarked } from './staged.js';

const COUNT = 120;
/** The request at which each process is killed, and whether that request is answered before. */
const KILLS = [
  [1, false],
  [3, true],
  [17, false],
  [30, true],
] as const;
/** Endpoints that are sent to at a time: so many messages are under way when a process dies. */
const UNDER_WAY = 4;

it('a process that is killed while it sends loses no message, and repeats none without saying so', async () => {
  const path = await mkdtemp(join(tmpdir(), 'fenghuo-deliver-'));
  const receiver = await openReceiver();
  const start = () => {
    const script = new URL('./deliver.child.ts', import.meta.url);
    return startChild(script, [path, receiver.url, String(COUNT)]);
  };
  try {
    for (const [requests, isAnswered] of KILLS) {
      let seen = 0;
      const child = start();
      receiver.behave((response, received) => {
        if (++seen < requests) return status(204)(response, received);
        if (isAnswered) response.writeHead(204).end(() => child.kill('SIGKILL'));
        else child.kill('SIGKILL');
      });
      const { code, errors } = await childEnd(child);
      expect({ code, errors }).toEqual({ code: null, errors: '' });
    }
    receiver.behave(status(204));
    expect(await childEnd(start())).toMatchObject({ code: 0, errors: '' });
    const attempts = attemptsOf(receiver);
    expect(attempts.size).toBe(COUNT);
    expect(unmarked(receiver)).toEqual([]);
    expect(receiver.received.length).toBeLessThanOrEqual(COUNT + KILLS.length * UNDER_WAY);
    expect(receiver.received.length).toBeGreaterThan(COUNT);
    const stores = await openLmdb({ path });
    const stage = await Stage.open(() => [], { stores });
    expect([...new Set(await stage.delivered())].sort()).toEqual([...attempts.keys()].sort());
    expect(stage.deliver).toMatchObject({ position: COUNT, delivered: COUNT, undeliverable: 0 });
    await stores.close();
  } finally {
    await receiver.close();
    await rm(path, { recursive: true });
  }
}, 180_000);

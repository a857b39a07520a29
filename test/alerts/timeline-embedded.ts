// A time line over the stores of the embedded mode, with the stage that delivers: what a channel gets, and when.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openLmdb } from '../../src/adapters/lmdb/lmdb.js';
import type { RuleSet } from '../../src/model/ruleset.js';
import { Deliver } from '../../src/pipeline/deliver/deliver.js';
import type { Channel } from '../../src/ports/channel.js';
import { POLICY } from '../pipeline/deliver/staged.js';
import { LOG_NAMES, type LosingStores } from '../pipeline/losing-stores.js';
import { play, type Happening, type Played } from './timeline.js';

/** When the channel got each delivery, by its id, epoch ms. */
type Received = Map<string, number>;

/**
 * Plays on LMDB. What comes of the deliveries goes back to the inbox, as when the program runs; a delivery that comes
 * twice is an error.
 */
export async function playEmbedded(
  happenings: readonly Happening[],
  until: string,
  tickMs: number,
  rules: RuleSet,
): Promise<{ life: Played; received: Received }> {
  const folder = await mkdtemp(join(tmpdir(), 'fenghuo-time-line-'));
  const lmdb = await openLmdb({ path: join(folder, 'lmdb') });
  const logs = Object.fromEntries(
    LOG_NAMES.map((name) => [name, lmdb.log(name)]),
  ) as unknown as LosingStores['logs'];
  const stores: LosingStores = { logs, state: lmdb.state, losing: async (run) => void (await run()) };
  const received: Received = new Map();
  let close = async (): Promise<void> => undefined;
  try {
    const beside = async ({ state }: LosingStores, now: () => number) => {
      const channel = recording(received, now);
      let serial = 0;
      const deliver = new Deliver({
        logs,
        state,
        channels: new Map([[channel.name, channel]]),
        nonce: () => `d${serial++}`,
        probe: () => undefined,
        batch: 100,
        now,
        random: () => 0.5,
        zone: rules.catalogue.calendar.zone,
        link: () => null,
        onEnded: () => undefined,
      });
      await deliver.open();
      close = () => deliver.close();
      return async () => {
        const done = await deliver.run();
        await deliver.settled();
        return done + (await deliver.run());
      };
    };
    const life = await play(happenings, until, { stores, beside, tickMs }, rules);
    return { life, received };
  } finally {
    await close();
    await lmdb.close();
    await rm(folder, { recursive: true, force: true });
  }
}

/** The channel of the inbox files, which notes what it gets. */
function recording(received: Received, now: () => number): Channel {
  return {
    name: 'file',
    policy: POLICY,
    endpointOf: (department) => department,
    send: async (messages) => {
      for (const { id } of messages) {
        if (received.has(id)) throw new Error(`the delivery ${id} came twice`);
        received.set(id, now());
      }
      return { ok: true };
    },
    preview: () => '',
    close: async () => undefined,
  };
}

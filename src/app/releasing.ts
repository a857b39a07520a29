// Events at the end of their term, as one process in all roles lets them go.
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { removeEvents } from '../adapters/clickhouse/removing.js';
import type { Probe } from '../pipeline/checkpoint.js';
import { archivedOf } from '../pipeline/positions.js';
import { ReleaseEvents } from '../pipeline/retention/release-events.js';
import type { Embedded } from './embedded.js';
import type { Releasing, ReleasingParts } from './retaining.js';
import { isThere } from './snapshot.js';
import { DATABASE, type WarehouseStage } from './warehouse.js';

/** Between two looks at what the warehouse was asked to remove. */
const LOOK_MS = 50;

/** @param probe of crashes that tests ask for */
export function releasingIn(
  embedded: Embedded,
  { holds, index, goesOn }: ReleasingParts,
  probe: Probe,
): Releasing {
  const { folder, evaluate, archive } = embedded;
  const { logs, state, lmdb, warehouseDir } = folder;
  const limit = async () => {
    await index.catchUp();
    const newest = (await logs.events.end(0)) - 1;
    const archived = archive.stage === null ? Infinity : await archivedOf(state, 0);
    return Math.max(0, Math.min(newest, evaluate.position, index.position(), archived));
  };
  const release = new ReleaseEvents({
    ...{ partition: 0, events: lmdb.log('events'), logs, state, holds, probe, limit },
    nonce: randomUUID,
    remove: async (range) => {
      const { stage } = archive;
      if (stage === null) return true;
      // Between two blocks, so that none brings a row that takes off what goes, and no copy is made meanwhile.
      return archive.whileResting(async () => {
        for (;;) {
          if (await removeEvents(stage.warehouse, settingsOf(stage), range)) return true;
          if (!goesOn()) return false;
          await delay(LOOK_MS);
        }
      });
    },
  });
  return {
    release,
    refusal: async () => {
      const { running, announced, unprimed } = await embedded.models.status();
      if (running !== announced || running !== evaluate.rules.revision || unprimed > 0)
        return 'other rules come into force, and their history is read';
      // What the log lets go would stay there.
      if (archive.stage === null && (await isThere(warehouseDir))) return 'the warehouse is not open';
      return null;
    },
  };
}

function settingsOf({ child }: WarehouseStage) {
  return { url: child.url, password: child.token, database: DATABASE };
}

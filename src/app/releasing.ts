// Events at the end of their term, as one process in all roles lets them go.
import { randomUUID } from 'node:crypto';
import { removeEvents } from '../adapters/clickhouse/removing.js';
import type { Probe } from '../pipeline/checkpoint.js';
import { archivedOf } from '../pipeline/positions.js';
import type { Holds } from '../pipeline/retention/holds.js';
import type { PersonalIndex } from '../pipeline/retention/personal-index.js';
import { ReleaseEvents } from '../pipeline/retention/release-events.js';
import type { Embedded } from './embedded.js';
import type { Releasing } from './retaining.js';
import { isThere } from './snapshot.js';
import { DATABASE, type WarehouseStage } from './warehouse.js';

/** @param index of personal values, which must have seen an event before that goes */
export function releasingIn(embedded: Embedded, holds: Holds, index: PersonalIndex, probe: Probe): Releasing {
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
      if (stage === null) return;
      // Between two blocks, so that none brings a row that takes off what goes meanwhile.
      await archive.whileResting(() => removeEvents(stage.warehouse, settingsOf(stage), range));
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

// Events at the end of their term on servers: Kafka lets go by itself, so they go from the tables of the warehouse.
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { ClickHouseInput } from '../../adapters/clickhouse/config.js';
import { removeEvents } from '../../adapters/clickhouse/removing.js';
import type { OpenWarehouse } from '../../adapters/clickhouse/warehouse.js';
import type { EventTerms } from '../../catalogue/retention.js';
import type { StreamName } from '../../events/event.js';
import { checkpointOf, type Probe } from '../../pipeline/checkpoint.js';
import type { EvaluateMeta } from '../../pipeline/evaluate-meta.js';
import { archivedOf, decidedOf } from '../../pipeline/positions.js';
import { ReleaseEvents, type ReleasedCounts } from '../../pipeline/retention/release-events.js';
import { ReleasableRows } from '../../pipeline/retention/release-rows.js';
import type { SweepParts } from '../retaining.js';
import type { ArchiveWorker } from './archive-worker.js';
import type { ServerModels } from './server-models.js';
import type { ServerStores } from './server-stores.js';

export interface ServerReleasingOptions {
  readonly stores: Pick<ServerStores, 'logs' | 'state' | 'partitions'>;
  readonly clickhouse: ClickHouseInput;
  /** Its warehouse is the one that things go from. */
  readonly archive: Pick<ArchiveWorker, 'whileResting'> & {
    readonly warehouse: Pick<OpenWarehouse, 'query' | 'command'>;
  };
  readonly models: Pick<ServerModels, 'status'>;
  readonly probe: Probe;
  /** Between two looks at what the warehouse was asked to remove; default: a second. */
  readonly pause?: () => Promise<unknown>;
}

const LOOK_MS = 1_000;
/** How often a sweep looks, before it leaves that to the next one. */
const LOOKS_MOST = 600;

export interface SweepAsked {
  readonly terms: EventTerms;
  /** Of the rules that the terms are of. */
  readonly revision: string;
  readonly now: number;
  /** Asked before each step: whether it still falls to this process. */
  readonly goesOn: () => Promise<boolean>;
}

/** Thrown where a row of the block under way could take off what goes. */
class HalfArchived extends Error {}

/** One owner at a time calls it, one call after the other. */
export class ServerReleasing {
  private readonly partitions: readonly ReleaseEvents[];

  constructor(
    private readonly options: ServerReleasingOptions,
    private readonly parts: SweepParts,
  ) {
    const { partitions } = options.stores;
    this.partitions = Array.from({ length: partitions.events }, (_, partition) => this.releaseOf(partition));
  }

  /** Since the start of the process. */
  get released(): ReleasedCounts {
    const counts = new Map<StreamName, number>();
    for (const { released } of this.partitions)
      for (const [stream, count] of released) counts.set(stream, (counts.get(stream) ?? 0) + count);
    return counts;
  }

  /** Lets go of what is over in every partition. @returns why it broke off; null where it came to its end */
  async sweep(asked: SweepAsked): Promise<string | null> {
    const { pause = () => delay(LOOK_MS) } = this.options;
    try {
      let looks = 0;
      for (const partition of this.partitions) {
        for (let left = true; left;) {
          const refusal = await this.refusal(asked);
          if (refusal !== null) return refusal;
          left = await partition.step(asked.terms, asked.now);
          if (!partition.waits) continue;
          if (++looks === LOOKS_MOST) return 'the warehouse is still at what it was asked to remove';
          await pause();
        }
      }
      return null;
    } catch (error) {
      if (error instanceof HalfArchived) return 'a block is half in the warehouse';
      throw error;
    } finally {
      for (const partition of this.partitions) partition.reset();
    }
  }

  private async refusal({ revision, goesOn }: SweepAsked): Promise<string | null> {
    if (!(await goesOn())) return 'it does not fall to this process any more';
    const { stores, models } = this.options;
    const { running, announced, waiting, unprimed } = await models.status();
    let isQuiet = running === announced && revision === announced && !waiting && unprimed === 0;
    for (let partition = 0; isQuiet && partition < stores.partitions.events; partition++) {
      const evaluate = await checkpointOf<EvaluateMeta>(stores.state, `evaluate/${partition}`);
      isQuiet = (evaluate?.revision ?? announced) === announced;
    }
    return isQuiet ? null : 'other rules come into force, and their history is read';
  }

  private releaseOf(partition: number): ReleaseEvents {
    const { stores, archive, clickhouse, probe } = this.options;
    const { logs, state } = stores;
    const { holds, index } = this.parts;
    const { warehouse } = archive;
    return new ReleaseEvents({
      ...{ partition, logs, state, holds, probe, nonce: randomUUID },
      events: new ReleasableRows(warehouse, partition),
      limit: async () => {
        await index.catchUp();
        const [decided, archived] = [await decidedOf(state, partition), await archivedOf(state, partition)];
        return Math.min(decided, archived, index.position(partition));
      },
      // Asked between two blocks: one of before could bring a row that takes off what goes, later ones know of the plan.
      remove: async (range) => {
        let isGone = false;
        const isResting = await archive.whileResting(async () => {
          isGone = await removeEvents(warehouse, clickhouse, range);
        });
        if (!isResting) throw new HalfArchived();
        return isGone;
      },
    });
  }
}

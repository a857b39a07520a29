// Whether a deployment has come to rest, and whether it said what one undisturbed run over its logs says.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { InboxRecord } from '../../../src/alerts/inbox.js';
import { openWarehouse } from '../../../src/adapters/clickhouse/warehouse.js';
import { openKafkaLogs, type KafkaLogs } from '../../../src/adapters/kafka/kafka.js';
import { openOutbound } from '../../../src/adapters/outbound/outbound.js';
import { openRedis } from '../../../src/adapters/redis/redis.js';
import { decodeRecord } from '../../../src/events/codec.js';
import { CHAIN_START, verifyLink, type ChainHead } from '../../../src/evidence/chain.js';
import { ALERT_NAMESPACE } from '../../../src/pipeline/alert-names.js';
import { checkpointOf, decodeJson } from '../../../src/pipeline/checkpoint.js';
import { OriginFilter } from '../../../src/pipeline/origins.js';
import { decidedOf, deliveredOf } from '../../../src/pipeline/positions.js';
import { SEQUENCE_NAMESPACE, type SequenceMeta } from '../../../src/pipeline/wide/sequence.js';
import type { Deployment } from './deployment.js';
import {
  expectedDeliveries,
  expectedTransitions,
  mergedEvents,
  recordsOf,
  saidDeliveries,
  saidTransitions,
  type RuleSets,
} from './oracle.js';
import { REDIS_SCRIPTS } from './redis.js';

export const PARTITIONS = { events: 3, derived: 2 };

/** Each stratum stays a millisecond behind the one below it, since that instant is not over there. */
const STRATA_MOST = 10;

/** What was said, or should have been. */
export interface Said {
  /** In their order. */
  readonly transitions: readonly string[];
  /** In their order. */
  readonly deliveries: readonly string[];
  /** Ids in the inbox files of all departments, sorted. */
  readonly inboxes: readonly string[];
  /** Rows of each table, and how many places they come from. */
  readonly rows: { readonly [table: string]: { readonly total: number; readonly places: number } };
}

/** How far the consumers have come; what is behind is 0 or more. */
export interface Progress {
  /** Every transition before this instant is in the inbox, epoch ms. */
  readonly done: number;
  /** Records that wait for the alert role, the channels and the archive. */
  readonly waiting: number;
}

/** Looks at the stores and logs of a deployment, past any proxy. */
export class Judge {
  private constructor(
    private readonly deployment: Deployment,
    private readonly logs: KafkaLogs,
    private readonly redis: ReturnType<typeof openRedis>,
    private readonly partitions: number,
  ) {}

  /** @param partitions of the events log */
  static open(deployment: Deployment, partitions = PARTITIONS.events): Judge {
    const settings = { brokers: [deployment.kafka.address], tls: false, mechanism: 'plain' } as const;
    const { dial } = openOutbound({ allowAddresses: ['127.0.0.0/8'] });
    const logs = openKafkaLogs({ settings, dial, timeoutMs: 3_000 });
    const redis = openRedis({ nodes: [deployment.redis.address] }, REDIS_SCRIPTS);
    return new Judge(deployment, logs, redis, partitions);
  }

  async close(): Promise<void> {
    await this.logs.close();
    await this.redis.close();
  }

  async progress(): Promise<Progress> {
    const { state } = this.redis;
    const behind: number[] = [];
    for (let partition = 0; partition < this.partitions; partition++) {
      behind.push((await decidedOf(state, partition)) - (await this.archived(`events/${partition}`)));
    }
    const inbox = await this.logs.log('inbox').end(0);
    const deliveries = await this.logs.log('deliveries').end(0);
    behind.push(inbox - ((await checkpointOf<{ offset: number }>(state, ALERT_NAMESPACE))?.offset ?? 0));
    behind.push(deliveries - (await deliveredOf(state)));
    behind.push(inbox - (await this.archived('inbox/0')), deliveries - (await this.archived('deliveries/0')));
    const waiting = behind.reduce((sum, one) => sum + Math.max(0, one), 0);
    return { done: await this.done(), waiting };
  }

  /** Whether all of the inbox is decided, and all that followed from it delivered. */
  async isDelivered(): Promise<boolean> {
    const { state } = this.redis;
    const inbox = await this.logs.log('inbox').end(0);
    const decided = (await checkpointOf<{ offset: number }>(state, ALERT_NAMESPACE))?.offset ?? 0;
    return (
      inbox > 0 &&
      decided >= inbox &&
      (await deliveredOf(state)) >= (await this.logs.log('deliveries').end(0))
    );
  }

  /** Below which offset of each partition all events are decided and archived. */
  async passed(): Promise<number[]> {
    const offsets: number[] = [];
    for (let partition = 0; partition < this.partitions; partition++) {
      const decided = await decidedOf(this.redis.state, partition);
      offsets.push(Math.min(decided, await this.archived(`events/${partition}`)));
    }
    return offsets;
  }

  /** The newest tick that all partitions have, epoch ms. */
  async lastTick(): Promise<number> {
    const events = this.logs.log('events');
    const ticks: number[] = [];
    for (let partition = 0; partition < this.partitions; partition++) {
      let newest = -Infinity;
      for (const value of await recordsOf(events, partition)) {
        const record = decodeRecord(value);
        if (record.kind === 'tick') newest = Math.max(newest, record.at);
      }
      ticks.push(newest);
    }
    return Math.min(...ticks);
  }

  /**
   * Waits until everything up to the last tick is decided, delivered and archived, where nothing more comes in; false where
   * that takes too long. @param until the last tick
   */
  async isAtRest(until: number, limitMs: number): Promise<boolean> {
    for (const overdue = Date.now() + limitMs; Date.now() < overdue;) {
      const { done, waiting } = await this.progress();
      if (done > until - STRATA_MOST && waiting === 0) return true;
      await new Promise((next) => setTimeout(next, 200));
    }
    return false;
  }

  /** @returns what one undisturbed run says, and what this deployment said; its processes must have ended */
  async judge(...sets: RuleSets): Promise<{ readonly expected: Said; readonly said: Said }> {
    const inbox = this.logs.log('inbox');
    const merged = await mergedEvents(this.logs.log('events'), this.partitions);
    const transitions = expectedTransitions(sets, merged, await this.done());
    const deliveries = await expectedDeliveries(sets, inbox);
    const once = (total: number) => ({ total, places: total });
    const expected: Said = {
      transitions,
      deliveries,
      inboxes: deliveries.map(idOf).sort(),
      rows: {
        events: once(merged.filter(({ kind }) => kind === 'event').length),
        warnings: once(transitions.length),
        deliveries: once(deliveries.length),
      },
    };
    const said: Said = {
      transitions: await saidTransitions(inbox),
      deliveries: await saidDeliveries(this.logs.log('deliveries')),
      inboxes: (await inboxIds(this.deployment)).sort(),
      rows: await rowsOf(this.deployment, Object.keys(expected.rows)),
    };
    return { expected, said };
  }

  /** Chains of evidence in the inbox in which a link is missing or does not name the one before it. */
  async brokenChains(): Promise<string[]> {
    const heads = new Map<string, ChainHead>();
    const broken = new Set<string>();
    const filter = new OriginFilter({});
    for (const value of await recordsOf(this.logs.log('inbox'), 0)) {
      const record = decodeJson<InboxRecord>(value);
      if (record.kind !== 'warning' || !filter.admit(record.origin)) continue;
      const { origin, link, sample, transition } = record;
      const head = heads.get(origin.source) ?? CHAIN_START;
      const follows = link.previous === head.hash && link.sequence === head.sequence + 1;
      if (!follows || !verifyLink(link, { sample, transition })) broken.add(origin.source);
      heads.set(origin.source, link);
    }
    return [...broken];
  }

  private async done(): Promise<number> {
    return (await checkpointOf<SequenceMeta>(this.redis.state, SEQUENCE_NAMESPACE))?.done ?? 0;
  }

  private async archived(name: string): Promise<number> {
    return (await checkpointOf<{ next: number }>(this.redis.state, `archive/${name}`))?.next ?? 0;
  }
}

function idOf(delivery: string): string {
  return (JSON.parse(delivery) as { id: string }).id;
}

/** Ids in the inbox files of all departments. */
async function inboxIds({ folder }: Deployment): Promise<string[]> {
  const dir = join(folder, 'data', 'inbox');
  const ids: string[] = [];
  for (const name of await readdir(dir)) {
    const lines = (await readFile(join(dir, name), 'utf8')).split('\n').filter((line) => line !== '');
    ids.push(...lines.map(idOf));
  }
  return ids;
}

async function rowsOf(deployment: Deployment, tables: readonly string[]): Promise<Said['rows']> {
  const warehouse = openWarehouse({ ...deployment.warehouse.options, database: 'fenghuo' });
  try {
    const rows: { [table: string]: { total: number; places: number } } = {};
    for (const table of tables) {
      const place = table === 'events' ? 'partition, offset' : 'offset';
      const where = table === 'events' ? 'WHERE sign >= 0' : '';
      const sql = `SELECT count() AS total, uniqExact(${place}) AS places FROM ${table} ${where}`;
      const [row] = await warehouse.query(sql);
      rows[table] = { total: Number(row?.['total']), places: Number(row?.['places']) };
    }
    return rows;
  } finally {
    await warehouse.close();
  }
}

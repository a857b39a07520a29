// What an event takes in the stores of servers: in the logs, in Redis, and in ClickHouse, counted after a run.
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { openWarehouse } from '../../src/adapters/clickhouse/warehouse.js';
import type { Deployment } from '../support/servers/deployment.js';

export interface StoredFigures {
  /** Of all topics together, one replica. */
  readonly logBytes: number;
  /** What Redis holds beyond an empty one; what it takes as memory. */
  readonly stateBytes: number;
  /** Subjects, devices and places of which there are events. */
  readonly keys: number;
  /** Of all tables together, compressed. */
  readonly warehouseBytes: number;
}

/** What Redis takes with nothing in it. */
export async function emptyState({ redis }: Deployment): Promise<number> {
  return redisBytes(redis.address);
}

/** @param emptyBytes what Redis took before */
export async function storedFigures(deployment: Deployment, emptyBytes: number): Promise<StoredFigures> {
  const { kafka, redis, warehouse } = deployment;
  const open = openWarehouse({ ...warehouse.options, database: 'fenghuo' });
  try {
    const number = async (sql: string) => Number((await open.query(sql))[0]?.['n']);
    return {
      logBytes: await segmentBytes(join(kafka.folder, 'data'), /^fenghuo[.]/),
      stateBytes: (await redisBytes(redis.address)) - emptyBytes,
      keys: await number('SELECT uniqExact(scope, key) AS n FROM events'),
      warehouseBytes: await number(
        "SELECT sum(bytes_on_disk) AS n FROM system.parts WHERE active AND database = 'fenghuo'",
      ),
    };
  } finally {
    await open.close();
  }
}

async function redisBytes(address: string): Promise<number> {
  const [host = '', port = ''] = address.split(':');
  const client = new Redis({ host, port: Number(port), lazyConnect: true });
  try {
    await client.connect();
    return Number(/^used_memory:(\d+)/m.exec(await client.info('memory'))?.[1]);
  } finally {
    client.disconnect();
  }
}

/** Bytes of the segments in folders of partitions whose names begin so. */
async function segmentBytes(folder: string, names: RegExp): Promise<number> {
  let sum = 0;
  for (const partition of (await readdir(folder)).filter((name) => names.test(name))) {
    for (const name of await readdir(join(folder, partition))) {
      if (name.endsWith('.log')) sum += (await stat(join(folder, partition, name))).size;
    }
  }
  return sum;
}

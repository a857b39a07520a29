// The file of servers as a whole: what every section stands beside.
import { z } from 'zod';

/**
 * The schema of the file; every scalar in it is text.
 * @param sections what each adapter says of its own
 */
export function serversSchema<
  Kafka extends z.ZodType,
  Redis extends z.ZodType,
  ClickHouse extends z.ZodType,
  Raw extends z.ZodType,
>(sections: { kafka: Kafka; redis: Redis; clickhouse: ClickHouse; raw: Raw }) {
  return z.strictObject({
    /** Before the names of all topics and keys, so that deployments can share servers. */
    prefix: z
      .string()
      .regex(/^[a-z0-9][a-z0-9-]{0,31}$/, 'small letters, digits and -, up to 32 characters')
      .default('fenghuo'),
    kafka: sections.kafka,
    redis: sections.redis.optional(),
    clickhouse: sections.clickhouse.optional(),
    /** Folder of this machine for keys, tokens and inbox files, relative to the file. */
    data: z.string().min(1).max(1_000).optional(),
    /** Topics of other systems, from which events come. */
    raw: sections.raw.optional(),
  });
}

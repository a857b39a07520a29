// The files that tell the program of the servers of a test, and of its topics there.

export interface ServersFile {
  readonly kafka: string;
  readonly redis: string;
  readonly clickhouse: string;
  /** Before all names on the servers, which others use as well; `fenghuo` unless given, as is the database. */
  readonly prefix?: string;
  /** Topics of other systems whose records are CloudEvents. */
  readonly raw?: readonly string[];
}

/** The file of servers; the password of ClickHouse is in the variable TEST_WAREHOUSE_TOKEN. */
export function serversFile({ kafka, redis, clickhouse, prefix = 'fenghuo', raw = [] }: ServersFile): string {
  const topics = raw.map((topic) => `{ topic: '${topic}' }`).join(', ');
  return `prefix: ${prefix}
kafka: { brokers: ['${kafka}'], tls: false }
redis: { nodes: ['${redis}'], tls: false }
clickhouse: { url: '${clickhouse}', password: 'env:TEST_WAREHOUSE_TOKEN', database: ${prefix} }
data: data
raw: [${topics}]
`;
}

export function topicsFile({
  events,
  derived,
}: {
  readonly events: number;
  readonly derived: number;
}): string {
  const spread = (partitions: number) => `{ partitions: ${partitions}, retention_days: 35 }`;
  const single = [
    'inbox',
    'deliveries',
    'actions',
    'dead-letters',
    'operator',
    'audit',
    'withheld',
    'cases',
    'seals',
  ];
  return `replication: 1
min_in_sync: 1
max_message_bytes: 16842752
logs:
  events: ${spread(events)}
  verdicts: ${spread(events)}
  derived: ${spread(derived)}
  transitions: { partitions: 1, retention_days: 35 }
${single.map((name) => `  ${name}: { partitions: 1, retention_days: forever }`).join('\n')}
`;
}

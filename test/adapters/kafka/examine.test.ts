// What a look at real brokers finds: topics that are missing or set otherwise, and what a user may not do.
import kafkajs from 'kafkajs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openKafka } from '../../../src/adapters/kafka/connection.js';
import { versionFinding } from '../../../src/adapters/kafka/examine-version.js';
import { examineKafka } from '../../../src/adapters/kafka/examine.js';
import { createTopics, LOG_NAMES } from '../../../src/adapters/kafka/topics.js';
import type { Finding } from '../../../src/ports/finding.js';
import { kafkaRuns, openTestBroker } from '../../support/servers/kafka.js';
import { freePort, type TestServer } from '../../support/servers/process.js';
import { clientOf, oneBroker } from './cluster.js';

const USERS = { owner: 'owner-word', limited: 'limited-word' };
const { AclOperationTypes, AclPermissionTypes, AclResourceTypes, ResourcePatternTypes } = kafkajs;

describe.runIf(await kafkaRuns())('a look at Kafka', () => {
  let broker: TestServer;
  beforeAll(async () => {
    broker = await openTestBroker({ users: USERS, owner: 'owner' });
  }, 240_000);
  afterAll(() => broker?.close());

  const as = (user: keyof typeof USERS, password = USERS[user]) => {
    const client = clientOf(broker.address);
    return { ...client, settings: { ...client.settings, user, password } };
  };
  const look = async (user: keyof typeof USERS, prefix: string, raw: string[] = []) =>
    examineKafka(as(user), { prefix, wanted: await oneBroker(), raw });
  const errors = (findings: readonly Finding[]) => findings.filter(({ level }) => level === 'error');

  /** The owner lets the other user do something with all topics, or groups, that begin so. */
  async function grant(
    prefix: string,
    operation: kafkajs.AclOperationTypes,
    resourceType = AclResourceTypes.TOPIC,
  ): Promise<void> {
    const admin = openKafka(as('owner')).admin();
    await admin.connect();
    const resource = {
      resourceType,
      resourceName: prefix,
      resourcePatternType: ResourcePatternTypes.PREFIXED,
    };
    const acl = { principal: 'User:limited', host: '*', permissionType: AclPermissionTypes.ALLOW, operation };
    await admin.createAcls({ acl: [{ ...resource, ...acl }] });
    await admin.disconnect();
  }

  it('finds nothing wrong where the topics are as the file says, and writes nothing', async () => {
    await createTopics(as('owner'), 'good', await oneBroker());
    const findings = await look('owner', 'good');
    expect(findings.filter(({ level }) => level !== 'ok')).toEqual([]);
    expect(findings).toContainEqual({
      about: 'good.events',
      level: 'ok',
      found: 'as the file of topics says',
    });
    expect(findings).toContainEqual({ about: 'version', level: 'ok', found: '4.0 or later' });
    expect(versionFinding([2, 3])).toMatchObject({
      ...{ level: 'warning', found: 'older than 4.0: 2, 3; nothing was tried with them' },
    });
    const admin = openKafka(as('owner')).admin();
    await admin.connect();
    const ends = await admin.fetchTopicOffsets('good.inbox');
    await admin.disconnect();
    expect(ends.map(({ high }) => high)).toEqual(['0']);
  });

  it('finds topics that are missing or set otherwise, each with the command that mends it', async () => {
    const admin = openKafka(as('owner')).admin();
    await admin.connect();
    await admin.createTopics({ topics: [{ topic: 'odd.events', numPartitions: 2 }] });
    await admin.disconnect();
    const found = errors(await look('owner', 'odd', ['other.raw']));
    const of = (about: string) => found.find((finding) => finding.about === about);
    expect(of('odd.inbox')?.fix).toBe('fenghuo topics apply --config <this file>');
    expect(of('other.raw')?.found).toContain('there is none');
    expect(of('other.raw')?.fix).toMatch(
      /--create --topic other\.raw; where it is there: .*--operation Read/,
    );
    expect(of('odd.events partitions')).toMatchObject({ found: '2', expected: '4' });
    expect(of('odd.events partitions')?.fix).toContain('--alter --topic odd.events --partitions 4');
    expect(of('odd.events retention.ms')).toMatchObject({ found: '604800000', expected: '3024000000' });
    expect(of('odd.events retention.ms')?.fix).toBe(
      `kafka-configs.sh --bootstrap-server ${broker.address} --alter --entity-type topics ` +
        '--entity-name odd.events --add-config retention.ms=3024000000',
    );
  });

  it('finds what a user may not do, until it is granted', async () => {
    await createTopics(as('owner'), 'ruled', await oneBroker());
    expect(errors(await look('limited', 'ruled')).every(({ found }) => found.includes('may not see'))).toBe(
      true,
    );
    await grant('ruled.', AclOperationTypes.DESCRIBE_CONFIGS);
    await grant('ruled.', AclOperationTypes.READ);
    const refused = errors(await look('limited', 'ruled'));
    expect(refused).toHaveLength(LOG_NAMES.length + 2);
    expect(refused).toContainEqual({
      about: 'ruled.events Write',
      level: 'error',
      found: 'refused: TOPIC_AUTHORIZATION_FAILED',
      fix:
        `kafka-acls.sh --bootstrap-server ${broker.address} --add ` +
        '--allow-principal User:limited --operation Write --topic ruled.events',
    });
    expect(refused.at(-1)).toMatchObject({ about: 'IdempotentWrite' });
    expect(refused.at(-2)).toMatchObject({ about: 'groups ruled.* Read' });
    await grant('ruled.', AclOperationTypes.WRITE);
    expect(errors(await look('limited', 'ruled')).map(({ fix }) => fix)).toEqual([
      `kafka-acls.sh --bootstrap-server ${broker.address} --add --allow-principal User:limited ` +
        '--operation Read --group ruled. --resource-pattern-type prefixed',
    ]);
    await grant('ruled.', AclOperationTypes.READ, AclResourceTypes.GROUP);
    expect(errors(await look('limited', 'ruled'))).toEqual([]);
  });

  it('finds a broker that does not answer beside one that does, and a wrong password', async () => {
    const client = as('owner');
    const brokers = [broker.address, `127.0.0.1:${await freePort()}`];
    const settings = { ...client.settings, brokers };
    const topics = { prefix: 'good', wanted: await oneBroker(), raw: [] };
    const [first, second] = await examineKafka({ ...client, settings }, topics);
    expect([first?.level, second?.level, second?.fault]).toEqual(['ok', 'warning', 'ECONNREFUSED']);
    const [refused, ...more] = await examineKafka(as('owner', 'wrong-word'), topics);
    expect([refused?.level, refused?.fault, more]).toEqual(['error', expect.stringMatching(/SASL/), []]);
    expect(JSON.stringify(refused)).not.toContain('wrong-word');
  });
});

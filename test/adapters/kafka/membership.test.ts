// Members of a group on a real broker: who has which shares when members come, leave and die, and when the broker does.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openKafka } from '../../../src/adapters/kafka/connection.js';
import { createTopics } from '../../../src/adapters/kafka/topics.js';
import { kafkaRuns, openTestBroker } from '../../support/servers/kafka.js';
import { freePort, type TestServer } from '../../support/servers/process.js';
import { clientOf, oneBroker } from './cluster.js';
import { Crew, openCuttable, SESSION_MS } from './members.js';

const runs = await kafkaRuns();
const all = (log: string, count: number) => Array.from({ length: count }, (_, index) => `${log}/${index}`);

describe.runIf(runs)('the members of a group', () => {
  let broker: TestServer;
  /** With topics of their own, of which that of events has so many partitions. */
  const crewOf = async (prefix: string, events: number) => {
    await createTopics(clientOf(broker.address), prefix, await oneBroker(events));
    return new Crew(broker.address, prefix);
  };
  const groupOf = async ({ prefix }: Crew) => {
    const admin = openKafka(clientOf(broker.address)).admin();
    await admin.connect();
    const { groups } = await admin.describeGroups([`${prefix}.evaluate`]);
    const offsets = await admin.fetchOffsets({ groupId: `${prefix}.evaluate` });
    await admin.disconnect();
    return { members: groups[0]?.members.map(({ memberId }) => memberId) ?? [], offsets };
  };
  beforeAll(async () => {
    broker = await openTestBroker();
  }, 240_000);
  afterAll(() => broker?.close());

  it('share all partitions evenly, each with one of them, and get those of one who leaves', async () => {
    const crew = await crewOf('two', 7);
    const a = await crew.member().join();
    expect(a.shares).toEqual(all('events', 7));
    const b = await crew.member().join();
    await crew.have(all('events', 7));
    expect([a.shares.length, b.shares.length].sort()).toEqual([3, 4]);
    expect(a.calls).toEqual(['assigned', 'revoking', 'revoked', 'assigned']);
    const c = await crew.member().join();
    await crew.have(all('events', 7));
    expect([a, b, c].map((one) => one.shares.length).sort()).toEqual([2, 2, 3]);
    await c.membership.leave();
    await a.membership.leave();
    await crew.until(() => b.shares.length === 7);
    await crew.leave();
    expect(crew.members.every((one) => one.calls.at(-1) === 'revoked' && one.failures.length === 0)).toBe(
      true,
    );
    expect(crew.clashes).toEqual([]);
    expect((await groupOf(crew)).members).toEqual([]);
  });

  it('spread topics of several counts of partitions evenly, each topic and all together', async () => {
    const crew = await crewOf('topics', 5);
    const logs = ['events', 'inbox', 'actions', 'audit'] as const;
    const [a, b] = [crew.member({ logs }), crew.member({ logs })];
    await Promise.all([a.join(), b.join()]);
    await crew.have(['actions/0', 'audit/0', 'inbox/0', ...all('events', 5)]);
    expect([a.shares.length, b.shares.length]).toEqual([4, 4]);
    // One that knows further topics, as after an upgrade, has them alone.
    const c = await crew.member({ logs: [...logs, 'seals', 'operator'] }).join();
    await crew.have(['actions/0', 'audit/0', 'inbox/0', 'operator/0', 'seals/0', ...all('events', 5)]);
    expect(c.shares).toContain('operator/0');
    expect(c.shares).toContain('seals/0');
    await crew.leave();
    expect(crew.clashes).toEqual([]);
  });

  it('wait for the work of one that gives up its shares, but not for ever', async () => {
    const crew = await crewOf('work', 4);
    const a = await crew.member({ rebalanceTimeoutMs: 10_000 }).join();
    let end: () => void = () => undefined;
    a.work = new Promise<void>((resolve) => (end = resolve));
    const b = crew.member({ rebalanceTimeoutMs: 10_000 });
    const joining = b.join();
    await crew.until(() => a.calls.includes('revoking'));
    end();
    await joining;
    await crew.have(all('events', 4));
    expect(crew.clashes).toEqual([]);
    a.work = new Promise(() => undefined);
    const c = await crew.member({ rebalanceTimeoutMs: 10_000 }).join();
    expect(a.calls.filter((call) => call === 'revoked').length).toBe(1);
    expect(c.calls).toEqual(['assigned']);
    // Longer than a member may be silent, so it remained one while it waited.
    expect(a.failures).toEqual([]);
    a.work = Promise.resolve();
    await crew.leave();
  }, 90_000);

  it('get the shares of one that is cut off for too long, which gives them up by itself', async () => {
    const crew = await crewOf('dies', 4);
    const a = await crew.member().join();
    const way = openCuttable();
    // It may be silent for longer than the one that stays and hears nothing all the while.
    const b = await crew.member({ dial: way.by, sessionTimeoutMs: 2 * SESSION_MS }).join();
    await crew.have(all('events', 4));
    const before = await groupOf(crew);
    way.cut();
    await crew.until(() => a.shares.length === 4 && b.shares.length === 0);
    expect(crew.clashes).toEqual([]);
    expect(a.failures).toEqual([]);
    const after = await groupOf(crew);
    expect(after.members.length).toBe(1);
    expect(before.members).toContain(after.members[0]);
    await crew.until(() => b.failures.length > 0);
    expect(b.failures[0]).toMatchObject({ code: 'STORE_UNREACHABLE' });
    way.mend();
    await crew.until(() => a.shares.length === 2 && b.shares.length === 2);
    expect(crew.clashes).toEqual([]);
    await crew.leave();
  }, 120_000);

  it('stay through a restart of the broker, and share again after a long one', async () => {
    const crew = await crewOf('restart', 4);
    const long = { sessionTimeoutMs: 60_000 };
    const [a, b] = await Promise.all([crew.member(long).join(), crew.member(long).join()]);
    await crew.have(all('events', 4));
    await broker.kill();
    await broker.start();
    const calls = a.calls.length;
    // One more that joins shows that both are heard of.
    const c = await crew.member().join();
    await crew.until(() => [a, b, c].every((one) => one.shares.length > 0));
    await crew.have(all('events', 4));
    expect([a.failures, b.failures]).toEqual([[], []]);
    expect(a.calls.slice(calls)).toEqual(['revoking', 'revoked', 'assigned']);
    await broker.kill();
    // It may be silent for a short time only, which ends while there is no broker.
    await crew.until(() => c.shares.length === 0 && c.failures.length > 1);
    await broker.start();
    await crew.until(() => [a, b, c].every((one) => one.shares.length > 0));
    await crew.have(all('events', 4));
    expect(crew.clashes).toEqual([]);
    await crew.leave();
  }, 240_000);

  it('commit how far they have come, so that tools see it', async () => {
    const crew = await crewOf('report', 2);
    const a = await crew.member().join();
    a.membership.report({ log: 'events', partition: 0 }, 3);
    a.membership.report({ log: 'events', partition: 0 }, 17);
    a.membership.report({ log: 'events', partition: 1 }, 5);
    await crew.leave();
    const { offsets } = await groupOf(crew);
    const found = offsets.flatMap(({ topic, partitions }) =>
      partitions.map(({ partition, offset }) => `${topic}/${partition}@${offset}`),
    );
    expect(found.sort()).toEqual(['report.events/0@17', 'report.events/1@5']);
  });

  it('say that a topic is missing, and leave while they try', async () => {
    const crew = new Crew(broker.address, 'missing');
    const a = crew.member();
    const joining = a.join();
    await crew.until(() => a.failures.length > 1);
    expect(String(a.failures[0])).toContain('make the topics first: missing.events');
    await a.membership.leave();
    await joining;
    expect(a.calls).not.toContain('assigned');
  });
});

describe('a member without a broker', () => {
  it('says so without an address, and leaves', async () => {
    const crew = new Crew(`127.0.0.1:${await freePort()}`, 'none');
    const a = crew.member();
    const joining = a.join();
    await crew.until(() => a.failures.length > 1);
    expect(a.failures[0]).toMatchObject({ code: 'STORE_UNREACHABLE' });
    expect(String(a.failures[0])).not.toContain('127.0.0.1');
    await a.membership.leave();
    await joining;
    await expect(a.join()).rejects.toMatchObject({ code: 'STORE_SHARED' });
  });
});

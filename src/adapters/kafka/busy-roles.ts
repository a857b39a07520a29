// Which roles somebody has at the moment, as the brokers know it.
import { openKafka, type KafkaClientOptions } from './connection.js';
import { groupFailure } from './failure.js';
import { groupOf } from './membership.js';

/**
 * The roles whose groups have members. One that was killed is a member until the brokers have waited for it long enough.
 * @param prefix of the groups
 * @throws CodedError STORE_UNREACHABLE
 */
export async function busyRoles(
  options: Omit<KafkaClientOptions, 'clientId'>,
  prefix: string,
  roles: readonly string[],
): Promise<string[]> {
  const admin = openKafka({ ...options, clientId: prefix }).admin();
  const named = roles.map((role) => groupOf(prefix, role));
  try {
    await admin.connect();
    const { groups } = await admin.describeGroups(named);
    const busy = new Set(groups.filter(({ members }) => members.length > 0).map(({ groupId }) => groupId));
    return roles.filter((role) => busy.has(groupOf(prefix, role)));
  } catch (error) {
    throw groupFailure(error, named.join(', '), []);
  } finally {
    await admin.disconnect().catch(() => undefined);
  }
}

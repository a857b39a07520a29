// How the brokers of a file of servers are called.
import { openOutbound } from '../adapters/outbound/outbound.js';
import type { KafkaServers } from './servers-file.js';

/** An operator names these servers himself, so they may be anywhere. */
const ANYWHERE = ['0.0.0.0/0', '::/0'];

export function kafkaAccess({ kafka, prefix }: KafkaServers) {
  const { dial } = openOutbound({ allowAddresses: ANYWHERE });
  return { settings: kafka, prefix, dial };
}

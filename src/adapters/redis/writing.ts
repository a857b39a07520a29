// Writes that no checkpoint would repeat: acknowledged once as many replicas have them as the settings ask for.
import type { ChainableCommander } from 'ioredis';
import { CodedError } from '../../events/coded-error.js';
import { asking, type Client } from './client.js';

export interface Writing {
  readonly client: Client;
  /** How many replicas must have a write, and how long that may take. */
  readonly replicas: number;
  readonly waitMs: number;
}

/**
 * Runs one command, and waits for the replicas on the same connection, since another one would not know of it.
 * @returns the command's answer
 * @throws CodedError STORE_UNREACHABLE where too few replicas have it in time; then it may be kept nevertheless
 */
export async function written(
  { client, replicas, waitMs }: Writing,
  add: (pipeline: ChainableCommander) => ChainableCommander,
): Promise<unknown> {
  return asking(async () => {
    const pipeline = add(client.pipeline());
    const answers = (await (replicas > 0 ? pipeline.wait(replicas, waitMs) : pipeline).exec()) ?? [];
    for (const [error] of answers) if (error !== null) throw error;
    const had = Number(answers[1]?.[1] ?? 0);
    if (had >= replicas) return answers[0]?.[1];
    throw new CodedError(
      'STORE_UNREACHABLE',
      `${had} of ${replicas} replicas of Redis have a write in time.`,
    );
  });
}

// Small named values in Redis, a key each.
import { CodedError } from '../../events/coded-error.js';
import { STORE_LIMITS, checkName, checkValues } from '../../events/store-limits.js';
import type { NamedValues } from '../../ports/values.js';
import { asking, type Client } from './client.js';
import { written, type Writing } from './writing.js';

export class RedisValues implements NamedValues {
  readonly #client: Client;
  readonly #writing: Writing;
  readonly #prefix: string;

  constructor(writing: Writing, prefix: string) {
    this.#client = writing.client;
    this.#writing = writing;
    this.#prefix = prefix;
  }

  async get(name: string): Promise<Uint8Array | undefined> {
    const key = this.#keyOf(name);
    return (await asking(() => this.#client.getBuffer(key))) ?? undefined;
  }

  async put(name: string, value: Uint8Array): Promise<void> {
    checkValues([value]);
    const [key, copy] = [this.#keyOf(name), Buffer.from(value)];
    await written(this.#writing, (pipeline) => pipeline.set(key, copy));
  }

  async putOnce(name: string, value: Uint8Array): Promise<Uint8Array> {
    checkValues([value]);
    const [key, copy] = [this.#keyOf(name), Buffer.from(value)];
    // One that is there already may not have reached the replicas, which are waited for in either case.
    if ((await written(this.#writing, (pipeline) => pipeline.setnx(key, copy))) === 1) return copy;
    const kept = await asking(() => this.#client.getBuffer(key));
    if (kept !== null) return kept;
    throw new CodedError('STORE_UNREACHABLE', 'Redis had a value and lost it within one call.');
  }

  #keyOf(name: string): string {
    checkName('name', name, STORE_LIMITS.namespaceBytes);
    return `${this.#prefix}:value:${name}`;
  }
}

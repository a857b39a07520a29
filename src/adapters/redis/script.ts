// A script that the server runs as one command, all or nothing.
import { createHash } from 'node:crypto';
import type { Client } from './client.js';

export class Script {
  readonly #text: string;
  /** SHA-1, by which Redis names it. */
  readonly #hash: string;

  constructor(text: string) {
    this.#text = text;
    this.#hash = createHash('sha1').update(text).digest('hex');
  }

  /**
   * Runs it by its hash; a server that does not know it yet gets the text, and has done nothing before.
   * @param keys all on one slot
   * @returns its answer, texts decoded
   */
  async run(client: Client, keys: readonly string[], words: readonly (Buffer | string)[]): Promise<unknown> {
    const given = [keys.length, ...keys, ...words];
    try {
      return await client.call('EVALSHA', this.#hash, ...given);
    } catch (error) {
      if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error;
      return client.call('EVAL', this.#text, ...given);
    }
  }
}

// The vault of the distributed mode: one hash of encrypted records, which any number of processes fill.
import { CodedError } from '../../events/coded-error.js';
import { VAULT_LIMITS, checkClearValues, checkName } from '../../events/store-limits.js';
import type { SetAside, SharedVault } from '../../ports/vault.js';
import { PersonKeys, WRAPPED_KEY_BYTES } from '../person-keys/person-keys.js';
import { asking, type Client } from './client.js';
import { written, type Writing } from './writing.js';

const PAGE_ENTRIES = 1_000;
const PAGE_BYTES = 4 * 1024 * 1024;

/** Texts of the files in infra/redis. */
export interface VaultScripts {
  /** keep-persons.lua */
  readonly keepPersons: string;
  /** set-aside.lua */
  readonly setAside: string;
  /** end-aside.lua */
  readonly endAside: string;
  /** erase-person.lua */
  readonly erasePerson: string;
}

type Entry = { readonly pseudonym: string; readonly value: string };

/**
 * Record of a person, the field of the pseudonym in the hash; key and value go with one command:
 *
 *   | wrapped key of the person 60 | encrypted value |
 *
 * What erasing means here: from its acknowledgement on nobody who asks Redis gets the record again. Unlike the key
 * file of the embedded mode, which is overwritten where it lies, Redis only appends: the old record stays in the
 * append-only file until that is rewritten (BGREWRITEAOF, or by itself when the file has doubled), in snapshots and
 * copies until they are thrown away, on each replica likewise, and in freed memory until that is used again. All of
 * those hold the person's key encrypted with the master key, which is never in Redis: they are readable to whoever has
 * both. So an erasure is whole once every server has rewritten its file and older snapshots and copies are gone.
 */
export class RedisVault implements SharedVault {
  readonly #client: Client;
  readonly #writing: Writing;
  readonly #scripts: VaultScripts;
  readonly #keys: PersonKeys;
  readonly #check: string;
  readonly #persons: string;
  /** What is set aside, records as they were. */
  readonly #aside: string;
  readonly #erasures: string;

  /**
   * @throws CodedError VAULT_KEY where the master key has not 32 bytes.
   */
  constructor(writing: Writing, prefix: string, scripts: VaultScripts, masterKey: Uint8Array) {
    this.#client = writing.client;
    this.#writing = writing;
    this.#scripts = scripts;
    this.#keys = new PersonKeys(masterKey);
    this.#check = checkKey(prefix);
    this.#persons = `${prefix}:{vault}:persons`;
    this.#aside = `${prefix}:{vault}:aside`;
    this.#erasures = `${prefix}:{vault}:erasures`;
  }

  async keep(entries: readonly Entry[]): Promise<void> {
    checkClearValues(entries);
    const values = new Map<string, string>();
    for (const { pseudonym, value } of entries) if (!values.has(pseudonym)) values.set(pseudonym, value);
    for (const page of pagesOf(values)) await this.#keepPage(page);
  }

  async reveal(pseudonym: string): Promise<string | undefined> {
    checkName('pseudonym', pseudonym, VAULT_LIMITS.pseudonymBytes);
    const [check, record] = await asking(() =>
      Promise.all([this.#client.getBuffer(this.#check), this.#client.hgetBuffer(this.#persons, pseudonym)]),
    );
    if (check !== null) this.#keys.verify(check);
    if (record === null) return undefined;
    const [key, value] = [record.subarray(0, WRAPPED_KEY_BYTES), record.subarray(WRAPPED_KEY_BYTES)];
    return this.#keys.open(pseudonym, { key, value });
  }

  async erase(pseudonym: string): Promise<void> {
    checkName('pseudonym', pseudonym, VAULT_LIMITS.pseudonymBytes);
    const keys = [this.#persons, this.#aside, this.#erasures];
    await this.#run(this.#scripts.erasePerson, keys, [pseudonym]);
  }

  async erasures(): Promise<number> {
    return Number((await asking(() => this.#client.get(this.#erasures))) ?? 0);
  }

  async setAside(pseudonyms: readonly string[], by: string): Promise<SetAside> {
    const keys = [this.#persons, this.#aside, this.#erasures];
    const states: string[] = [];
    for (const page of namePages(pseudonyms))
      states.push(...((await this.#run(this.#scripts.setAside, keys, [by, ...page])) as string[]));
    const having = (state: string) => pseudonyms.filter((_pseudonym, index) => states[index] === state);
    return { moved: having('moved'), absent: having('absent') };
  }

  async aside(): Promise<string[]> {
    return asking(() => this.#client.hkeys(this.#aside));
  }

  async putBack(pseudonyms: readonly string[], by: string | null): Promise<void> {
    await this.#endAside('back', pseudonyms, by ?? '');
  }

  async drop(pseudonyms: readonly string[], by: string): Promise<string[]> {
    return this.#endAside('drop', pseudonyms, by);
  }

  async #endAside(how: 'back' | 'drop', pseudonyms: readonly string[], by: string): Promise<string[]> {
    const keys = [this.#aside, this.#persons];
    const ended: string[] = [];
    for (const page of namePages(pseudonyms))
      ended.push(...((await this.#run(this.#scripts.endAside, keys, [how, by, ...page])) as string[]));
    return ended;
  }

  #run(script: string, keys: readonly string[], words: readonly (Buffer | string)[]): Promise<unknown> {
    return written(this.#writing, (pipeline) => pipeline.eval(script, keys.length, ...keys, ...words));
  }

  /** Asks first who is there already, since most are, and then only the others are encrypted and sent. */
  async #keepPage(page: readonly Entry[]): Promise<void> {
    const known = await asking(() =>
      Promise.all(page.map(({ pseudonym }) => this.#client.hexists(this.#persons, pseudonym))),
    );
    const words: (Buffer | string)[] = [this.#keys.check];
    for (const [index, { pseudonym, value }] of page.entries()) {
      if (known[index] === 1) continue;
      const sealed = this.#keys.seal(pseudonym, value);
      words.push(pseudonym, Buffer.concat([sealed.key, sealed.value]));
    }
    // Nothing new is sent as well: the script tells whether the master key is the one of the vault.
    const kept = await this.#run(this.#scripts.keepPersons, [this.#check, this.#persons], words);
    if (kept !== 1) throw new CodedError('VAULT_KEY');
  }
}

/** Where the check value of the master key lies. */
export function checkKey(prefix: string): string {
  return `${prefix}:{vault}:check`;
}

/** Names as one command may carry them. */
function* namePages(names: readonly string[]): Generator<readonly string[]> {
  for (let start = 0; start < names.length; start += PAGE_ENTRIES)
    yield names.slice(start, start + PAGE_ENTRIES);
}

/** Entries as one command may carry them. */
function* pagesOf(values: ReadonlyMap<string, string>): Generator<readonly Entry[]> {
  let page: Entry[] = [];
  let bytes = 0;
  for (const [pseudonym, value] of values) {
    if (page.length > 0 && (page.length === PAGE_ENTRIES || bytes + value.length * 3 > PAGE_BYTES)) {
      yield page;
      [page, bytes] = [[], 0];
    }
    page.push({ pseudonym, value });
    bytes += value.length * 3;
  }
  if (page.length > 0) yield page;
}

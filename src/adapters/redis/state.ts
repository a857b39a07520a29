// Keyed records, timers and checkpoints in Redis: four keys a namespace on one hash slot, changed by one script.
import { CodedError } from '../../events/coded-error.js';
import { STORE_LIMITS, checkCheckpoint, checkName, checkWhole } from '../../events/store-limits.js';
import type {
  Checkpoint,
  CommitResult,
  StateStore,
  StoredCheckpoint,
  TimerEntry,
} from '../../ports/state.js';
import { asking, type Client } from './client.js';
import { Script } from './script.js';

/** Fields or members of one command. */
const PAGE = 5_000;
const LOWEST = Buffer.from('-');

type Word = Buffer | string;

interface Names {
  readonly head: string;
  readonly records: string;
  readonly names: string;
  readonly timers: string;
}

export class RedisState implements StateStore {
  readonly #client: Client;
  readonly #prefix: string;
  readonly #script: Script;

  /** @param script the text of infra/redis/checkpoint.lua */
  constructor(client: Client, prefix: string, script: string) {
    this.#client = client;
    this.#prefix = prefix;
    this.#script = new Script(script);
  }

  async checkpoint(namespace: string): Promise<StoredCheckpoint | undefined> {
    const { head } = this.#names(namespace);
    const [sequence, nonce, meta] = await asking(() =>
      this.#client.hmgetBuffer(head, 'sequence', 'nonce', 'meta'),
    );
    if (sequence === undefined || sequence === null) return undefined;
    if (!nonce || !meta)
      throw new CodedError('STORE_DAMAGED', `The checkpoint of ${namespace} lacks a field.`);
    return { sequence: Number(sequence.toString()), nonce: nonce.toString(), meta };
  }

  async isCurrent(namespace: string, sequence: number, nonce: string): Promise<boolean> {
    const { head } = this.#names(namespace);
    const [stored, by] = await asking(() => this.#client.hmget(head, 'sequence', 'nonce'));
    return Number(stored ?? 0) === sequence && (by ?? '') === nonce;
  }

  async load(namespace: string, keys: readonly string[]): Promise<(Uint8Array | undefined)[]> {
    const { records } = this.#names(namespace);
    for (const key of keys) checkName('key', key, STORE_LIMITS.keyBytes);
    const pages = await Promise.all(
      pagesOf(keys).map((page) => asking(() => this.#client.hmgetBuffer(records, ...page))),
    );
    return pages.flat().map((value) => value ?? undefined);
  }

  async due(namespace: string, until: number, limit: number): Promise<TimerEntry[]> {
    checkWhole('limit', limit, STORE_LIMITS.readEntries);
    const { timers } = this.#names(namespace);
    if (until < 0 || limit === 0) return [];
    const end = Math.min(Math.floor(until), Number.MAX_SAFE_INTEGER) + 1;
    const members = await asking(() =>
      this.#client.zrangebylexBuffer(timers, LOWEST, exclusive(dueBytes(end)), 'LIMIT', 0, limit),
    );
    return members.map(timerOf);
  }

  async keys(namespace: string, prefix: string, after: string, limit: number): Promise<string[]> {
    checkWhole('limit', limit, STORE_LIMITS.readEntries);
    const { names } = this.#names(namespace);
    const [from, beyond] = [Buffer.from(prefix), Buffer.from(after)];
    const isBeyond = Buffer.compare(beyond, from) >= 0;
    const low = isBeyond ? exclusive(beyond) : inclusive(from);
    const found = await asking(() =>
      this.#client.zrangebylexBuffer(names, low, endOf(from), 'LIMIT', 0, limit),
    );
    return found.map((name) => name.toString());
  }

  async commit(namespace: string, checkpoint: Checkpoint): Promise<CommitResult> {
    const { head, records, names, timers } = this.#names(namespace);
    checkCheckpoint(checkpoint);
    const { base, baseNonce, nonce, meta } = checkpoint;
    const words: Word[] = [String(base), baseNonce, nonce, bufferOf(meta), ...changesOf(checkpoint)];
    const done = await asking(() => this.#script.run(this.#client, [head, records, names, timers], words));
    return done === 1 ? { ok: true } : { ok: false, reason: 'fenced' };
  }

  /** The braces put all keys of a namespace on one slot of a cluster. */
  #names(namespace: string): Names {
    checkName('namespace', namespace, STORE_LIMITS.namespaceBytes);
    const tag = `${this.#prefix}:{${namespace.replaceAll('}', '%7D')}}`;
    return {
      head: `${tag}:head`,
      records: `${tag}:records`,
      names: `${tag}:names`,
      timers: `${tag}:timers`,
    };
  }
}

/** The four lists of the script. */
function changesOf({ records, timersCleared, timersSet }: Checkpoint): Word[] {
  const set: Word[] = [];
  const deleted: Word[] = [];
  for (const [key, value] of records) {
    if (value === null) deleted.push(key);
    else set.push(key, bufferOf(value));
  }
  const cleared = timersCleared.map(memberOf);
  const added = timersSet.map(memberOf);
  return [
    String(set.length / 2),
    ...set,
    String(deleted.length),
    ...deleted,
    String(cleared.length),
    ...cleared,
    String(added.length),
    ...added,
  ];
}

/** A copy, since the caller may change what it handed over while the command waits. */
function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes);
}

function dueBytes(due: number): Buffer {
  const bytes = Buffer.allocUnsafe(8);
  bytes.writeBigUInt64BE(BigInt(due));
  return bytes;
}

/** A timer as a member: | due u64, big-endian | name | 0 | key |, so that byte order is its order. */
function memberOf({ due, name, key }: TimerEntry): Buffer {
  return Buffer.concat([dueBytes(due), Buffer.from(`${name}\0${key}`)]);
}

function timerOf(member: Buffer): TimerEntry {
  const separator = member.indexOf(0, 8);
  return {
    due: Number(member.readBigUInt64BE(0)),
    name: member.toString('utf8', 8, separator),
    key: member.toString('utf8', separator + 1),
  };
}

function inclusive(bytes: Buffer): Buffer {
  return Buffer.concat([Buffer.from('['), bytes]);
}

function exclusive(bytes: Buffer): Buffer {
  return Buffer.concat([Buffer.from('('), bytes]);
}

/** The end of what begins with some bytes: no text of UTF-8 holds 0xff. */
function endOf(bytes: Buffer): Buffer {
  return Buffer.concat([Buffer.from('('), bytes, Buffer.from([0xff])]);
}

function pagesOf(keys: readonly string[]): (readonly string[])[] {
  const pages: (readonly string[])[] = [];
  for (let start = 0; start < keys.length; start += PAGE) pages.push(keys.slice(start, start + PAGE));
  return pages;
}

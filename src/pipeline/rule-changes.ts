// The history of the rules of a deployment: each change that was asked for, by whom, why, and when it came into force.
import type { ChangedRules } from '../model/rules-diff.js';
import type { NamedValues } from '../ports/values.js';
import { decodeJson, encodeJson } from './checkpoint.js';

/** How a change was brought in. */
export type ChangeWay = 'start' | 'folder' | 'apply' | 'rollback';

export interface RuleChange {
  /** From 0, in the order in which they were asked for. */
  readonly number: number;
  readonly revision: string;
  /** What was announced last before; null for the first rules. */
  readonly former: string | null;
  /** The account of a token, `@local` on an open machine, or `os:` and a user of the machine. */
  readonly by: string;
  readonly note: string | null;
  readonly way: ChangeWay;
  /** Epoch ms. */
  readonly asked: number;
  /** The instant from which it is in force, epoch ms; null where it was not announced, or is not known to be. */
  readonly at: number | null;
  readonly changed: ChangedRules;
  /** Tells the entries of two processes apart that are added at once. */
  readonly nonce: string;
}

const PAGE = 50;

/** Entries are numbered without a gap, each a value of its own, so that two processes never take the same number. */
export class RuleChanges {
  constructor(private readonly values: NamedValues) {}

  /** Adds an entry; durable once it resolves. @returns it, with its number */
  async add(change: Omit<RuleChange, 'number'>): Promise<RuleChange> {
    for (let number = (await this.all()).length; ; number++) {
      const entry = { ...change, number };
      const kept = decodeJson<RuleChange>(await this.values.putOnce(nameOf(number), encodeJson(entry)));
      if (kept.nonce === entry.nonce) return entry;
    }
  }

  /** Notes what a deployment begins with, unless that was noted before; of several at once the first counts. */
  async begin(change: Omit<RuleChange, 'number' | 'former'>): Promise<void> {
    await this.values.putOnce(nameOf(0), encodeJson({ ...change, number: 0, former: null }));
  }

  /** Notes from when on a change is in force. */
  async announced(change: RuleChange, at: number): Promise<void> {
    await this.values.put(nameOf(change.number), encodeJson({ ...change, at }));
  }

  /** Oldest first. */
  async all(): Promise<RuleChange[]> {
    const found: RuleChange[] = [];
    for (;;) {
      const names = Array.from({ length: PAGE }, (_, index) => nameOf(found.length + index));
      const page = await Promise.all(names.map((name) => this.values.get(name)));
      const end = page.findIndex((bytes) => bytes === undefined);
      const entries = (end < 0 ? page : page.slice(0, end)) as Uint8Array[];
      found.push(...entries.map((bytes) => decodeJson<RuleChange>(bytes)));
      if (entries.length < PAGE) return found;
    }
  }
}

function nameOf(number: number): string {
  return `rules-change/${number}`;
}

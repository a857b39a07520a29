// Logs that stay and a state that can be lost whole, with crashes at any write: a part of it may be there, or none.
import { openMemory } from '../../src/adapters/memory/memory.js';
import type { Log, WideLogs } from '../../src/ports/log.js';
import type { Checkpoint, StateStore } from '../../src/ports/state.js';
import { WIDE_LOG_NAMES } from '../pipeline/losing-stores.js';

/** What writes throw from a crash on. */
export class Crash extends Error {}

export class ForgetfulStores {
  readonly logs: WideLogs;
  /** For those who feed: it never crashes. */
  readonly events: Log;
  readonly state: StateStore;
  private kept = openMemory().state;
  /** Since the last loss. */
  private commits: (readonly [namespace: string, Checkpoint])[] = [];
  private settled = 0;
  private writesLeft = Infinity;

  /** @param random decides how much of the write at which it crashes is there */
  constructor(private readonly random: () => number) {
    const memory = openMemory();
    const named = WIDE_LOG_NAMES.map((name) => [name, this.crashing(memory.log(name))] as const);
    this.logs = Object.fromEntries(named) as unknown as WideLogs;
    this.events = memory.log('events');
    this.state = {
      checkpoint: (namespace) => this.kept.checkpoint(namespace),
      isCurrent: (namespace, sequence, nonce) => this.kept.isCurrent(namespace, sequence, nonce),
      load: (namespace, keys) => this.kept.load(namespace, keys),
      due: (namespace, until, limit) => this.kept.due(namespace, until, limit),
      keys: (namespace, prefix, after, limit) => this.kept.keys(namespace, prefix, after, limit),
      commit: async (namespace, checkpoint) => {
        const isLast = this.count();
        // Whoever commits may go on with the map that it handed over.
        const whole = { ...checkpoint, records: new Map(checkpoint.records) };
        const result = isLast && this.random() < 0.5 ? null : await this.kept.commit(namespace, whole);
        if (result?.ok === true) this.commits.push([namespace, whole]);
        if (isLast || result === null) throw new Crash();
        return result;
      },
    };
  }

  /** Everything but the logs is gone. */
  lose(): void {
    this.kept = openMemory().state;
    this.commits = [];
    this.settled = 0;
  }

  /** From now on copies are made of it: a rebuild is over. */
  settle(): void {
    this.settled = this.commits.length;
  }

  /** The state is what it was before. @param share of the checkpoints since the last rebuild */
  async putBack(share: number): Promise<void> {
    const kept = this.settled + Math.floor(share * (this.commits.length - this.settled));
    const commits = this.commits.slice(0, kept);
    this.lose();
    for (const [namespace, checkpoint] of commits) await this.kept.commit(namespace, checkpoint);
    this.commits = commits;
  }

  /** Runs something until it is done, or so many writes have begun. @returns whether it was done */
  async until(writes: number, run: () => Promise<unknown>): Promise<boolean> {
    this.writesLeft = writes;
    try {
      await run();
      return true;
    } catch (error) {
      if (error instanceof Crash) return false;
      throw error;
    } finally {
      this.writesLeft = Infinity;
    }
  }

  /** @returns whether it crashes in this write; after that none begins */
  private count(): boolean {
    if (this.writesLeft <= 0) throw new Crash();
    return --this.writesLeft === 0;
  }

  private crashing(log: Log): Log {
    return {
      append: async (partition, values) => {
        if (!this.count()) return log.append(partition, values);
        await log.append(partition, values.slice(0, Math.floor(this.random() * (values.length + 1))));
        throw new Crash();
      },
      read: (partition, offset, limit) => log.read(partition, offset, limit),
      end: (partition) => log.end(partition),
    };
  }
}

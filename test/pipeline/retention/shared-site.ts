// A deployment of two partitions in memory, as far as clear values go: who takes events, who sweeps, and what they share.
import { randomUUID } from 'node:crypto';
import { openMemory } from '../../../src/adapters/memory/memory.js';
import { pseudonymOf } from '../../../src/events/pseudonym.js';
import { decodeJson } from '../../../src/pipeline/checkpoint.js';
import { Intake } from '../../../src/pipeline/intake.js';
import { Holds } from '../../../src/pipeline/retention/holds.js';
import { PersonalIndex } from '../../../src/pipeline/retention/personal-index.js';
import { PersonalTerm, type Swept } from '../../../src/pipeline/retention/personal-term.js';
import { SettingAside } from '../../../src/pipeline/retention/setting-aside.js';
import { PartitionedEvents } from '../../../src/pipeline/wide/partitioned-events.js';
import type { Log, LogName, Logs } from '../../../src/ports/log.js';
import type { SharedVault } from '../../../src/ports/vault.js';

export const DAY_MS = 86_400_000;
export const START = Date.UTC(2026, 2, 2);
const SITE_KEY = new Uint8Array(32).fill(3);
const TERMS = new Map([
  ['complaint', 30 * DAY_MS],
  ['dead-letters', 10 * DAY_MS],
] as const);
const NAMES: readonly LogName[] = ['events', 'dead-letters', 'audit', 'operator', 'actions', 'inbox'];

export const named = (name: string) => pseudonymOf('name', name, SITE_KEY);

/** What is done before each step that others can notice. */
export type Before = () => Promise<void>;

export class SharedSite {
  readonly stores = openMemory();
  readonly logs = Object.fromEntries(NAMES.map((name) => [name, this.stores.log(name)])) as unknown as Logs;
  readonly holds = new Holds({ state: this.stores.state, logs: this.logs, nonce: randomUUID });

  /** Takes a complaint as a process of its own does. */
  async take(
    subject: string,
    complainant: string,
    now: number,
    before?: Before,
    data?: object,
  ): Promise<void> {
    const vault = guardedVault(this.stores.vault, before);
    const logs = { ...this.logs, events: guardedLog(this.logs.events, before) };
    const never = () => undefined;
    const sink = new PartitionedEvents({ logs, partitions: 2, lastTick: () => now, id: 'p', probe: never });
    const intake = new Intake({ logs, vault, erasures: () => vault.erasures(), siteKey: SITE_KEY, sink });
    const event = { specversion: '1.0', id: randomUUID(), source: 'urn:x', type: 'fenghuo.complaint' };
    const said = {
      subject,
      time: new Date(now).toISOString(),
      data: data ?? { category: '食品', complainant },
    };
    await intake.accept(JSON.stringify({ ...event, ...said }), now);
  }

  /** One sweep of a process of its own. */
  sweep(now: number, before?: Before, goesOn: () => Promise<boolean> = async () => true): Promise<Swept> {
    const vault = guardedVault(this.stores.vault, before);
    const index = this.index(before);
    const holds = new Holds({ state: this.stores.state, logs: this.logs, nonce: randomUUID });
    const erasing = new SettingAside({ index, holds, vault, logs: this.logs, nonce: randomUUID, goesOn });
    return new PersonalTerm({ index, holds, vault, erasing }).sweep(TERMS, now);
  }

  index(before?: Before): PersonalIndex {
    const logs = { ...this.logs, events: guardedLog(this.logs.events, before) };
    const history = {
      read: () => {
        throw new Error('nothing was let go of');
      },
    };
    const wide = { partitions: 2, begin: async () => 0, history };
    return new PersonalIndex({ logs, state: this.stores.state, nonce: randomUUID, wide });
  }

  kept(name: string): Promise<string | undefined> {
    return this.stores.vault.reveal(named(name));
  }

  /** What the audit log says was erased. */
  async erasures(): Promise<string[]> {
    const { audit } = this.logs;
    const entries = await audit.read(0, 0, await audit.end(0));
    const found = entries.map(({ value }) => decodeJson<{ what: string; pseudonym: string }>(value));
    return found.filter(({ what }) => what === 'erase-by-term').map(({ pseudonym }) => pseudonym);
  }
}

function guardedVault(vault: SharedVault, before: Before = async () => undefined): SharedVault {
  return {
    keep: async (entries) => before().then(() => vault.keep(entries)),
    reveal: (name) => vault.reveal(name),
    erase: async (name) => before().then(() => vault.erase(name)),
    erasures: async () => before().then(() => vault.erasures()),
    setAside: async (names, by) => before().then(() => vault.setAside(names, by)),
    aside: async () => before().then(() => vault.aside()),
    putBack: async (names, by) => before().then(() => vault.putBack(names, by)),
    drop: async (names, by) => before().then(() => vault.drop(names, by)),
  };
}

/** What is read was asked for by its end; ends are asked for of all partitions at once, so only the first of them waits. */
function guardedLog(log: Log, before: Before = async () => undefined): Log {
  return {
    append: async (partition, values) => before().then(() => log.append(partition, values)),
    read: (partition, offset, limit) => log.read(partition, offset, limit),
    end: async (partition) => (partition === 0 ? before().then(() => log.end(0)) : log.end(partition)),
  };
}

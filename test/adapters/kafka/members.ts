// Members of a group for tests: they note what they hear, and that no two have the same share at the same time.
import { Socket } from 'node:net';
import type { Dial } from '../../../src/adapters/kafka/connection.js';
import { openMembership, type KafkaMembershipOptions } from '../../../src/adapters/kafka/membership.js';
import type { Membership, Share } from '../../../src/ports/membership.js';
import { clientOf, dial } from './cluster.js';

/** The least that brokers allow unless told otherwise. */
export const SESSION_MS = 6_000;

type Call = 'assigned' | 'revoking' | 'revoked' | 'failed';
type MemberOptions = Partial<Omit<KafkaMembershipOptions, 'settings'>>;

/** Members of one group on one broker. */
export class Crew {
  readonly members: Member[] = [];
  /** Shares that a member got while another one worked on them. */
  readonly clashes: string[] = [];
  readonly prefix: string;
  readonly #address: string;
  #wakes: (() => void)[] = [];

  constructor(address: string, prefix: string) {
    this.#address = address;
    this.prefix = prefix;
  }

  member(options: MemberOptions = {}): Member {
    const membership = openMembership({
      settings: clientOf(this.#address).settings,
      dial,
      prefix: this.prefix,
      role: 'evaluate',
      logs: ['events'],
      timeoutMs: 5_000,
      sessionTimeoutMs: SESSION_MS,
      heartbeatMs: 500,
      ...options,
    });
    const member = new Member(this, membership);
    this.members.push(member);
    return member;
  }

  /** Waits until something is so, looking again whenever a member hears something. */
  async until(isSo: () => boolean): Promise<void> {
    while (!isSo()) await new Promise<void>((resolve) => this.#wakes.push(resolve));
  }

  /** Waits until the members have these shares between them, each once. */
  async have(shares: readonly string[]): Promise<void> {
    const wanted = [...shares].sort().join();
    await this.until(
      () =>
        this.members
          .flatMap((one) => one.shares)
          .sort()
          .join() === wanted,
    );
  }

  changed(): void {
    for (const wake of this.#wakes.splice(0)) wake();
  }

  async leave(): Promise<void> {
    await Promise.all(this.members.map((one) => one.membership.leave()));
  }
}

export class Member {
  readonly membership: Membership;
  readonly calls: Call[] = [];
  readonly failures: unknown[] = [];
  /** What it works on now. */
  shares: readonly string[] = [];
  /** What giving its shares up waits for. */
  work: Promise<unknown> = Promise.resolve();
  readonly #crew: Crew;

  constructor(crew: Crew, membership: Membership) {
    this.#crew = crew;
    this.membership = membership;
  }

  async join(): Promise<this> {
    await this.membership.join({
      assigned: (shares) => {
        this.shares = shares.map(({ log, partition }: Share) => `${log}/${partition}`).sort();
        const others = this.#crew.members.filter((one) => one !== this).flatMap((one) => one.shares);
        this.#crew.clashes.push(...this.shares.filter((share) => others.includes(share)));
        this.#hear('assigned');
      },
      revoked: async () => {
        this.#hear('revoking');
        await this.work;
        this.shares = [];
        this.#hear('revoked');
      },
      failed: (error) => {
        this.failures.push(error);
        this.#hear('failed');
      },
    });
    return this;
  }

  #hear(call: Call): void {
    this.calls.push(call);
    this.#crew.changed();
  }
}

/** A way to the brokers that can be cut, after which nothing goes in or out and nothing says so, and mended. */
export function openCuttable() {
  const sockets = new Set<Socket>();
  let isCut = false;
  const by: Dial = (place, onConnect) => {
    const socket = isCut ? new Socket() : dial(place, onConnect);
    sockets.add(socket);
    return socket;
  };
  const cut = () => {
    isCut = true;
    for (const socket of sockets) socket.pause();
    for (const socket of sockets) Object.assign(socket, { write: () => true });
  };
  const mend = () => void (isCut = false);
  return { by, cut, mend };
}

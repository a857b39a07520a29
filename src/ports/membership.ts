// Which partitions of which logs a process works on, where several processes share them.

export interface Share {
  /** The name of the log, such as `events`. */
  readonly log: string;
  readonly partition: number;
}

/** What a member hears: `assigned` and `revoked` in turn, beginning with `assigned`. */
export interface MembershipHearer {
  /** All shares of this process, none perhaps; no other process has one of them until `revoked` resolves or takes too long. */
  assigned(shares: readonly Share[]): void;
  /** The shares are given up: work on all of them must end. It is waited for, within a bound; what it rejects with is heard as a failure. */
  revoked(): Promise<void>;
  /** Something that a person may have to mend; the member tries again by itself. */
  failed(error: unknown): void;
}

export interface Membership {
  /** Joins, once in its life. Resolves with the first shares, or when it has left before. */
  join(hear: MembershipHearer): Promise<void>;
  /** How far a share has come, so that tools of the brokers see the lag: told now and then, never relied on. */
  report(share: Share, offset: number): void;
  /** Gives the shares up, and leaves, so that others get them at once. */
  leave(): Promise<void>;
}

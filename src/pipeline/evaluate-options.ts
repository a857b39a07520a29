// What evaluate is composed of.
import type { Hashing } from '../evidence/hashing.js';
import type { RuleSet } from '../model/ruleset.js';
import type { EventArchive } from '../ports/history.js';
import type { Logs } from '../ports/log.js';
import type { StateStore } from '../ports/state.js';
import type { Probe } from './checkpoint.js';
import type { Pace } from './checkpoint-pace.js';
import type { KeyEvents } from './key-events.js';
import type { Standing } from './outputs.js';
import type { RecentRecords } from './recent-records.js';
import type { Outlet } from './wide/outlet.js';

export interface EvaluateOptions {
  /** What runs until the log names other rules. */
  readonly rules: RuleSet;
  /** The rules of a revision that the log may name; undefined for one that is not at hand. */
  readonly rulesOf?: (revision: string) => Promise<RuleSet | undefined>;
  readonly logs: Logs;
  readonly state: StateStore;
  readonly partition: number;
  readonly nonce: () => string;
  readonly probe: Probe;
  /** Records a batch. */
  readonly batch: number;
  /** How often its place is kept; with every batch where left out. */
  readonly pace?: Pace | undefined;
  /** Keys kept in memory between checkpoints. */
  readonly cachedKeys: number;
  /** Records that ingest appended last, where it runs in this process. */
  readonly recent?: RecentRecords;
  /** Events at hand by their keys, where ingest runs elsewhere; all partitions of a process share it. */
  readonly heard?: KeyEvents;
  /** Events that the log has let go of; left out where it lets go of none. */
  readonly archive?: EventArchive;
  /** Of the salts in evidence; left out where the evidence is handed to nobody. */
  readonly evidenceKey?: Uint8Array;
  /** Of the evidence; in JavaScript where left out. */
  readonly hashing?: Hashing;
  /** Where stratum 0 speaks to the strata above it, where these run elsewhere; else they run here as well. */
  readonly outlet?: Outlet | undefined;
  /** What the log of transitions holds already, where the state is made anew from the logs. */
  readonly standing?: Standing | undefined;
  /** Keys of one model beyond which the operators are told; a million where left out. */
  readonly modelKeys?: number | undefined;
}

// Sealing: reads the alert inbox, and seals the heads of all chains every hour of the log's clock.
import { bytesToHex } from '@noble/hashes/utils.js';
import type { InboxRecord, WarningRecord } from '../alerts/inbox.js';
import { tagOf } from '../evidence/blinding.js';
import type { ChainHead } from '../evidence/chain.js';
import type { Hashing } from '../evidence/hashing.js';
import { NO_SEAL, SEAL_FORMAT, sealBytes, sealId, type Seal, type SignedSeal } from '../evidence/seal.js';
import { subjectName, warningName } from '../evidence/subject-index.js';
import { CodedError } from '../events/coded-error.js';
import type { Logs } from '../ports/log.js';
import type { SealSigner } from '../ports/seal-signer.js';
import type { StateStore } from '../ports/state.js';
import { CheckpointCursor, decodeJson, encodeJson } from './checkpoint.js';
import { EvidenceIndex, type Named } from './evidence-index.js';
import { chainOf, OriginFilter, type Origins } from './origins.js';
import { handedOn } from './recent-log.js';

export interface SealingOptions {
  readonly logs: Logs;
  readonly state: StateStore;
  readonly nonce: () => string;
  /** Records a batch. */
  readonly batch: number;
  readonly signer: SealSigner;
  /** Of the tags in the index. */
  readonly evidenceKey: Uint8Array;
  /** In JavaScript where left out. */
  readonly hashing?: Hashing;
  /** The digest of the files of a revision that ran; undefined where they are not at hand. */
  readonly manifestDigest: (revision: string) => Promise<string | undefined>;
}

interface Meta {
  /** Offset in the inbox of the first record that no seal covers. */
  readonly offset: number;
  readonly origins: Origins;
  /** The number of the next seal. */
  readonly number: number;
  readonly last: { readonly id: string; readonly time: number } | null;
  readonly heads: Seal['heads'];
  /** The seals of the last checkpoint; those that their log does not have yet are appended when it is opened. */
  readonly made: readonly SignedSeal[];
}

const START: Meta = { offset: 0, origins: {}, number: 0, last: null, heads: {}, made: [] };

export const SEALING_NAMESPACE = 'sealing/0';

const HOUR_MS = 3_600_000;
/** Where nothing is recorded, a seal a day says so. */
const QUIET_HOURS = 24;
/** More records than these are not left to one seal, so that none takes longer than half a second. */
const RECORDS_MAX = 1_000;
/** Seals of one checkpoint. */
const SEALS_MAX = 256;

interface Waiting {
  readonly chain: string;
  readonly head: ChainHead;
  readonly at: number;
  readonly revision: string;
  readonly named: readonly Named[];
}

/**
 * A seal is due at the end of the hour of the first record that it covers, and covers what is dated before; where more
 * is recorded within an hour than it takes, it comes earlier. So the same log gives the same seals, but for those that
 * are made at a stop. Where nothing is recorded, a seal a day after the last one says so.
 */
export class Sealing {
  private readonly cursor: CheckpointCursor<Meta>;
  private meta: Meta = START;
  /** How far the inbox was read. */
  private offset = 0;
  private filter = new OriginFilter({});
  private index: EvidenceIndex;
  /** Records that no seal covers yet. */
  private waiting: Waiting[] = [];

  constructor(private readonly options: SealingOptions) {
    this.cursor = new CheckpointCursor<Meta>(options.state, SEALING_NAMESPACE, options.nonce);
    this.index = this.openIndex();
  }

  /** How many seals there are. */
  get seals(): number {
    return this.meta.number;
  }

  /** Takes the place that the last checkpoint left, and appends its seals where they are missing. */
  async open(): Promise<void> {
    this.meta = (await this.cursor.load()) ?? START;
    this.offset = this.meta.offset;
    this.filter = new OriginFilter(this.meta.origins);
    this.waiting = [];
    this.index = this.openIndex();
    await this.append(this.meta.made);
  }

  /**
   * Reads one batch, and makes the seals that are due.
   * @param clock that of the highest stratum: every transition dated before it is in the inbox
   * @returns how much it did
   */
  async run(clock: number): Promise<number> {
    const { logs, batch } = this.options;
    const read = await logs.inbox.read(0, this.offset, batch);
    const round = this.begin();
    for (const { offset, value } of read) {
      const record = handedOn<InboxRecord>(value);
      if (record.kind === 'warning') await this.sealUntil(round, record.at);
      if (round.made.length >= SEALS_MAX) break;
      this.offset = offset + 1;
      if (record.kind !== 'warning' || !this.filter.admit(record.origin)) continue;
      this.waiting.push(this.waitingOf(record, offset));
      if (this.waiting.length >= RECORDS_MAX) await this.seal(round, record.at);
    }
    if (read.length < batch) await this.sealUntil(round, clock);
    await this.finish(round);
    return read.length + round.made.length;
  }

  /** Seals what no seal covers yet, although the hour is not over: before a stop. The inbox has been read to its end. */
  async sealNow(clock: number): Promise<void> {
    while ((await this.run(clock)) > 0);
    if (this.waiting.length === 0) return;
    const round = this.begin();
    await this.seal(round, clock);
    await this.finish(round);
  }

  private openIndex(): EvidenceIndex {
    const { state, hashing } = this.options;
    return new EvidenceIndex(state, SEALING_NAMESPACE, hashing);
  }

  private begin(): Round {
    return { meta: this.meta, made: [] };
  }

  private async sealUntil(round: Round, instant: number): Promise<void> {
    for (;;) {
      const due = this.due(round.meta);
      if (due === null || due > instant || round.made.length >= SEALS_MAX) return;
      await this.seal(round, due);
    }
  }

  /** When the next seal is due; null before the first record. */
  private due({ last }: Meta): number | null {
    const [first] = this.waiting;
    if (first !== undefined) return hourAfter(Math.max(first.at, last?.time ?? first.at));
    return last === null ? null : hourAfter(last.time) + (QUIET_HOURS - 1) * HOUR_MS;
  }

  private async seal(round: Round, time: number): Promise<void> {
    const waiting = this.waiting.splice(0);
    const { meta } = round;
    const heads: { [chain: string]: ChainHead } = { ...meta.heads };
    for (const { chain, head } of waiting) heads[chain] = head;
    const seal: Seal = {
      format: SEAL_FORMAT,
      number: meta.number,
      time,
      previous: meta.last?.id ?? NO_SEAL,
      heads,
      index: await this.index.enter(waiting.flatMap(({ named }) => named)),
      rules: await this.rulesOf(waiting),
    };
    const id = sealId(seal);
    round.made.push((await this.standing(seal, id)) ?? (await this.signed(seal, id)));
    round.meta = {
      offset: this.offset,
      origins: this.filter.origins,
      number: meta.number + 1,
      last: { id, time },
      heads,
      made: [],
    };
  }

  private async signed(seal: Seal, id: string): Promise<SignedSeal> {
    const { signer } = this.options;
    const signature = bytesToHex(await signer.sign(sealBytes(seal)));
    return { id, seal, key: signer.publicKey, signature };
  }

  /**
   * The seal of that number where its log has it: the store forgot the checkpoint that made it.
   * @throws CodedError SEALS_DIFFER where it seals something else
   */
  private async standing({ number }: Seal, id: string): Promise<SignedSeal | null> {
    const { seals } = this.options.logs;
    if (number >= (await seals.end(0))) return null;
    const [stored] = await seals.read(0, number, 1);
    const stands = stored === undefined ? null : decodeJson<SignedSeal>(stored.value);
    if (stands !== null && stands.id !== id) throw new CodedError('SEALS_DIFFER', `Seal ${number}.`);
    return stands;
  }

  /** The checkpoint comes first, for a seal that was handed over can never be taken back. */
  private async finish({ meta, made }: Round): Promise<void> {
    if (made.length === 0) return;
    const next = { ...meta, made };
    await this.cursor.commit(next, { records: this.index.changes });
    this.index.committed();
    this.meta = next;
    await this.append(made);
  }

  /** A seal stands in its log at the offset that is its number. */
  private async append(made: readonly SignedSeal[]): Promise<void> {
    const { seals } = this.options.logs;
    const end = await seals.end(0);
    const missing = made.filter(({ seal }) => seal.number >= end);
    if (missing.length > 0) await seals.append(0, missing.map(encodeJson));
  }

  private async rulesOf(waiting: readonly Waiting[]): Promise<Seal['rules']> {
    const rules: { [revision: string]: string } = {};
    for (const revision of new Set(waiting.map((one) => one.revision))) {
      const digest = await this.options.manifestDigest(revision);
      if (digest !== undefined) rules[revision] = digest;
    }
    return rules;
  }

  private waitingOf({ origin, transition, link, at }: WarningRecord, offset: number): Waiting {
    const { evidenceKey, hashing } = this.options;
    const names = [
      warningName(transition.warning),
      subjectName(`${transition.scope}:${transition.key}`),
    ] as const;
    const named = names.map((name) => ({
      name,
      tag: tagOf(evidenceKey, name, hashing),
      hash: link.hash,
      offset,
    }));
    const head = { sequence: link.sequence, hash: link.hash };
    return { chain: chainOf(origin), head, at, revision: transition.revision, named };
  }
}

/** How many seals the last checkpoint knows, and those that it made, of which their log may not have all yet. */
export async function sealsMade(state: StateStore): Promise<Pick<Meta, 'number' | 'made'>> {
  const stored = await state.checkpoint(SEALING_NAMESPACE);
  return stored === undefined ? START : decodeJson<Meta>(stored.meta);
}

/** What one run makes until its checkpoint. */
interface Round {
  meta: Meta;
  readonly made: SignedSeal[];
}

/** The first full hour, UTC, after an instant. */
function hourAfter(instant: number): number {
  return (Math.floor(instant / HOUR_MS) + 1) * HOUR_MS;
}

// Bundles of evidence, put together from what the stores hold: records, the chain up to their seals, the rules.
import type { InboxRecord, WarningRecord } from '../alerts/inbox.js';
import { tagOf } from '../evidence/blinding.js';
import {
  BUNDLE_FORMAT,
  BUNDLE_RECORDS_MAX,
  CATALOGUE,
  modelFile,
  type About,
  type Bundle,
  type BundleRecord,
  type BundleRules,
  type Span,
} from '../evidence/bundle.js';
import { manifestOf } from '../evidence/manifest.js';
import type { SignedSeal } from '../evidence/seal.js';
import { subjectName, warningName } from '../evidence/subject-index.js';
import { CodedError } from '../events/coded-error.js';
import type { Logs } from '../ports/log.js';
import type { StateStore } from '../ports/state.js';
import { decodeJson } from './checkpoint.js';
import { EvidenceIndex } from './evidence-index.js';
import { chainOf } from './origins.js';
import { SEALING_NAMESPACE, sealsMade } from './sealing.js';

export interface EvidenceBookOptions {
  readonly logs: Logs;
  readonly state: StateStore;
  readonly evidenceKey: Uint8Array;
  /** The texts of a revision that ran, by path. */
  readonly filesOf: (revision: string) => Promise<ReadonlyMap<string, string> | undefined>;
}

const PAGE = 1_000;
/** Seals are made while a bundle is put together; then it is put together again. */
const ATTEMPTS = 5;

/** A record with the offset in the inbox from which its chain is read on. */
interface Found {
  readonly offset: number;
  readonly record: WarningRecord;
  readonly chain: string;
  readonly seal: SignedSeal;
}

export class EvidenceBook {
  constructor(private readonly options: EvidenceBookOptions) {}

  /**
   * All records of a warning, or of a subject, up to the last seal.
   * @param recordsMax of these at most
   * @throws CodedError EVIDENCE_UNSEALED where no seal covers any, EVIDENCE_LIMIT, EVIDENCE_FORMER, RULES_CHANGED
   */
  async bundle(about: About, recordsMax = BUNDLE_RECORDS_MAX): Promise<Bundle> {
    for (let attempt = 1; ; attempt++) {
      const before = await sealsMade(this.options.state);
      const bundle = await this.attempt(about, before.made, before.number, recordsMax);
      const after = await sealsMade(this.options.state);
      if (after.number === before.number) return bundle;
      if (attempt === ATTEMPTS) throw new CodedError('EVIDENCE_UNSEALED', 'Seals are being made just now.');
    }
  }

  private async attempt(
    about: About,
    made: readonly SignedSeal[],
    seals: number,
    recordsMax: number,
  ): Promise<Bundle> {
    const { state, evidenceKey } = this.options;
    const tag = tagOf(
      evidenceKey,
      'warning' in about ? warningName(about.warning) : subjectName(about.subject),
    );
    const index = new EvidenceIndex(state, SEALING_NAMESPACE);
    const offsets = await index.offsetsOf(tag);
    if (offsets.length === 0) throw new CodedError('EVIDENCE_UNSEALED');
    if (offsets.length > recordsMax)
      throw new CodedError('EVIDENCE_LIMIT', `${offsets.length} records; at most ${recordsMax}.`);
    const known = new Map(made.map((signed) => [signed.seal.number, signed]));
    const find = new SealFinder(this.options.logs, known, seals);
    const found: Found[] = [];
    for (const offset of offsets) found.push(await this.find(offset, find));
    const last = await find.at(seals - 1);
    const used = new Map([...found.map(({ seal }) => seal), last].map((seal) => [seal.seal.number, seal]));
    const sealed = [...used.values()].sort((a, b) => a.seal.number - b.seal.number);
    return {
      format: BUNDLE_FORMAT,
      about,
      keys: [...new Set(sealed.map(({ key }) => key))],
      records: found.map(bundled),
      spans: await this.spansOf(found),
      seals: sealed,
      index: { tag, ...(await index.proofOf(tag)) },
      rules: await this.rulesOf(found),
    };
  }

  private async find(offset: number, find: SealFinder): Promise<Found> {
    const [stored] = await this.options.logs.inbox.read(0, offset, 1);
    const record = stored === undefined ? undefined : decodeJson<InboxRecord>(stored.value);
    if (record?.kind !== 'warning')
      throw new CodedError('STORE_DAMAGED', `Record ${offset} of the inbox is no warning.`);
    if (!hasDigest(record)) throw new CodedError('EVIDENCE_FORMER');
    const chain = chainOf(record.origin);
    return { offset, record, chain, seal: await find.covering(chain, record.link.sequence) };
  }

  /** One span for each chain and seal. */
  private async spansOf(found: readonly Found[]): Promise<Span[]> {
    const firsts = new Map<string, Found>();
    for (const one of found) {
      const name = `${one.chain} ${one.seal.seal.number}`;
      if (!firsts.has(name)) firsts.set(name, one);
    }
    const spans: Span[] = [];
    for (const first of firsts.values()) {
      const { link } = first.record;
      const after = { sequence: link.sequence - 1, hash: link.previous };
      const { number } = first.seal.seal;
      spans.push({ chain: first.chain, seal: number, after, digests: await this.digestsFrom(first) });
    }
    return spans;
  }

  /** The digests of a chain from a record to the head in its seal. */
  private async digestsFrom({ offset, record, chain, seal }: Found): Promise<string[]> {
    const end = seal.seal.heads[chain]?.sequence ?? 0;
    const digests: string[] = [];
    let next = record.link.sequence;
    for (let from = offset; next <= end;) {
      const page = await this.options.logs.inbox.read(0, from, PAGE);
      if (page.length === 0)
        throw new CodedError('STORE_DAMAGED', `Chain ${chain} ends before ${end} in the inbox.`);
      for (const { value } of page) {
        const one = decodeJson<InboxRecord>(value);
        // After a crash the same records may stand in the inbox again.
        if (one.kind !== 'warning' || one.link.sequence !== next || chainOf(one.origin) !== chain) continue;
        if (!hasDigest(one)) throw new CodedError('EVIDENCE_FORMER');
        if (next > end) break;
        digests.push(one.link.digest);
        next++;
      }
      from += page.length;
    }
    return digests;
  }

  private async rulesOf(found: readonly Found[]): Promise<BundleRules[]> {
    const wanted = new Map<string, Set<string>>();
    for (const { record } of found) {
      const { revision, model } = record.transition;
      wanted.set(revision, (wanted.get(revision) ?? new Set()).add(modelFile(model)));
    }
    const rules: BundleRules[] = [];
    for (const [revision, models] of wanted) {
      const files = await this.options.filesOf(revision);
      if (files === undefined) throw new CodedError('RULES_CHANGED', `Revision ${revision} is not at hand.`);
      const shown = [...files].filter(([path]) => models.has(path) || path.startsWith(CATALOGUE));
      rules.push({ revision, files: manifestOf(files), texts: Object.fromEntries(shown) });
    }
    return rules;
  }
}

/** Finds seals by number, and by what they cover. */
class SealFinder {
  constructor(
    private readonly logs: Logs,
    private readonly known: Map<number, SignedSeal>,
    /** How many there are. */
    private readonly count: number,
  ) {}

  async at(number: number): Promise<SignedSeal> {
    const known = this.known.get(number);
    if (known !== undefined) return known;
    const [stored] = await this.logs.seals.read(0, number, 1);
    if (stored === undefined) throw new CodedError('STORE_DAMAGED', `Seal ${number} is missing.`);
    const signed = decodeJson<SignedSeal>(stored.value);
    this.known.set(number, signed);
    return signed;
  }

  /** The first seal that covers a record: heads never go back, so it is found by halving. */
  async covering(chain: string, sequence: number): Promise<SignedSeal> {
    let [low, high] = [0, this.count - 1];
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      const { seal } = await this.at(middle);
      if ((seal.heads[chain]?.sequence ?? 0) >= sequence) high = middle;
      else low = middle + 1;
    }
    return this.at(low);
  }
}

function bundled({ record, chain }: Found): BundleRecord {
  const { sequence, hash, previous, salt, digest } = record.link;
  const { transition, sample } = record;
  return {
    chain,
    link: { sequence, hash, previous, salt, digest },
    transition: { ...transition },
    sample: sample.map((event) => ({ ...event })),
  };
}

/** Whether a record is of a build that knew seals. */
function hasDigest({ link }: WarningRecord): boolean {
  return (link as { digest?: string }).digest !== undefined;
}

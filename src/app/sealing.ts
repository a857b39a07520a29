// Seals as they run: made by the pipeline's rounds, handed over by a loop for each holder, so that none holds up another.
import { openSealFile } from '../adapters/files/seal-file.js';
import { openTimestamper } from '../adapters/timestamps/timestamps.js';
import { evidenceKeyOf } from '../evidence/blinding.js';
import { EvidenceBook } from '../pipeline/evidence-book.js';
import { HandOver, SealNotTaken } from '../pipeline/hand-over.js';
import { Sealing } from '../pipeline/sealing.js';
import { openStamping } from '../pipeline/stamping.js';
import type { SealHolder } from '../ports/seal-holder.js';
import type { Log as Logger } from './log.js';
import { NATIVE_HASHING } from './native-hashing.js';
import { Pump } from './pump.js';
import type { StoredRules } from './stored-rules.js';
import type { Stores } from './stores.js';

const IDLE_MS = 60_000;
const BATCH = 1_000;
/** A holder that fails is tried again after so long at most, unless it asks for longer. */
const RETRY_LIMIT_MS = 60_000;

/** What every seal goes to. */
export interface HolderChoice {
  /** A file that is only appended to; null for none. */
  readonly file: string | null;
  /** Address of a time-stamping authority, whose tokens go beside the file; null for none. */
  readonly timestamps: string | null;
  /** Holders that are reached otherwise; none where undefined. */
  readonly others?: readonly SealHolder[];
}

export class SealStage {
  private readonly pumps: readonly Pump[];

  private constructor(
    readonly sealing: Sealing,
    readonly handOvers: readonly HandOver[],
    private readonly log: Logger,
  ) {
    this.pumps = handOvers.map(
      (handOver) =>
        new Pump({
          round: () => handOver.run(),
          reopen: () => handOver.open(),
          idleMs: IDLE_MS,
          retryLimitMs: RETRY_LIMIT_MS,
          leaveAloneMs: (error) => (error instanceof SealNotTaken ? error.retryAfterMs : 0),
          onFailure: (error, retryInMs) => log.failure('seals', error, retryInMs),
        }),
    );
  }

  /** Opens the key of the seals, making it where no seal was signed yet. @throws CodedError SEAL_KEY */
  static async open(
    folder: Stores,
    rules: StoredRules,
    holders: HolderChoice,
    nonce: () => string,
    log: Logger,
  ): Promise<SealStage> {
    const { logs, siteKey, state } = folder;
    const signer = await folder.sealSigner();
    const sealing = new Sealing({
      logs,
      state,
      nonce,
      batch: BATCH,
      signer,
      evidenceKey: evidenceKeyOf(siteKey),
      hashing: NATIVE_HASHING,
      manifestDigest: (revision) => rules.manifestDigest(revision),
    });
    const handOvers = holdersOf(holders).map((holder) => new HandOver({ logs, state, holder, nonce }));
    return new SealStage(sealing, handOvers, log);
  }

  /** Takes every place from the checkpoints. */
  async open(): Promise<void> {
    await this.sealing.open();
  }

  async start(): Promise<void> {
    for (const handOver of this.handOvers) await handOver.open();
    for (const pump of this.pumps) pump.start();
  }

  /** Hands over nothing more, until the next start. */
  async interrupt(): Promise<void> {
    for (const pump of this.pumps) await pump.stop();
  }

  /** One round of the pipeline. @param clock that of the highest stratum, once its outputs are written */
  async run(clock: number): Promise<number> {
    const before = this.sealing.seals;
    const done = await this.sealing.run(clock);
    // A holder that fails is tried again in its own time.
    if (this.sealing.seals > before) for (const pump of this.pumps) if (!pump.failing) pump.wake.call();
    return done;
  }

  /**
   * Seals what is left and hands it over, once to each holder: what one does not take, it gets after the next start.
   * @param clock null where the pipeline failed, and its clock may be ahead of what is written
   */
  async stop(clock: number | null): Promise<void> {
    await this.interrupt();
    if (clock !== null) await this.orLog(() => this.sealing.sealNow(clock));
    for (const handOver of this.handOvers) {
      await this.orLog(async () => {
        while ((await handOver.run()) > 0);
      });
    }
  }

  private async orLog(action: () => Promise<void>): Promise<void> {
    await action().catch((error: unknown) => this.log.failure('seals', error, 0));
  }
}

/** Bundles of evidence from what a deployment keeps. */
export function openEvidence(folder: Stores, rules: StoredRules): EvidenceBook {
  return new EvidenceBook({
    logs: folder.logs,
    state: folder.state,
    evidenceKey: evidenceKeyOf(folder.siteKey),
    filesOf: (revision) => rules.files(revision),
  });
}

function holdersOf({ file, timestamps, others = [] }: HolderChoice): SealHolder[] {
  if (file === null) return [...others];
  const held = openSealFile(file);
  if (timestamps === null) return [held, ...others];
  const timestamper = openTimestamper({ url: timestamps });
  return [held, openStamping(timestamper, openSealFile(`${file}.stamps`)), ...others];
}

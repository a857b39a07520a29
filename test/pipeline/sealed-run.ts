// A log that was evaluated and sealed in memory, with models of two strata, so of two chains.
import { createPrivateKey, createPublicKey, sign } from 'node:crypto';
import type { InboxRecord, WarningRecord } from '../../src/alerts/inbox.js';
import { manifestDigest, manifestOf } from '../../src/evidence/manifest.js';
import type { SignedSeal } from '../../src/evidence/seal.js';
import { encodeRecord } from '../../src/events/codec.js';
import type { LogRecord } from '../../src/events/event.js';
import { loadRules } from '../../src/model/load.js';
import type { RuleSet } from '../../src/model/ruleset.js';
import { decodeJson } from '../../src/pipeline/checkpoint.js';
import { Evaluate } from '../../src/pipeline/evaluate.js';
import { EvidenceBook } from '../../src/pipeline/evidence-book.js';
import { Sealing } from '../../src/pipeline/sealing.js';
import type { SealSigner } from '../../src/ports/seal-signer.js';
import { filesOf } from '../engine/turns.js';
import { openLosingStores, type LosingStores } from './losing-stores.js';

export const FILES = filesOf({
  'sim/base': `
scope: subject
indicators: { many: { from: complaint, count: '*', over: 7d } }
levels: { orange: 'many >= 4', blue: 'many >= 2' }
hold: 1d
`,
  'sim/joint': `
scope: subject
indicators: { open: { from: warning, where: 'event.level != "none"', count: '*', over: 20d } }
levels: { red: 'open >= 1' }
`,
});
/** Before the 32 bytes of an Ed25519 key (RFC 8410). */
const PKCS8_HEAD = '302e020100300506032b657004220420';
const EVIDENCE_KEY = new Uint8Array(32).fill(9);

export function signerOf(seed: number): SealSigner {
  const der = Buffer.concat([Buffer.from(PKCS8_HEAD, 'hex'), Buffer.alloc(32, seed)]);
  const key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  const { x = '' } = createPublicKey(key).export({ format: 'jwk' });
  return {
    publicKey: Buffer.from(x, 'base64url').toString('hex'),
    sign: async (bytes) => sign(null, bytes, key),
  };
}
export const SIGNER = signerOf(1);

export class SealedRun {
  readonly rules: RuleSet;
  readonly book: EvidenceBook;
  evaluate!: Evaluate;
  sealing!: Sealing;
  private serial = 0;

  constructor(readonly stores: LosingStores = openLosingStores()) {
    const { rules } = loadRules(FILES);
    if (rules === null) throw new Error('the rules have faults');
    this.rules = rules;
    const { logs, state } = stores;
    this.book = new EvidenceBook({ logs, state, evidenceKey: EVIDENCE_KEY, filesOf: async () => FILES });
  }

  /** Opens both stages, as after a start or a failure. */
  async open(batch = 50): Promise<void> {
    const { rules } = this;
    const { logs, state } = this.stores;
    const stage = { logs, state, nonce: () => `n${this.serial++}`, batch, evidenceKey: EVIDENCE_KEY };
    this.evaluate = new Evaluate({ ...stage, rules, partition: 0, probe: () => undefined, cachedKeys: 10 });
    const digest = manifestDigest(manifestOf(FILES));
    this.sealing = new Sealing({ ...stage, signer: SIGNER, manifestDigest: async () => digest });
    await this.evaluate.open();
    await this.sealing.open();
  }

  async append(records: readonly LogRecord[]): Promise<void> {
    await this.stores.logs.events.append(0, records.map(encodeRecord));
  }

  /** Until there is nothing to do. */
  async settle(): Promise<void> {
    while ((await this.evaluate.run()) + (await this.sealing.run(this.evaluate.clock)) > 0);
  }

  async seals(): Promise<SignedSeal[]> {
    const stored = await this.stores.logs.seals.read(0, 0, 10_000);
    return stored.map(({ value }) => decodeJson<SignedSeal>(value));
  }

  async warnings(): Promise<WarningRecord[]> {
    const stored = await this.stores.logs.inbox.read(0, 0, 10_000);
    const records = stored.map(({ value }) => decodeJson<InboxRecord>(value));
    return records.filter((record) => record.kind === 'warning');
  }
}

/** A log from its first record to its end, sealed. */
export async function sealedRun(log: readonly LogRecord[]): Promise<SealedRun> {
  const run = new SealedRun();
  await run.open();
  await run.append(log);
  await run.settle();
  return run;
}

// Verification of bundles: what holds, and that whatever is changed, dropped, rewritten or signed by others is found.
import { beforeAll, describe, expect, it } from 'vitest';
import type { Bundle, BundleRecord } from '../../src/evidence/bundle.js';
import { linkRecord } from '../../src/evidence/chain.js';
import type { Fault } from '../../src/evidence/fault.js';
import type { SignedSeal } from '../../src/evidence/seal.js';
import { verifyBundle, type Trust, type Verified } from '../../src/evidence/verify.js';
import { eventAt, tickAt } from '../engine/turns.js';
import { sealedRun, SIGNER, signerOf, type SealedRun } from '../pipeline/sealed-run.js';
import { changed, forge, leavesOf, rewriteChains, without } from './forging.js';

/** Within a few hours three shops are complained about, in turn, until each has an orange warning; then nothing more. */
const LOG = [
  ...[0.1, 0.2, 0.3, 1.1, 1.2, 1.3].flatMap((hour) =>
    ['a', 'b', 'c'].map((shop, index) =>
      eventAt(hour + index / 100, 'complaint', { category: '食品' }, { key: `subject:sim:${shop}` }),
    ),
  ),
  tickAt(24 * 12),
];

const ITSELF: Trust = { keys: null, held: null };

let run: SealedRun;
let held: readonly SignedSeal[];
/** One warning of several transitions, and a subject with more than one warning. */
let warning: Bundle;
let subject: Bundle;
beforeAll(async () => {
  run = await sealedRun(LOG);
  held = await run.seals();
  const warnings = await run.warnings();
  const longest = warnings.reduce((a, b) => (b.transition.ordinal > a.transition.ordinal ? b : a));
  expect(longest.transition.ordinal).toBeGreaterThanOrEqual(2);
  warning = read(await run.book.bundle({ warning: longest.transition.warning }));
  subject = read(await run.book.bundle({ subject: 'subject:sim:a' }));
  expect(new Set(subject.records.map(({ chain }) => chain))).toEqual(new Set(['0/0', '1/0']));
});

/** As it is read from its file. */
const read = (bundle: Bundle) => JSON.parse(JSON.stringify(bundle)) as Bundle;

function verified(bundle: unknown, trust: Trust = ITSELF): Verified {
  const result = verifyBundle(bundle, trust);
  if (!result.ok) throw new Error(JSON.stringify(result.fault));
  return result.verified;
}

function fault(bundle: unknown, trust: Trust = ITSELF): Fault {
  const result = verifyBundle(bundle, trust);
  if (result.ok) throw new Error('it holds');
  return result.fault;
}

const louder = (record: BundleRecord): BundleRecord =>
  record.link.sequence === warning.records[1]!.link.sequence && record.chain === warning.records[1]!.chain
    ? { ...record, transition: { ...record.transition, level: 'red' } }
    : record;

describe('a bundle that is what was recorded', () => {
  it('holds for every warning and every subject, by itself, by its key and by the seals of a holder', async () => {
    const warnings = await run.warnings();
    const ids = new Set(warnings.map(({ transition }) => transition.warning));
    expect(ids.size).toBeGreaterThan(5);
    for (const id of ids) {
      const bundle = read(await run.book.bundle({ warning: id }));
      const { last, compared } = verified(bundle, { keys: [SIGNER.publicKey], held });
      expect(last.id).toBe(held[held.length - 1]?.id);
      expect(compared?.seals).toBe(bundle.seals.length);
      expect(bundle.records).toHaveLength(
        warnings.filter(({ transition }) => transition.warning === id).length,
      );
    }
    for (const key of ['subject:sim:a', 'subject:sim:b', 'subject:sim:c'])
      verified(read(await run.book.bundle({ subject: key })), { keys: null, held });
  });

  it('shows records of others as digests alone', () => {
    const text = JSON.stringify({ ...subject, about: null });
    expect(text).toContain('"sim:a"');
    expect(text).not.toMatch(/sim:[bc]/);
    const [shown, all] = [subject.records.length, subject.spans.flatMap(({ digests }) => digests).length];
    expect(all).toBeGreaterThan(shown);
  });

  it('says how far the seals of the holder go beyond it', async () => {
    const early = await sealedRun(LOG.slice(0, -1));
    const id = (await early.warnings())[0]!.transition.warning;
    const { last, compared } = verified(await early.book.bundle({ warning: id }), { keys: null, held });
    expect(compared?.last.seal.number).toBeGreaterThan(last.seal.number);
  });

  it('holds where the holder put its oldest seals away, unless the bundle needs them', () => {
    const from = warning.seals[0]!.seal.number;
    verified(warning, { keys: null, held: held.slice(from) });
    expect(fault(warning, { keys: null, held: held.slice(from + 1) })).toMatchObject({
      code: 'SEAL_DIFFERS',
      seal: from,
    });
  });
});

describe('a change of a single value', () => {
  it('is found wherever it is', () => {
    const missed: string[] = [];
    for (const bundle of [warning, subject]) {
      for (const path of leavesOf(bundle)) {
        if (verifyBundle(changed(bundle, path), ITSELF).ok) missed.push(path.join('.'));
      }
    }
    expect(missed).toEqual([]);
  });

  it('is found where the value is taken out', () => {
    const missed = leavesOf(warning)
      .filter((path) => verifyBundle(without(warning, path), ITSELF).ok)
      .map((path) => path.join('.'));
    expect(missed).toEqual([]);
  });

  it('is named by its place', () => {
    const [, second] = warning.records;
    const tampered = changed(warning, ['records', 1, 'transition', 'clock']);
    expect(fault(tampered)).toMatchObject({
      code: 'RECORD_CHANGED',
      chain: second!.chain,
      sequence: second!.link.sequence,
      expected: second!.link.digest,
    });
    expect(fault(tampered).meaning).toContain('改动');
  });
});

describe('a record that is dropped', () => {
  it.each([0, 1])('is missed where it was number %i', (index) => {
    const next = warning.records[index + 1]!;
    expect(fault(without(warning, ['records', index]))).toMatchObject({
      code: 'RECORD_MISSING',
      chain: next.chain,
      sequence: next.link.sequence,
    });
  });

  it('is missed where it was the last, though the chain is whole', () => {
    const last = warning.records.length - 1;
    const before = warning.records[last - 1]!;
    const { chain } = warning.records[last]!;
    const dropped = without(warning, ['records', last]);
    const spans = dropped.spans.filter(({ after, digests, ...span }) =>
      dropped.records.some(
        (record) =>
          record.chain === span.chain &&
          record.link.sequence > after.sequence &&
          record.link.sequence <= after.sequence + digests.length,
      ),
    );
    const seals = dropped.seals.filter(
      ({ seal }, index) =>
        index === dropped.seals.length - 1 || spans.some((span) => span.seal === seal.number),
    );
    const kept = { ...dropped, spans, seals };
    expect(fault(kept)).toMatchObject({
      code: 'RECORD_MISSING',
      chain,
      sequence: before.link.sequence,
      expected: `${last + 1} records`,
      found: `${last} records`,
    });
  });

  it('is missed where its digest went with it', () => {
    const { chain, link } = warning.records[1]!;
    const span = warning.spans.findIndex(
      ({ after, digests, ...one }) =>
        one.chain === chain &&
        link.sequence > after.sequence &&
        link.sequence <= after.sequence + digests.length,
    );
    const at = link.sequence - warning.spans[span]!.after.sequence - 1;
    expect(fault(without(warning, ['spans', span, 'digests', at])).code).toBe('CHAIN_BROKEN');
  });
});

describe('a chain that is cut or rewritten', () => {
  it('does not reach its seal where its tail is cut', () => {
    const index = warning.spans.findIndex(({ digests }) => digests.length > 1);
    const span = warning.spans[index]!;
    const cut = without(warning, ['spans', index, 'digests', span.digests.length - 1]);
    expect(fault(cut).code).toBe('CHAIN_BROKEN');
    expect(fault(cut)).toMatchObject({ chain: span.chain });
  });

  it('does not agree with its seal where all its hashes were reckoned anew', () => {
    const found = fault(rewriteChains(warning, louder));
    expect(found).toMatchObject({ code: 'CHAIN_BROKEN', chain: warning.records[1]!.chain });
    expect(found.seal).toBeDefined();
    expect(found.meaning).toContain('重算');
  });

  it('is found by the key where the seals were signed anew with another', async () => {
    const forged = read(await forge(warning, louder, signerOf(2)));
    // By itself it holds: that is why somebody else has the key and the seals.
    verified(forged);
    expect(fault(forged, { keys: [SIGNER.publicKey], held: null })).toMatchObject({
      code: 'SEAL_STRANGER',
      expected: SIGNER.publicKey,
      found: signerOf(2).publicKey,
    });
  });

  it('is found by the seals of the holder where even the key was the right one', async () => {
    const forged = read(await forge(warning, louder, SIGNER));
    verified(forged, { keys: [SIGNER.publicKey], held: null });
    const found = fault(forged, { keys: [SIGNER.publicKey], held });
    expect(found.code).toBe('SEAL_DIFFERS');
    expect(held[found.seal!]?.id).toBe(found.expected);
  });

  it('is found where records are forged and nothing else', () => {
    const link = linkRecord({ sequence: 0, hash: '0'.repeat(64) }, '00'.repeat(16), {});
    expect(fault({ ...warning, records: [{ ...warning.records[0]!, link }] }).code).toBe('RECORD_CHANGED');
  });
});

describe('the seals of a holder', () => {
  it('are themselves checked: a changed, a dropped and a doubled one', () => {
    const middle = Math.floor(held.length / 2);
    const one = held[middle]!;
    const replaced = (other: SignedSeal) => held.map((seal, index) => (index === middle ? other : seal));
    const later = { ...one, seal: { ...one.seal, time: one.seal.time + 1 } };
    expect(fault(warning, { keys: null, held: replaced(later) })).toMatchObject({
      code: 'SEAL_SIGNATURE',
      seal: middle,
      part: 'holder',
    });
    expect(fault(warning, { keys: null, held: held.filter((seal) => seal !== one) })).toMatchObject({
      code: 'SEAL_CHAIN',
      expected: String(middle),
      found: String(middle + 1),
    });
    verified(warning, { keys: null, held: held.flatMap((seal) => [seal, seal]) });
    expect(fault(warning, { keys: null, held: [] }).code).toBe('SEALS_FORMAT');
  });
});

describe('what is no bundle', () => {
  it.each([[null], [[]], ['text'], [{}], [{ format: 'fenghuo-evidence/1' }]])('is refused: %j', (value) => {
    expect(fault(value)).toMatchObject({ code: 'BUNDLE_FORMAT' });
  });

  it('what has no canonical form is refused', () => {
    const [record] = warning.records;
    const nested = JSON.parse('['.repeat(50_000) + ']'.repeat(50_000)) as never;
    for (const note of ['\ud800', nested]) {
      const odd = { ...record!, transition: { ...record!.transition, note } };
      expect(fault({ ...warning, records: [odd, ...warning.records.slice(1)] }).code).toMatch(
        /BUNDLE_FORMAT|RECORD_CHANGED/,
      );
    }
  });

  it('a bundle about another warning or subject is refused', () => {
    const foreign = fault({ ...warning, about: { warning: 'f'.repeat(32) } });
    expect(foreign.code).toBe('RECORD_FOREIGN');
    expect(fault({ ...warning, about: { subject: 'subject:sim:z' } }).code).toBe('RECORD_FOREIGN');
  });
});

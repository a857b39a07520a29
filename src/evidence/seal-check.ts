// Seals checked: by themselves, one after the other, and against those that a holder outside has.
import { expectSame, fail } from './fault.js';
import { isSigned, sealId, type SignedSeal } from './seal.js';

/** What the comparison with a holder's seals says beyond that they agree. */
export interface Compared {
  /** How many seals of the bundle the holder has as well. */
  readonly seals: number;
  /** The holder's last seal; later than that of the bundle where the bundle says nothing of the time since. */
  readonly last: SignedSeal;
}

/**
 * Checks ids, order, and that the keys are those that are named, and trusted; signatures are for `verifySignatures`.
 * @param trusted null where the verifier knows no key
 * @throws FaultFound
 */
export function verifySeals(
  seals: readonly SignedSeal[],
  keys: readonly string[],
  trusted: readonly string[] | null,
): void {
  let before: SignedSeal | undefined;
  for (const signed of seals) {
    const place = { seal: signed.seal.number };
    expectSame('SEAL_SIGNATURE', place, signed.id, sealId(signed.seal));
    if (trusted !== null && !trusted.includes(signed.key))
      fail('SEAL_STRANGER', place, trusted.join(' '), signed.key);
    if (before !== undefined) follow(before, signed);
    before = signed;
  }
  const used = [...new Set(seals.map(({ key }) => key))].join(' ');
  expectSame('SEAL_STRANGER', { part: 'keys' }, used, keys.join(' '));
}

/** Checks what takes the longest. @throws FaultFound */
export function verifySignatures(seals: readonly SignedSeal[]): void {
  for (const signed of seals) {
    if (isSigned(signed)) continue;
    const { key, signature, seal } = signed;
    fail('SEAL_SIGNATURE', { seal: seal.number }, `a signature by ${key}`, signature);
  }
}

/**
 * Compares with the seals of a holder, which may be more, and begin later where the holder put older ones away.
 * @throws FaultFound
 */
export function compareHeld(seals: readonly SignedSeal[], held: readonly SignedSeal[]): Compared {
  const byNumber = new Map<number, SignedSeal>();
  let last: SignedSeal | undefined;
  for (const signed of held) {
    const { number } = signed.seal;
    const place = { seal: number, part: 'holder' };
    expectSame('SEAL_SIGNATURE', place, signed.id, sealId(signed.seal));
    const known = byNumber.get(number);
    if (known !== undefined) {
      expectSame('SEAL_DIFFERS', place, known.id, signed.id);
      continue;
    }
    if (last !== undefined) {
      expectSame('SEAL_CHAIN', place, last.seal.number + 1, number);
      follow(last, signed);
    }
    byNumber.set(number, signed);
    last = signed;
  }
  if (last === undefined) fail('SEALS_FORMAT', { part: 'holder' }, 'seals', 'none');
  for (const { id, seal } of seals) {
    const place = { seal: seal.number };
    const known = byNumber.get(seal.number);
    if (known === undefined) fail('SEAL_DIFFERS', place, `none after seal ${last.seal.number}`, id);
    expectSame('SEAL_DIFFERS', place, known.id, id);
  }
  return { seals: seals.length, last };
}

/** Numbers and times ascend, chains never become shorter, and a seal names the one just before it. */
function follow(before: SignedSeal, { seal }: SignedSeal): void {
  const place = { seal: seal.number };
  const { number, time, heads } = before.seal;
  if (seal.number <= number) fail('SEAL_CHAIN', place, `above ${number}`, seal.number);
  if (seal.time < time) fail('SEAL_CHAIN', place, `at or after ${time}`, seal.time);
  if (seal.number === number + 1) expectSame('SEAL_CHAIN', place, before.id, seal.previous);
  for (const [chain, head] of Object.entries(heads)) {
    const now = seal.heads[chain];
    const shorter = now === undefined || now.sequence < head.sequence;
    if (shorter) fail('SEAL_CHAIN', { ...place, chain }, `${head.sequence} records`, now?.sequence ?? 0);
    if (now.sequence === head.sequence) expectSame('SEAL_CHAIN', { ...place, chain }, head.hash, now.hash);
  }
}

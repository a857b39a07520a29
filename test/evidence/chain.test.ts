import { describe, expect, it } from 'vitest';
import { CHAIN_START, linkRecord, nextHead, verifyLink } from '../../src/evidence/chain.js';

const [SALT, OTHER] = ['0a'.repeat(16), '0b'.repeat(16)] as const;

describe('a chain of evidence', () => {
  const first = linkRecord(CHAIN_START, SALT, { level: 'red', figures: { complaints: 3 } });
  const second = linkRecord(first, SALT, { level: 'none' });

  it('does not depend on the order in which a record names its parts', () => {
    expect(linkRecord(CHAIN_START, SALT, { figures: { complaints: 3 }, level: 'red' })).toEqual(first);
  });

  it('names the record before it, and counts', () => {
    expect([first.sequence, second.sequence]).toEqual([1, 2]);
    expect(second.previous).toBe(first.hash);
  });

  it('shows a changed value, another salt, and a record put in another place', () => {
    expect(verifyLink(first, { level: 'red', figures: { complaints: 3 } })).toBe(true);
    expect(verifyLink(first, { level: 'red', figures: { complaints: 2 } })).toBe(false);
    expect(verifyLink({ ...first, salt: OTHER }, { level: 'red', figures: { complaints: 3 } })).toBe(false);
    expect(verifyLink({ ...second, previous: CHAIN_START.hash }, { level: 'none' })).toBe(false);
  });

  it('leads on over records of which only the digest is known', () => {
    const bridged = [first, second].reduce(
      ({ sequence, hash }, { digest }) => nextHead({ sequence, hash }, digest),
      CHAIN_START,
    );
    expect(bridged).toEqual({ sequence: second.sequence, hash: second.hash });
  });

  it('gives the same record another digest under another salt', () => {
    const record = { level: 'none' };
    expect(linkRecord(CHAIN_START, SALT, record).digest).not.toBe(
      linkRecord(CHAIN_START, OTHER, record).digest,
    );
  });
});

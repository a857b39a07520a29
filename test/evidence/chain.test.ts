import { describe, expect, it } from 'vitest';
import { CHAIN_START, linkRecord, verifyLink } from '../../src/evidence/chain.js';

describe('a chain of evidence', () => {
  const first = linkRecord(CHAIN_START, { level: 'red', figures: { complaints: 3 } });
  const second = linkRecord(first, { level: 'none' });

  it('does not depend on the order in which a record names its parts', () => {
    expect(linkRecord(CHAIN_START, { figures: { complaints: 3 }, level: 'red' })).toEqual(first);
  });

  it('names the record before it, and counts', () => {
    expect([first.sequence, second.sequence]).toEqual([1, 2]);
    expect(second.previous).toBe(first.hash);
  });

  it('shows a changed value, and a record put in another place', () => {
    expect(verifyLink(first, { level: 'red', figures: { complaints: 3 } })).toBe(true);
    expect(verifyLink(first, { level: 'red', figures: { complaints: 2 } })).toBe(false);
    expect(verifyLink({ ...second, previous: CHAIN_START.hash }, { level: 'none' })).toBe(false);
  });
});

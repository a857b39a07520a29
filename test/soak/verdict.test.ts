// The judge of a soak: what is flat, and what it must not let pass.
import { describe, expect, it } from 'vitest';
import { verdictLines, verdictOf, type Sample, type Soak } from './verdict.js';

const sample = (second: number, change: Partial<Sample> = {}): Sample => ({
  second,
  ownBytes: 500e6,
  mappedBytes: 900e6,
  warehouseBytes: 300e6,
  heapBytes: 200e6,
  lagRecords: 100,
  ...change,
});
const soakOf = (change: Partial<Soak> = {}): Soak => ({
  rate: 2_000,
  accepted: 1_200_000,
  rejected: 0,
  seconds: 600,
  warmUp: 240,
  alerts: Array.from({ length: 200 }, (_, index) => ({ second: 300, ms: index })),
  samples: Array.from({ length: 120 }, (_, index) => sample(index * 5)),
  ...change,
});

describe('the verdict on a soak', () => {
  it('finds no fault where memory is flat, and says how long alerts took', () => {
    const verdict = verdictOf(soakOf());
    expect(verdict).toMatchObject({ faults: [], p50Ms: 100, p99Ms: 198, mostLag: 100 });
    expect(verdictLines(soakOf(), verdict)[0]).toBe('1200000 events in 600 s, 2000 a second, 0 refused');
  });

  it('lets memory grow while it warms up, and not after', () => {
    const warming = (index: number) => sample(index * 5, { ownBytes: Math.min(500e6, 100e6 + index * 20e6) });
    expect(
      verdictOf(soakOf({ samples: Array.from({ length: 120 }, (_, index) => warming(index)) })).faults,
    ).toEqual([]);
    const leaking = (index: number) => sample(index * 5, { ownBytes: 500e6 + index * 2e6 });
    const { faults, memory } = verdictOf(
      soakOf({ samples: Array.from({ length: 120 }, (_, index) => leaking(index)) }),
    );
    expect(faults).toEqual([`memory grew by ${(memory.share * 100).toFixed(1)} % after the warm-up`]);
  });

  it('lets the pages of its files grow, which are no memory of its own', () => {
    const growing = (index: number) => sample(index * 5, { mappedBytes: 500e6 + index * 20e6 });
    const soak = soakOf({ samples: Array.from({ length: 120 }, (_, index) => growing(index)) });
    expect(verdictOf(soak).faults).toEqual([]);
    expect(verdictOf(soak).mapped.share).toBeGreaterThan(0.5);
  });

  it('names a backlog, refusals, a rate that was not held, and silence', () => {
    const waiting = Array.from({ length: 120 }, (_, index) => sample(index * 5, { lagRecords: 10_001 }));
    expect(verdictOf(soakOf({ samples: waiting })).faults).toEqual(['10001 records waited']);
    expect(verdictOf(soakOf({ rejected: 1 })).faults).toEqual(['1 events were refused']);
    expect(verdictOf(soakOf({ accepted: 900_000 })).faults).toEqual(['1500 events/s were taken, not 2000']);
    expect(verdictOf(soakOf({ alerts: [{ second: 1, ms: 5 }] })).faults).toEqual(['no alert was seen']);
  });

  it('says nothing of too few samples', () => {
    expect(() => verdictOf(soakOf({ samples: [sample(0), sample(5)] }))).toThrow(RangeError);
  });
});

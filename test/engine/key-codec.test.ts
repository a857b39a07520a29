// What a key's record gives back, and under which names.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ByteReader } from '../../src/engine/byte-reader.js';
import { ByteWriter } from '../../src/engine/byte-writer.js';
import { namesOf } from '../../src/engine/codec/names.js';
import { readReferences, writeReferences } from '../../src/engine/codec/references.js';
import { decodeKeyState, encodeKeyState } from '../../src/engine/key-codec.js';
import { EventReference, ForwardedReference } from '../../src/engine/reference.js';
import { KEY, Run, rulesOf } from './sequences.js';

const DAY = 86_400_000;
const MIDDAY = Date.UTC(2026, 2, 1, 12);

const id = fc.oneof(
  fc
    .tuple(fc.constantFrom('/12345/a', '/12345/b', 'urn:x'), fc.integer({ min: 0, max: 99_999 }))
    .map(([source, number]) => `${source} ev-${number}`),
  fc.string({ unit: 'grapheme-ascii', minLength: 1 }),
);
const kept = fc.constantFrom(35 * DAY, 400 * DAY, Infinity, 12_345, -7, 0.5);
const event = fc
  .record({
    id,
    stream: fc.integer({ min: 0, max: 9 }),
    at: fc.integer({ min: MIDDAY - 90 * DAY, max: MIDDAY }),
    delay: fc.oneof(fc.integer({ min: -300_000, max: 5 * DAY }), fc.constant(0)),
    offset: fc.integer({ min: 0, max: 2 ** 50 }),
    kept,
    asReading: fc.boolean(),
    metric: fc.constantFrom(null, '甲烷浓度', 'level'),
    revoked: fc.boolean(),
    revocation: fc.boolean(),
    backfilled: fc.boolean(),
    partition: fc.constantFrom(null, -1, 0, 7),
  })
  .map((one) => {
    const time = one.at - one.delay;
    const until = one.asReading ? time + 3_900_000 : one.at + one.kept;
    const reference =
      one.partition === null
        ? new EventReference(one.id, one.stream, time, one.at, one.offset, until, one.metric, one.revocation)
        : new ForwardedReference(one.id, one.stream, time, one.at, one.offset, until, one.partition);
    reference.revoked = one.revoked;
    reference.backfilled = one.backfilled;
    return reference;
  });

function fieldsOf(reference: EventReference): unknown {
  const { stream, time, at, offset, keepUntil, metric, revoked, revocation, backfilled } = reference;
  const partition = reference instanceof ForwardedReference ? reference.partition : null;
  return [
    reference.id,
    stream,
    time,
    at,
    offset,
    keepUntil,
    metric,
    revoked,
    revocation,
    backfilled,
    partition,
  ];
}

function rewritten(references: readonly EventReference[], plain: boolean): EventReference[] {
  const writer = new ByteWriter();
  expect(writeReferences(writer, references, references.length, plain)).toBe(true);
  const reader = new ByteReader(writer.finish());
  const read = readReferences(reader, references.length, plain);
  expect(reader.done).toBe(true);
  return read;
}

describe('events', () => {
  it('come back as they were, in any order, more than a piece of them', () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 150, size: 'max' }), (references) => {
        const expected = references.map(fieldsOf);
        expect(rewritten(references, false).map(fieldsOf)).toEqual(expected);
        expect(rewritten(references, true).map(fieldsOf)).toEqual(expected);
      }),
      { numRuns: 150 },
    );
  });

  it('whose ids are not ASCII are refused until they are written plain', () => {
    const references = ['s a', 's 食品', 's b'].map((one) => new EventReference(one, 0, 5, 5, 1, 9));
    expect(writeReferences(new ByteWriter(), references, 3, false)).toBe(false);
    expect(rewritten(references, true).map((one) => one.id)).toEqual(['s a', 's 食品', 's b']);
  });
});

describe('a record', () => {
  const STEPS = `sequence:
  - { from: inspection }
  - { from: complaint, within: 10d }
over: 30d`;
  const arrivals = ['a', 'b', '食品', 'c'].map((one, day) => ({
    at: day,
    id: one,
    stream: day === 0 ? ('inspection' as const) : ('complaint' as const),
  }));

  it('gives back ids that are not ASCII', () => {
    const run = new Run(rulesOf(STEPS));
    for (const arrival of arrivals) run.take(arrival);
    run.until(4);
    const restored = run.restored();
    expect(restored.figure()).toBe(run.figure());
    const ids: string[] = [];
    restored.store.get(KEY)?.known.each((reference) => ids.push(reference.id));
    expect(ids).toEqual(['s a', 's b', 's 食品', 's c']);
  });

  it('is read by the names that it was written with, whatever the plan numbers now', () => {
    const run = new Run(rulesOf(STEPS));
    for (const arrival of arrivals) run.take(arrival);
    run.until(4);
    const state = run.store.get(KEY);
    if (state === undefined) throw new Error('nothing is known');
    const bytes = encodeKeyState(state);
    const { plan } = new Run(rulesOf(STEPS.replace('over: 30d', 'over: 60d'))).engine.context;
    expect(() => decodeKeyState(KEY, bytes, { plan: plan.subject })).toThrow('Nothing tells the names');

    const { names } = run.engine.context.plan.subject;
    const namesWith = (hash: number) => (hash === names.hash ? names : undefined);
    const read = decodeKeyState(KEY, bytes, { plan: plan.subject, namesOf: namesWith });
    // The sequence has another identity now; the model has the name that it had.
    expect(read.windowCount).toBe(0);
    expect(read.modelStates.map((one) => [one.plan.model.name, one.shown])).toEqual([['food/steps', 1]]);
    expect(read.modelStates[0]?.episode).toEqual(state.modelStates[0]?.episode);
  });

  it('tells names apart by what they are and where they stand', () => {
    const hashes = [
      namesOf(['a', 'b'], []),
      namesOf(['b', 'a'], []),
      namesOf(['a'], ['b']),
      namesOf([], ['a', 'b']),
    ].map(({ hash }) => hash);
    expect(new Set(hashes).size).toBe(4);
  });

  it('is refused where it has a section or a layout that this build does not know', () => {
    const { plan } = new Run(rulesOf(STEPS)).engine.context;
    const read = (...bytes: number[]) => decodeKeyState(KEY, Uint8Array.from(bytes), { plan: plan.subject });
    expect(read(4, 0, 0, 1).windowCount).toBe(0);
    expect(() => read(4, 0, 0x80, 0x02, 1)).toThrow('has a layout that this build does not know');
    expect(() => read(5, 0, 0, 1)).toThrow('has a layout that this build does not know');
    expect(() => read(4, 0, 0)).toThrow('Stored state cannot be read');
  });
});

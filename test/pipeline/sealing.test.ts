// Seals: when they are made, that nothing but the log decides on them, and that they reach their holders.
import { beforeAll, describe, expect, it } from 'vitest';
import type { WarningRecord } from '../../src/alerts/inbox.js';
import { CHAIN_START, linkRecord, type ChainHead } from '../../src/evidence/chain.js';
import { isSigned, type SignedSeal } from '../../src/evidence/seal.js';
import { verifyBundle } from '../../src/evidence/verify.js';
import { verifySeals } from '../../src/evidence/seal-check.js';
import { CheckpointCursor, decodeJson, encodeJson } from '../../src/pipeline/checkpoint.js';
import { HandOver } from '../../src/pipeline/hand-over.js';
import { OriginFilter } from '../../src/pipeline/origins.js';
import { SEALING_NAMESPACE } from '../../src/pipeline/sealing.js';
import type { HandedSeal, SealHolder } from '../../src/ports/seal-holder.js';
import { eventAt, HOUR, START, tickAt } from '../engine/turns.js';
import { generateLog, randomFrom } from '../simulation/generate.js';
import { openLosingStores } from './losing-stores.js';
import { sealedRun, SealedRun, SIGNER } from './sealed-run.js';

const complaintAt = (hours: number, subject: string) =>
  eventAt(hours, 'complaint', { category: '食品' }, { key: `subject:${subject}` });

describe('sealing', () => {
  it('seals each hour in which something was recorded, at its end, and each day in which nothing was', async () => {
    const run = await sealedRun([
      complaintAt(0.1, 'a'),
      complaintAt(0.2, 'a'),
      complaintAt(0.7, 'b'),
      complaintAt(0.8, 'b'),
      complaintAt(2.5, 'c'),
      complaintAt(2.6, 'c'),
      tickAt(52),
    ]);
    const hours = (await run.seals()).map(({ seal }) => (seal.time - START) / HOUR);
    expect(hours).toEqual([1, 3, 27, 51]);
    const [first, second, third] = await run.seals();
    expect(first?.seal.heads['0/0']?.sequence).toBe(2);
    // Each of the three subjects has a warning, and a joint one that rests on it.
    expect(second?.seal.heads).toMatchObject({ '0/0': { sequence: 3 }, '1/0': { sequence: 3 } });
    expect(third?.seal.heads).toEqual(second?.seal.heads);
    expect(third?.seal.index).toBe(second?.seal.index);
  });

  it('covers what is dated before the hour, and nothing of the hour itself', async () => {
    const run = await sealedRun([
      complaintAt(0.5, 'a'),
      complaintAt(1, 'a'),
      complaintAt(1.5, 'b'),
      tickAt(1.9),
    ]);
    expect(await run.seals()).toEqual([]);
    await run.append([tickAt(2.01)]);
    await run.settle();
    const [only] = await run.seals();
    expect(only?.seal.time).toBe(START + 2 * HOUR);
    expect(only?.seal.heads['0/0']?.sequence).toBe(1);
  });

  it('makes no seal before the first record', async () => {
    const run = await sealedRun([tickAt(0), tickAt(100)]);
    expect(await run.seals()).toEqual([]);
  });

  it('signs, numbers and chains them', async () => {
    const run = await sealedRun(generateLog(3));
    const seals = await run.seals();
    expect(seals.length).toBeGreaterThan(20);
    expect(seals.map(({ seal }) => seal.number)).toEqual(seals.map((_, index) => index));
    expect(seals.every(isSigned)).toBe(true);
    expect(() => verifySeals(seals, [SIGNER.publicKey], [SIGNER.publicKey])).not.toThrow();
    const warnings = await run.warnings();
    const last = seals[seals.length - 1]!.seal.heads;
    const count = Object.values(last).reduce((total, { sequence }) => total + sequence, 0);
    expect(count).toBe(warnings.length);
  });

  it('is the same however often it begins anew, and where checkpoints are lost', async () => {
    for (const seed of [1, 2, 3]) {
      const log = generateLog(seed);
      const expected = await (await sealedRun(log)).seals();
      const random = randomFrom(seed);
      const run = new SealedRun();
      await run.open();
      for (let next = 0; next < log.length;) {
        const end = Math.min(log.length, next + 1 + Math.floor(random() * 25));
        await run.append(log.slice(next, end));
        next = end;
        const roll = random();
        if (roll < 0.1) await run.stores.losing(() => run.settle());
        else if (roll < 0.25) {
          while ((await run.evaluate.run()) > 0);
          await run.stores.losing(() => run.sealing.run(run.evaluate.clock));
        }
        if (roll < 0.5) await run.open(1 + Math.floor(random() * 20));
        await run.settle();
      }
      expect(await run.seals()).toEqual(expected);
    }
  });

  it('takes from its log the seals that the store forgot, and seals nothing on top of others', async () => {
    const run = await sealedRun(generateLog(2));
    const seals = await run.seals();
    const { inbox } = run.stores.logs;
    const again = async (signed: readonly SignedSeal[]) => {
      const forgetful = openLosingStores();
      await forgetful.logs.seals.append(0, signed.map(encodeJson));
      const fresh = new SealedRun({ ...forgetful, logs: { ...forgetful.logs, inbox } });
      await fresh.open();
      while ((await fresh.sealing.run(run.evaluate.clock)) > 0);
      return fresh.seals();
    };
    expect(await again(seals.slice(0, 5))).toEqual(seals);
    // As it stands, by whatever key it was signed.
    const resigned = seals.slice(0, 5).map((seal) => ({ ...seal, signature: 'f'.repeat(128) }));
    expect(await again(resigned)).toEqual([...resigned, ...seals.slice(5)]);
    const other = [...seals.slice(0, 3), { ...seals[3], id: '0'.repeat(64) } as SignedSeal];
    await expect(again(other)).rejects.toMatchObject({ code: 'SEALS_DIFFER' });
  });

  it('appends after a start the seals that a crash kept from their log', async () => {
    const run = new SealedRun();
    await run.open();
    await run.append([complaintAt(0.1, 'a'), complaintAt(0.2, 'a'), tickAt(3)]);
    while ((await run.evaluate.run()) > 0);
    const { seals } = run.stores.logs;
    const append = seals.append.bind(seals);
    seals.append = async () => {
      throw new Error('the process ends here');
    };
    await expect(run.sealing.run(run.evaluate.clock)).rejects.toThrow('ends here');
    seals.append = append;
    expect(await run.seals()).toEqual([]);
    await run.open();
    expect((await run.seals()).map(({ seal }) => seal.number)).toEqual([0]);
    await run.settle();
    expect(await run.seals()).toHaveLength(1);
  });

  it('seals at a stop what the hour would have waited for, and goes on after it', async () => {
    const run = await sealedRun([complaintAt(0.1, 'a'), complaintAt(0.2, 'a'), tickAt(0.4)]);
    await run.sealing.sealNow(run.evaluate.clock);
    await run.sealing.sealNow(run.evaluate.clock);
    const [stopped] = await run.seals();
    expect(stopped?.seal.time).toBe(run.evaluate.clock);
    expect(await run.seals()).toHaveLength(1);
    await run.open();
    await run.append([complaintAt(0.5, 'b'), complaintAt(0.6, 'b'), tickAt(2)]);
    await run.settle();
    const seals = await run.seals();
    expect(seals.map(({ seal }) => seal.time)).toEqual([stopped?.seal.time, START + HOUR]);
    expect(() => verifySeals(seals, [SIGNER.publicKey], null)).not.toThrow();
  });
});

describe('the index that a build left whose nodes are JSON', () => {
  it('goes on to the same roots', async () => {
    const log = Array.from({ length: 24 }, (_, index) => complaintAt(index / 4, `s${index % 7}`));
    const undisturbed = await sealedRun([...log, tickAt(30)]);
    const run = await sealedRun(log.slice(0, 16));
    const { state } = run.stores;
    const names = await state.keys(SEALING_NAMESPACE, 'n/', '', 10_000);
    const nodes = await state.load(SEALING_NAMESPACE, names);
    expect(names.length).toBeGreaterThan(10);
    const records = new Map(
      names.map((name, index) => [name, encodeJson(childrenOf(nodes[index] as Uint8Array))]),
    );
    const cursor = new CheckpointCursor<object>(state, SEALING_NAMESPACE, () => 'former');
    await cursor.commit((await cursor.load()) ?? {}, { records });
    await run.open();
    await run.append([...log.slice(16), tickAt(30)]);
    await run.settle();
    expect(await run.seals()).toEqual(await undisturbed.seals());
  });

  function childrenOf(node: Uint8Array): string[] {
    const hex = Buffer.from(node.subarray(1)).toString('hex');
    return hex.match(/.{64}/g) ?? [];
  }
});

describe('an hour of many records', () => {
  it('has a seal after each thousand, and one at its end', async () => {
    const run = new SealedRun();
    await run.open(300);
    let head: ChainHead = CHAIN_START;
    const records = Array.from({ length: 2_500 }, (_, index) => {
      const link = linkRecord(head, '00'.repeat(16), { index });
      head = { sequence: link.sequence, hash: link.hash };
      const at = START + index;
      const transition = { warning: `w${index}`, scope: 'subject', key: `s${index % 9}`, revision: 'r' };
      const origin = { source: 'events/0', offset: index, ordinal: 0 };
      return encodeJson({ kind: 'warning', origin, at, transition, sample: [], link });
    });
    await run.stores.logs.inbox.append(0, records);
    while ((await run.sealing.run(START + 2 * HOUR)) > 0);
    const heads = (await run.seals()).map(({ seal }) => seal.heads['0/0']);
    expect(heads.map((one) => one?.sequence)).toEqual([1_000, 2_000, 2_500]);
    expect(heads[2]).toEqual(head);
  });
});

describe('evidence that a build without seals began', () => {
  it('is sealed and goes on; what was recorded before is refused a bundle, what comes after has one', async () => {
    const log = [complaintAt(0.1, 'a'), complaintAt(0.2, 'a'), complaintAt(3.1, 'b'), complaintAt(3.2, 'b')];
    const run = new SealedRun();
    await run.open();
    const { inbox } = run.stores.logs;
    const append = inbox.append.bind(inbox);
    // As that build wrote it.
    inbox.append = (partition, values) => append(partition, values.map(withoutDigest));
    await run.append([...log.slice(0, 2), tickAt(3)]);
    await run.settle();
    inbox.append = append;
    await run.append([...log.slice(2), tickAt(5)]);
    await run.settle();
    const bundleOf = (subject: string) => run.book.bundle({ subject: `subject:${subject}` });
    await expect(bundleOf('a')).rejects.toMatchObject({ code: 'EVIDENCE_FORMER' });
    expect(verifyBundle(JSON.parse(JSON.stringify(await bundleOf('b'))), TRUST).ok).toBe(true);
  });
});

const TRUST = { keys: null, held: null };

function withoutDigest(value: Uint8Array): Uint8Array {
  const record = decodeJson<WarningRecord>(value);
  const { salt: _, digest: __, ...link } = record.link;
  return encodeJson({ ...record, link });
}

/** A holder that keeps what it takes, and refuses while it is told to. */
class Holder implements SealHolder {
  readonly name = 'test';
  readonly atOnce = 7;
  readonly taken: HandedSeal[] = [];
  refusing = false;

  async take(seals: readonly HandedSeal[]) {
    if (this.refusing) return { ok: false, reason: 'it is full' } as const;
    this.taken.push(...seals);
    return { ok: true } as const;
  }
}

describe('hand-over', () => {
  let run: SealedRun;
  let serial = 0;
  beforeAll(async () => {
    run = await sealedRun(generateLog(5));
  });
  const open = async (holder: SealHolder) => {
    const { logs, state } = run.stores;
    const handOver = new HandOver({ logs, state, holder, nonce: () => `h${serial++}` });
    await handOver.open();
    return handOver;
  };
  const alerts = async () => {
    const filter = new OriginFilter({});
    const stored = await run.stores.logs.operator.read(0, 0, 1_000);
    return stored
      .map(({ value }) => decodeJson<{ origin: never; alert: { code: string; message: string } }>(value))
      .filter(({ origin }) => filter.admit(origin))
      .filter(({ alert }) => alert.code === 'SEAL_NOT_HANDED_OVER');
  };

  it('hands over every seal once, from where it stopped, and tells the operators of each outage once', async () => {
    const holder = new Holder();
    const first = await open(holder);
    expect(await first.run()).toBe(7);
    holder.refusing = true;
    for (let attempt = 0; attempt < 3; attempt++) {
      await expect(first.run()).rejects.toMatchObject({ code: 'SEAL_NOT_HANDED_OVER' });
    }
    expect(await alerts()).toHaveLength(1);
    expect((await alerts())[0]?.alert.message).toContain('seal 7: it is full');
    const second = await open(holder);
    await expect(second.run()).rejects.toMatchObject({ code: 'SEAL_NOT_HANDED_OVER' });
    expect(await alerts()).toHaveLength(1);
    holder.refusing = false;
    await second.run();
    holder.refusing = true;
    await expect(second.run()).rejects.toMatchObject({ code: 'SEAL_NOT_HANDED_OVER' });
    expect(await alerts()).toHaveLength(2);
    holder.refusing = false;
    while ((await second.run()) > 0);
    const seals = await run.seals();
    expect(holder.taken.map(({ line }) => JSON.parse(line) as unknown)).toEqual(seals);
    expect(second.position).toBe(seals.length);
  });

  it('hands over again what it cannot know to have arrived, and alerts once where the alert came before a crash', async () => {
    const before = (await alerts()).length;
    const holder = Object.assign(new Holder(), { name: 'other' });
    const handOver = await open(holder);
    await run.stores.losing(() => handOver.run());
    const again = await open(holder);
    await again.run();
    expect(holder.taken.map(({ number }) => number)).toEqual([0, 1, 2, 3, 4, 5, 6, 0, 1, 2, 3, 4, 5, 6]);
    holder.refusing = true;
    await run.stores.losing(() => again.run());
    const third = await open(holder);
    await expect(third.run()).rejects.toMatchObject({ code: 'SEAL_NOT_HANDED_OVER' });
    expect(await alerts()).toHaveLength(before + 1);
  });
});

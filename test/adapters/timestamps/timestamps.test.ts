import { createHash } from 'node:crypto';
import { ContentInfo, SignedData, TSTInfo } from 'pkijs';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openTimestamper } from '../../../src/adapters/timestamps/timestamps.js';
import { openStamping } from '../../../src/pipeline/stamping.js';
import type { HandedSeal, SealHolder } from '../../../src/ports/seal-holder.js';
import { openAuthority, STAMPED_AT, type Authority } from './authority.js';

const MESSAGE = '封印';
const DIGEST = createHash('sha256').update(MESSAGE).digest();
const bytesOf = (text: string) => new TextEncoder().encode(text).buffer;

let authority: Authority;
beforeAll(async () => {
  authority = await openAuthority();
});
beforeEach(() => {
  authority.fault = 'none';
  authority.asked.length = 0;
});
afterAll(() => authority.close());

const stamp = () => openTimestamper({ url: authority.url }).stamp(DIGEST);

describe('a time-stamping authority', () => {
  it('gives a token over the digest, signed by it', async () => {
    const token = new Uint8Array(await stamp());
    const signed = new SignedData({ schema: ContentInfo.fromBER(token).content });
    const octets = signed.encapContentInfo.eContent?.getValue();
    expect(TSTInfo.fromBER(octets!).genTime).toEqual(STAMPED_AT);
    const trustedCerts = [authority.certificate];
    const verify = (message: string) =>
      signed.verify({ signer: 0, data: bytesOf(message), trustedCerts, checkChain: false });
    expect(await verify(MESSAGE)).toBe(true);
    await expect(verify('other')).rejects.toThrow();
    expect(authority.asked).toEqual([DIGEST.toString('hex')]);
  });

  it.each([
    ['refuses', /status 2/],
    ['another digest', /something else/],
    ['another nonce', /something else/],
    ['nonsense', /./],
    ['too much', /over 65536 bytes/],
    ['fails', /answers 500/],
    ['redirects', /./],
  ] as const)('is not believed where it %s', async (fault, reason) => {
    authority.fault = fault;
    await expect(stamp()).rejects.toThrow(reason);
  });

  it.each(['file:///etc/passwd', 'ftp://a/', 'no url'])('has an address of HTTP: not %s', (url) => {
    expect(() => openTimestamper({ url })).toThrow();
  });
});

/** Keeps what it is handed. */
class Keeper implements SealHolder {
  readonly atOnce = 100;
  readonly name = 'keeper';
  readonly kept: HandedSeal[] = [];

  async take(seals: readonly HandedSeal[]) {
    this.kept.push(...seals);
    return { ok: true } as const;
  }
}

describe('seals that are time-stamped', () => {
  const sealOf = (number: number): HandedSeal => {
    const id = createHash('sha256').update(String(number)).digest('hex');
    return { number, id, line: '{}' };
  };

  it('get one token a batch, over the newest, kept beside the ids of all', async () => {
    const keeper = new Keeper();
    const holder = openStamping(openTimestamper({ url: authority.url }), keeper);
    expect(await holder.take([sealOf(0), sealOf(1)])).toEqual({ ok: true });
    expect(authority.asked).toEqual([sealOf(1).id]);
    const lines = keeper.kept.map(({ line }) => JSON.parse(line) as { token: string | null });
    expect(lines.map(({ token }) => token !== null)).toEqual([false, true]);
    expect(lines[1]).toMatchObject({ id: sealOf(1).id, seal: { number: 1 } });
  });

  it('wait where the authority fails, and say why', async () => {
    authority.fault = 'fails';
    const keeper = new Keeper();
    const holder = openStamping(openTimestamper({ url: authority.url }), keeper);
    const result = await holder.take([sealOf(0)]);
    expect(result).toMatchObject({ ok: false, reason: expect.stringContaining('500') as string });
    expect(keeper.kept).toEqual([]);
  });
});

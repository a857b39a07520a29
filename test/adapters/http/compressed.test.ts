// Bodies of events that are compressed: what is taken, and what is refused before it takes memory or the log.
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { rawZstd, repeatedZstd, zstdBomb } from '../../support/zstd.js';
import { ask, codeOf, complaint, opened, type Opened } from './opened.js';

let front: Opened;
afterEach(() => front.close());

/** ASCII, so that characters are bytes. */
const EVENT = JSON.stringify(complaint('1', { category: 'food' }));
const send = (encoding: string, body: Uint8Array, path = '/v1/events') => {
  const headers = { 'content-type': 'application/json', 'content-encoding': encoding };
  return ask(front.url, path, { body, headers });
};

describe('POST /v1/events with a Content-Encoding', () => {
  it.each([
    ['gzip', gzipSync(EVENT)],
    ['GZIP', gzipSync(EVENT)],
    ['x-gzip', gzipSync(EVENT)],
    ['zstd', rawZstd(Buffer.from(EVENT))],
    ['identity', Buffer.from(EVENT)],
  ])('takes %s', async (encoding, body) => {
    front = await opened();
    const answer = await send(encoding, body);
    expect([answer.status, answer.text]).toEqual([202, '{"accepted":1,"rejected":0,"errors":[]}']);
    expect(front.bodies).toEqual([EVENT]);
    expect(await front.stored()).toBe(1);
  });

  it.each(['br', 'deflate', 'gzip, zstd', 'gzip, identity', 'snappy', ''])('refuses %j', async (encoding) => {
    front = await opened();
    const answer = await send(encoding, gzipSync(EVENT));
    expect([answer.status, codeOf(answer)]).toEqual([415, 'HTTP_CONTENT_ENCODING']);
    expect(answer.headers['accept-encoding']).toBe('gzip, zstd');
    expect(front.bodies).toEqual([]);
  });

  it('is refused on paths that take small bodies only', async () => {
    front = await opened();
    const answer = await send('gzip', gzipSync('{}'), '/v1/silences');
    expect([answer.status, codeOf(answer)]).toEqual([415, 'HTTP_CONTENT_ENCODING']);
    expect(answer.headers['accept-encoding']).toBe('identity');
  });

  it('answers 400 for a body that is cut off or something else, and for an empty one', async () => {
    front = await opened();
    for (const [encoding, body] of [
      ['gzip', gzipSync(EVENT).subarray(0, 40)],
      ['gzip', Buffer.from(EVENT)],
      ['zstd', rawZstd(Buffer.from(EVENT)).subarray(0, 40)],
      ['zstd', gzipSync(EVENT)],
    ] as const) {
      const answer = await send(encoding, body);
      expect([answer.status, codeOf(answer)]).toEqual([400, 'COMPRESSION_DAMAGED']);
      expect(answer.text).not.toContain('12345');
    }
    expect(codeOf(await send('gzip', Buffer.alloc(0)))).toBe('HTTP_BODY_EMPTY');
    expect(codeOf(await send('gzip', gzipSync('')))).toBe('HTTP_BODY_EMPTY');
    expect(codeOf(await send('gzip', gzipSync(Buffer.from([0x22, 0xff, 0x22]))))).toBe('HTTP_BODY_NOT_UTF8');
    expect(front.bodies).toEqual([]);
    expect(front.failures).toEqual([]);
  });
});

describe('the limit of a body that is compressed', () => {
  it('is that of its clear bytes', async () => {
    front = await opened({ bodyLimitBytes: 5_000 });
    const blanks = 5_000 - EVENT.length;
    const packed = {
      gzip: (count: number) => gzipSync(EVENT + ' '.repeat(count)),
      zstd: (count: number) => Buffer.concat([rawZstd(Buffer.from(EVENT)), repeatedZstd(' ', count)]),
    };
    for (const [encoding, pack] of Object.entries(packed)) {
      expect((await send(encoding, pack(blanks))).status).toBe(202);
      const answer = await send(encoding, pack(blanks + 1));
      expect([answer.status, codeOf(answer)]).toEqual([413, 'BODY_TOO_LARGE']);
    }
    expect(await front.stored()).toBe(2);
  });

  it('holds for a few bytes that stand for gigabytes, and the next body is taken', async () => {
    front = await opened();
    const bombs = [
      ['gzip', gzipSync(Buffer.alloc(256 * 1024 * 1024))],
      ['zstd', zstdBomb(16_384)],
    ] as const;
    const before = process.memoryUsage.rss();
    for (const [encoding, body] of bombs) {
      expect(body.byteLength).toBeLessThan(300_000);
      const answers = await Promise.all(Array.from({ length: 8 }, () => send(encoding, body)));
      expect(answers.map((answer) => [answer.status, codeOf(answer)])).toEqual(
        Array.from({ length: 8 }, () => [413, 'BODY_TOO_LARGE']),
      );
    }
    expect(process.memoryUsage.rss() - before).toBeLessThan(256 * 1024 * 1024);
    expect((await send('gzip', gzipSync(EVENT))).status).toBe(202);
    expect(await front.stored()).toBe(1);
  });

  it('asks to wait where the clear bytes of all are too many', async () => {
    let go: () => void = () => undefined;
    const going = new Promise<void>((resolve) => (go = resolve));
    let begun: () => void = () => undefined;
    const beginning = new Promise<void>((resolve) => (begun = resolve));
    const accept = async () => {
      begun();
      await going;
      return { accepted: 1, rejected: 0, errors: [] };
    };
    front = await opened({ bodyLimitBytes: 5_000, heldBytes: 5_000 }, { accept });
    const body = gzipSync(EVENT.padEnd(5_000));
    const first = send('gzip', body);
    await beginning;
    const second = await send('gzip', body);
    expect([second.status, codeOf(second)]).toEqual([429, 'HTTP_BUSY']);
    go();
    expect((await first).status).toBe(202);
    expect((await send('gzip', body)).status).toBe(202);
  });
});

// Time-stamping authorities (RFC 3161) over HTTP.
import { randomBytes } from 'node:crypto';
import { Integer, OctetString } from 'asn1js';
import {
  AlgorithmIdentifier,
  ContentInfo,
  MessageImprint,
  SignedData,
  TimeStampReq,
  TimeStampResp,
  TSTInfo,
} from 'pkijs';
import { z } from 'zod';
import type { Timestamper } from '../../ports/timestamper.js';

const SHA256 = '2.16.840.1.101.3.4.2.1';
/** PKIStatus, RFC 3161 section 2.4.2. */
const GRANTED = [0, 1];
const ANSWER_BYTES_MAX = 64 * 1024;
const NONCE_BYTES = 8;

export const TIMESTAMPS_SCHEMA = z.strictObject({
  /** Of the authority; `http` is usual, since a token is signed. */
  url: z.url({ protocol: /^https?$/ }).max(2_000),
  timeoutMs: z.int().min(100).max(60_000).default(5_000),
});
export type TimestampsInput = z.input<typeof TIMESTAMPS_SCHEMA>;

/**
 * Opens a client. An answer counts only where it is a token over the digest and the nonce that were sent; whether its
 * signature is that of an authority which the verifier trusts is for the verifier to see.
 * @throws ZodError for settings out of range
 */
export function openTimestamper(input: TimestampsInput): Timestamper {
  const { url, timeoutMs } = TIMESTAMPS_SCHEMA.parse(input);
  return {
    async stamp(digest) {
      const nonce = nonceOf();
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/timestamp-query', accept: 'application/timestamp-reply' },
        body: requestOf(digest, nonce),
        redirect: 'error',
        signal: AbortSignal.timeout(timeoutMs),
      });
      if (!response.ok) throw new Error(`the time-stamping authority answers ${response.status}.`);
      return tokenOf(await bytesOf(response), digest, nonce);
    },
  };
}

/** A positive number, so that its first bit is clear. */
function nonceOf(): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(randomBytes(NONCE_BYTES));
  bytes[0] = ((bytes[0] as number) & 0x7f) | 0x40;
  return bytes;
}

function requestOf(digest: Uint8Array, nonce: Uint8Array<ArrayBuffer>): ArrayBuffer {
  const request = new TimeStampReq({
    version: 1,
    messageImprint: new MessageImprint({
      hashAlgorithm: new AlgorithmIdentifier({ algorithmId: SHA256 }),
      hashedMessage: new OctetString({ valueHex: new Uint8Array(digest).buffer }),
    }),
    nonce: new Integer({ valueHex: nonce.buffer }),
    certReq: true,
  });
  return request.toSchema().toBER();
}

async function bytesOf(response: Response): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    length += chunk.byteLength;
    if (length > ANSWER_BYTES_MAX) throw new Error(`the answer is over ${ANSWER_BYTES_MAX} bytes.`);
    chunks.push(chunk);
  }
  return new Uint8Array(Buffer.concat(chunks));
}

/** The token of an answer. @throws Error where it is none, or one over something else */
function tokenOf(answer: Uint8Array<ArrayBuffer>, digest: Uint8Array, nonce: Uint8Array): Uint8Array {
  const response = TimeStampResp.fromBER(answer);
  const { status } = response.status;
  const { timeStampToken } = response;
  if (!GRANTED.includes(status) || timeStampToken === undefined) {
    throw new Error(`the time-stamping authority refuses with status ${status}.`);
  }
  const token = new Uint8Array(timeStampToken.toSchema().toBER());
  const { messageImprint, nonce: returned } = infoOf(token);
  const isSame =
    messageImprint.hashAlgorithm.algorithmId === SHA256 &&
    Buffer.from(messageImprint.hashedMessage.valueBlock.valueHexView).equals(Buffer.from(digest)) &&
    returned !== undefined &&
    Buffer.from(returned.valueBlock.valueHexView).equals(Buffer.from(nonce));
  if (!isSame) throw new Error('the token is over something else than was sent.');
  return token;
}

/** What a token says. */
function infoOf(token: Uint8Array<ArrayBuffer>): TSTInfo {
  const content = ContentInfo.fromBER(token);
  const { encapContentInfo } = new SignedData({ schema: content.content });
  const octets = encapContentInfo.eContent?.getValue();
  if (octets === undefined) throw new Error('the token is empty.');
  return TSTInfo.fromBER(octets);
}

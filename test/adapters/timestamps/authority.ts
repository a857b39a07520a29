// A time-stamping authority of its own, on a port of the system's choice: real requests, real signatures.
import { Integer, OctetString, PrintableString } from 'asn1js';
import { webcrypto } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  AttributeTypeAndValue,
  Certificate,
  ContentInfo,
  EncapsulatedContentInfo,
  Extension,
  ExtKeyUsage,
  IssuerAndSerialNumber,
  PKIStatusInfo,
  SignedData,
  SignerInfo,
  TimeStampReq,
  TimeStampResp,
  TSTInfo,
} from 'pkijs';

export const STAMPED_AT = new Date('2026-03-01T00:00:00Z');
const TIME_STAMPING = '1.3.6.1.5.5.7.3.8';
const TST_INFO = '1.2.840.113549.1.9.16.1.4';

export interface Authority {
  readonly url: string;
  readonly certificate: Certificate;
  /** Digests that were asked for, hex. */
  readonly asked: string[];
  /** What it does wrong from now on. */
  fault:
    'none' | 'refuses' | 'another digest' | 'another nonce' | 'nonsense' | 'too much' | 'fails' | 'redirects';
  close(): Promise<void>;
}

export async function openAuthority(): Promise<Authority> {
  const keys = await webcrypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, [
    'sign',
    'verify',
  ]);
  const certificate = await certificateOf(keys);
  const asked: string[] = [];
  const server = createServer((request, response) => {
    void bodyOf(request).then(async (body) => {
      const { fault } = authority;
      if (fault === 'fails') return response.writeHead(500).end();
      if (fault === 'redirects') return response.writeHead(302, { location: '/elsewhere' }).end();
      if (fault === 'nonsense') return response.end('nonsense');
      if (fault === 'too much') return response.end(Buffer.alloc(1_000_000));
      const query = TimeStampReq.fromBER(body);
      asked.push(hex(query.messageImprint.hashedMessage));
      return response.end(Buffer.from(await answer(query, keys.privateKey, certificate, fault)));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const authority: Authority = {
    url: `http://127.0.0.1:${port}/`,
    certificate,
    asked,
    fault: 'none',
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
  return authority;
}

async function certificateOf(keys: webcrypto.CryptoKeyPair): Promise<Certificate> {
  const certificate = new Certificate({ version: 2, serialNumber: new Integer({ value: 1 }) });
  const name = () =>
    new AttributeTypeAndValue({ type: '2.5.4.3', value: new PrintableString({ value: 'Test Authority' }) });
  certificate.issuer.typesAndValues.push(name());
  certificate.subject.typesAndValues.push(name());
  certificate.notBefore.value = new Date('2020-01-01T00:00:00Z');
  certificate.notAfter.value = new Date('2040-01-01T00:00:00Z');
  const usage = new ExtKeyUsage({ keyPurposes: [TIME_STAMPING] });
  certificate.extensions = [
    new Extension({ extnID: '2.5.29.37', critical: true, extnValue: usage.toSchema().toBER() }),
  ];
  await certificate.subjectPublicKeyInfo.importKey(keys.publicKey);
  await certificate.sign(keys.privateKey, 'SHA-256');
  return certificate;
}

async function answer(
  query: TimeStampReq,
  key: webcrypto.CryptoKey,
  certificate: Certificate,
  fault: Authority['fault'],
): Promise<ArrayBuffer> {
  if (fault === 'refuses') {
    return new TimeStampResp({ status: new PKIStatusInfo({ status: 2 }) }).toSchema().toBER();
  }
  const { messageImprint, nonce } = query;
  if (fault === 'another digest') {
    messageImprint.hashedMessage = new OctetString({ valueHex: new Uint8Array(32).buffer });
  }
  const info = new TSTInfo({
    version: 1,
    policy: '1.2.3.4.5',
    messageImprint,
    serialNumber: new Integer({ value: 7 }),
    genTime: STAMPED_AT,
    ...(nonce === undefined ? {} : { nonce: fault === 'another nonce' ? new Integer({ value: 5 }) : nonce }),
  });
  const signed = new SignedData({
    version: 3,
    encapContentInfo: new EncapsulatedContentInfo({
      eContentType: TST_INFO,
      eContent: new OctetString({ valueHex: info.toSchema().toBER() }),
    }),
    signerInfos: [
      new SignerInfo({
        version: 1,
        sid: new IssuerAndSerialNumber({
          issuer: certificate.issuer,
          serialNumber: certificate.serialNumber,
        }),
      }),
    ],
    certificates: [certificate],
  });
  await signed.sign(key, 0, 'SHA-256');
  const content = new ContentInfo({ contentType: ContentInfo.SIGNED_DATA, content: signed.toSchema(true) });
  const status = new PKIStatusInfo({ status: 0 });
  return new TimeStampResp({ status, timeStampToken: content }).toSchema().toBER();
}

function hex(octets: OctetString): string {
  return Buffer.from(octets.valueBlock.valueHexView).toString('hex');
}

async function bodyOf(request: IncomingMessage): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return new Uint8Array(Buffer.concat(chunks));
}

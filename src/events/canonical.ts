// Canonical JSON for hashing: names sorted by UTF-16 units, no white space, numbers as ECMAScript prints them (RFC 8785).
import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';

/**
 * The canonical text of a JSON value; fields that are undefined are left out.
 * The value's depth must have been bounded before.
 */
export function canonicalJson(value: unknown): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value) ?? 'null';
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  const object = value as Readonly<Record<string, unknown>>;
  let text = '';
  for (const name of Object.keys(object).sort()) {
    if (object[name] === undefined) continue;
    text += `${text === '' ? '' : ','}${JSON.stringify(name)}:${canonicalJson(object[name])}`;
  }
  return `{${text}}`;
}

/** The first 32 hex digits of SHA-256 over a text, or of HMAC-SHA256 where a key is given. */
export function digest32(text: string, key?: Uint8Array): string {
  const bytes = utf8ToBytes(text);
  return bytesToHex((key === undefined ? sha256(bytes) : hmac(sha256, key, bytes)).subarray(0, 16));
}

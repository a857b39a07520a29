// The files of a revision of rules, as a seal names them: one digest for the list, so that some can be shown without the rest.
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { canonicalForm } from './canonical-form.js';

/** SHA-256 of each file's text in UTF-8, by path; hex. */
export type Manifest = { readonly [path: string]: string };

export function manifestOf(files: Iterable<readonly [path: string, text: string]>): Manifest {
  return Object.fromEntries([...files].map(([path, text]) => [path, textDigest(text)]));
}

/** SHA-256 of the list's canonical form, hex. */
export function manifestDigest(manifest: Manifest): string {
  return textDigest(canonicalForm(manifest));
}

export function textDigest(text: string): string {
  return bytesToHex(sha256(utf8ToBytes(text)));
}

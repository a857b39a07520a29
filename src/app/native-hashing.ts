// The hashes of evidence as Node has them, about eight times as fast as those in JavaScript.
import { createHmac, hash } from 'node:crypto';
import type { Hashing } from '../evidence/hashing.js';

export const NATIVE_HASHING: Hashing = {
  sha256: (bytes) => hash('sha256', bytes, 'hex'),
  hmac: (key, bytes) => createHmac('sha256', key).update(bytes).digest('hex'),
};

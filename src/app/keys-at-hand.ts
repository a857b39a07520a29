// How many keys evaluate keeps at hand in this process.
import { getHeapStatistics } from 'node:v8';
import { BYTES_A_KEY } from '../pipeline/key-room.js';

const KEYS_MAX = 125_000;
const KEYS_MIN = 10_000;
/** Of the heap that the process may have at the most. */
const SHARE = 1 / 4;

/** @param heapLimit bytes; what V8 allows this process where left out (`--max-old-space-size` changes it) */
export function keysAtHand(heapLimit = getHeapStatistics().heap_size_limit): number {
  const fitting = Math.floor((heapLimit * SHARE) / BYTES_A_KEY);
  return Math.min(KEYS_MAX, Math.max(KEYS_MIN, fitting));
}

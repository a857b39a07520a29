// Which partition a key lies in. The hash and the number of partitions are fixed for the life of a deployment.
import { murmur3 } from '../../engine/murmur3.js';

/** The partition of a key: MurmurHash3_x86_32 of its UTF-8, seed 0, modulo the number of partitions. */
export function partitionOf(key: string, partitions: number): number {
  return murmur3(key, 0) % partitions;
}

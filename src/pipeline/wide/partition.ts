// Which partition a key lies in. The hash and the number of partitions are fixed for the life of a deployment.
import { murmur3 } from '../../engine/murmur3.js';
import { sourceName } from '../../engine/strata.js';

/** Of the events log, which stratum 0 steps, and of the derived log, which all higher strata do. */
export interface PartitionCounts {
  readonly events: number;
  readonly derived: number;
}

/** The partition of a key: MurmurHash3_x86_32 of its UTF-8, seed 0, modulo the number of partitions. */
export function partitionOf(key: string, partitions: number): number {
  return murmur3(key, 0) % partitions;
}

/** The names of all partitions of the lowest strata, as their marks have them. @param strata how many */
export function sourcesOf(strata: number, { events, derived }: PartitionCounts): string[] {
  return Array.from({ length: strata }, (_, stratum) =>
    Array.from({ length: stratum === 0 ? events : derived }, (__, partition) =>
      sourceName(stratum, partition),
    ),
  ).flat();
}

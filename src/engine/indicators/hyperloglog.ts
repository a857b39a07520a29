// How many different values there are, by a sketch of fixed size (approx: true).
import { utf8ToBytes } from '@noble/hashes/utils.js';
import type { Value } from '../../model/expression/expression.js';
import type { ByteReader } from '../byte-reader.js';
import type { ByteWriter } from '../byte-writer.js';
import { murmur3Bytes } from '../murmur3.js';
import { Tally } from './tally.js';
import { valueKey } from './value-key.js';

const REGISTER_BITS = 12;
const REGISTERS = 2 ** REGISTER_BITS;
/** Bits of a hash beside those that choose a register. */
const RANK_BITS = 53 - REGISTER_BITS;
const RANK_SPAN = 2 ** RANK_BITS;
/** Up to so many different values the figure is exact; then 4,096 registers take no more room than their hashes. */
export const SKETCH_EXACT_MAX = 512;
const SECOND_SEED = 0x9747b28c;

/**
 * HyperLogLog (Flajolet et al. 2007) with 4,096 registers and the estimator of Ertl (New cardinality estimation
 * algorithms for HyperLogLog sketches, 2017, algorithm 6), which needs no other rule for small numbers. The standard
 * error is 1.04 / sqrt(4096) = 1.6 %; 99.7 % of figures are within 4.9 %. It depends on the set of values alone.
 */
export class SketchTally extends Tally {
  /** The hashes while they are few; null once the registers hold them. */
  private hashes: Set<number> | null = new Set();
  private registers: Uint8Array | null = null;

  add(value: Value): boolean {
    return this.note(hashOf(value));
  }

  merge(other: this): void {
    for (const hash of other.hashes ?? []) this.note(hash);
    if (other.registers === null) return;
    const registers = this.dense();
    other.registers.forEach((rank, index) => {
      if (rank > (registers[index] as number)) registers[index] = rank;
    });
  }

  /** A sketch cannot forget. */
  subtract(other: this): boolean {
    return other.hashes?.size === 0;
  }

  figure(): Value {
    return this.hashes === null ? estimate(this.dense()) : this.hashes.size;
  }

  override get weight(): number {
    return this.hashes === null ? SKETCH_EXACT_MAX : this.hashes.size;
  }

  /** Count of hashes + 1 and each as f64; or 0 and the registers. */
  encode(writer: ByteWriter): void {
    writer.whole(this.hashes === null ? 0 : this.hashes.size + 1);
    for (const hash of this.hashes ?? []) writer.double(hash);
    for (const rank of this.registers ?? []) writer.byte(rank);
  }

  decode(reader: ByteReader): void {
    const count = reader.whole();
    for (let left = count - 1; left > 0; left--) this.note(reader.double());
    if (count > 0) return;
    const registers = this.dense();
    for (let index = 0; index < REGISTERS; index++) registers[index] = reader.byte();
  }

  private note(hash: number): boolean {
    if (this.hashes === null) return raise(this.dense(), hash);
    if (this.hashes.has(hash)) return false;
    this.hashes.add(hash);
    if (this.hashes.size > SKETCH_EXACT_MAX) this.dense();
    return true;
  }

  private dense(): Uint8Array {
    if (this.registers === null) {
      this.registers = new Uint8Array(REGISTERS);
      for (const hash of this.hashes ?? []) raise(this.registers, hash);
      this.hashes = null;
    }
    return this.registers;
  }
}

/** 53 bits of two MurmurHash3_x86_32 over kind and text of the value. */
function hashOf(value: Value): number {
  const key = valueKey(value) as string | number | boolean;
  const bytes = utf8ToBytes(`${typeof key} ${String(key)}`);
  return murmur3Bytes(bytes, 0) * 2 ** 21 + (murmur3Bytes(bytes, SECOND_SEED) >>> 11);
}

/** Lets a hash count in its register: the place of the first 1 among its other bits, from 1. */
function raise(registers: Uint8Array, hash: number): boolean {
  const index = Math.floor(hash / RANK_SPAN);
  const rest = hash % RANK_SPAN;
  const high = Math.floor(rest / 2 ** 32);
  const highBits = RANK_BITS - 32;
  const zeros = high > 0 ? Math.clz32(high) - (32 - highBits) : highBits + Math.clz32(rest >>> 0);
  if (zeros + 1 <= (registers[index] as number)) return false;
  registers[index] = zeros + 1;
  return true;
}

function estimate(registers: Uint8Array): number {
  const counts = new Array<number>(RANK_BITS + 2).fill(0);
  for (const rank of registers) counts[rank] = (counts[rank] as number) + 1;
  let z = REGISTERS * tau(1 - (counts[RANK_BITS + 1] as number) / REGISTERS);
  for (let rank = RANK_BITS; rank >= 1; rank--) z = 0.5 * (z + (counts[rank] as number));
  z += REGISTERS * sigma((counts[0] as number) / REGISTERS);
  return Math.round((REGISTERS * REGISTERS) / (2 * Math.LN2 * z));
}

/** x + sum of x^(2^k) * 2^(k-1) over k from 1. */
function sigma(share: number): number {
  let x = share;
  let y = 1;
  let z = share;
  for (let before = NaN; z !== before;) {
    before = z;
    x *= x;
    z += x * y;
    y += y;
  }
  return z;
}

/** (1 - x - sum of (1 - x^(2^-k))^2 * 2^-k over k from 1) / 3. */
function tau(share: number): number {
  if (share === 0 || share === 1) return 0;
  let x = share;
  let y = 1;
  let z = 1 - share;
  for (let before = NaN; z !== before;) {
    before = z;
    x = Math.sqrt(x);
    y *= 0.5;
    z -= (1 - x) ** 2 * y;
  }
  return z / 3;
}

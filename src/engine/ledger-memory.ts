// Memory for ledgers: blocks of few sizes in large pages, so that a key's events lie side by side and nothing of them is
// an object for the collector to walk over.

/** Sizes of blocks, bytes, ascending. */
const SIZES = [
  128, 192, 256, 384, 512, 768, 1024, 1536, 2048, 3072, 4096, 6144, 8192, 12288, 16384, 24576,
] as const;
const PAGE_BYTES = 1 << 20;
/** A handle counts in units of so many bytes, so that it stays a small whole number up to 64 GiB. */
const UNIT_SHIFT = 5;
const PAGE_SHIFT = 20 - UNIT_SHIFT;
const OFFSET_MASK = (1 << PAGE_SHIFT) - 1;

/** One page, as whole numbers and as bytes. */
export interface Page {
  readonly words: Int32Array;
  readonly bytes: Uint8Array;
}

export class LedgerMemory {
  private readonly pages: Page[] = [];
  /** Blocks that were given back, by size class. */
  private readonly free: number[][] = SIZES.map(() => []);
  /** Bytes of the last page that are taken. */
  private taken = PAGE_BYTES;
  private held = 0;

  /** Bytes of the blocks in use. */
  get bytesHeld(): number {
    return this.held;
  }

  /** The smallest size class that holds so many bytes; -1 where none does. */
  classFor(bytes: number): number {
    for (let index = 0; index < SIZES.length; index++) if ((SIZES[index] as number) >= bytes) return index;
    return -1;
  }

  sizeOf(sizeClass: number): number {
    return SIZES[sizeClass] as number;
  }

  /** Takes a block; what it held before is still in it. */
  take(sizeClass: number): number {
    const size = this.sizeOf(sizeClass);
    this.held += size;
    const given = this.free[sizeClass]?.pop();
    if (given !== undefined) return given;
    if (this.taken + size > PAGE_BYTES) {
      const buffer = new ArrayBuffer(PAGE_BYTES);
      this.pages.push({ words: new Int32Array(buffer), bytes: new Uint8Array(buffer) });
      this.taken = 0;
    }
    const handle = ((this.pages.length - 1) << PAGE_SHIFT) | (this.taken >> UNIT_SHIFT);
    this.taken += size;
    return handle;
  }

  giveBack(handle: number, sizeClass: number): void {
    this.held -= this.sizeOf(sizeClass);
    this.free[sizeClass]?.push(handle);
  }

  page(handle: number): Page {
    return this.pages[handle >>> PAGE_SHIFT] as Page;
  }

  /** Where in its page a block begins, bytes; a multiple of four. */
  offset(handle: number): number {
    return (handle & OFFSET_MASK) << UNIT_SHIFT;
  }
}

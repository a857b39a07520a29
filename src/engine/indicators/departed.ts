// The placement of what a window let go of, as bytes: 0 for none, or 1 and the instant.
import type { ByteReader } from '../byte-reader.js';
import type { ByteWriter } from '../byte-writer.js';

/** @param departed epoch ms; NaN for none */
export function writeDeparted(writer: ByteWriter, departed: number): void {
  writer.byte(Number.isNaN(departed) ? 0 : 1);
  if (!Number.isNaN(departed)) writer.instant(departed, 0);
}

/** @returns epoch ms; NaN for none */
export function readDeparted(reader: ByteReader): number {
  return reader.byte() === 1 ? reader.instant(0) : NaN;
}

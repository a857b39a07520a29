// How many keys of a source there are, or are silent: each key says when that changes.
import type { ByteReader } from '../byte-reader.js';
import type { ByteWriter } from '../byte-writer.js';
import { Window } from './window.js';

export class FeedCountWindow extends Window {
  private count = 0;

  /** @param by how many more there are than before */
  change(by: number): void {
    this.count += by;
  }

  override nextChange(): number {
    return Infinity;
  }

  override encode(writer: ByteWriter): void {
    writer.whole(this.count);
  }

  override decode(reader: ByteReader): void {
    this.count = reader.whole();
  }

  override encodeHead(writer: ByteWriter): void {
    this.encode(writer);
  }

  override restore(reader: ByteReader): void {
    this.decode(reader);
  }

  protected joined(): void {}
  protected left(): void {}
  protected figure(): number {
    return this.count;
  }
}

import type { Value } from '../../model/expression/expression.js';
import type { ByteReader } from '../byte-reader.js';
import type { ByteWriter } from '../byte-writer.js';
import { readDeparted, writeDeparted } from './departed.js';
import type { EventReference } from '../reference.js';
import { Window, type Instant } from './window.js';

/**
 * Whether nothing came for the span of the window, counted from the later of the last event and the registration;
 * spans in which nobody listened do not count. Null while there is nothing to count from.
 */
export class AbsentWindow extends Window {
  /** Placement of the latest entry that was let go; it stays a base when later ones are taken back. */
  private departed = NaN;

  /**
   * An event before the window is kept as well: it becomes the base when the later ones are taken back. Not so one that
   * comes before another that was let go, since that one stays a base.
   */
  override admits(reference: EventReference, clock: number): boolean {
    this.expire(clock);
    return !(this.placement(reference) <= this.departed);
  }

  /** @returns whether the absence was counted from it */
  override remove(reference: EventReference, clock: number): boolean {
    return super.remove(reference, clock) && !(this.placement(reference) < this.latest());
  }

  override encode(writer: ByteWriter): void {
    writeDeparted(writer, this.departed);
    super.encode(writer);
  }

  override decode(reader: ByteReader, references: readonly EventReference[]): void {
    this.departed = readDeparted(reader);
    super.decode(reader, references);
  }

  override encodeHead(writer: ByteWriter): void {
    writeDeparted(writer, this.departed);
    super.encodeHead(writer);
  }

  override restore(
    reader: ByteReader,
    references: readonly EventReference[],
    values: readonly Value[],
  ): void {
    this.departed = readDeparted(reader);
    super.restore(reader, references, values);
  }

  protected joined(): void {}
  protected left(): void {}

  protected figure(instant: Instant): Value {
    const base = this.base(instant);
    if (Number.isNaN(base)) return null;
    return instant.clock - base - instant.gapsWithin(base, instant.clock) >= this.overMs;
  }

  override nextChange(instant: Instant): number {
    const base = this.base(instant);
    if (Number.isNaN(base)) return Infinity;
    let due = base + this.overMs;
    for (;;) {
      const next = base + this.overMs + instant.gapsWithin(base, due);
      if (next === due) break;
      due = next;
    }
    return due > instant.clock ? due : Infinity;
  }

  /** The latest event stays, since the absence is counted from it, and so do all that can still be taken back. */
  protected override mayLeave(first: EventReference, clock: number): boolean {
    return this.size > 1 && first.keepUntil <= clock;
  }

  protected override expired(reference: EventReference): void {
    const placement = this.placement(reference);
    if (!(placement <= this.departed)) this.departed = placement;
  }

  /** Placement of the latest event; NaN where there is none. */
  private latest(): number {
    const last = this.references[this.references.length - 1];
    return this.size === 0 || last === undefined ? this.departed : this.placement(last);
  }

  private base(instant: Instant): number {
    const lastAt = this.latest();
    if (Number.isNaN(lastAt)) return instant.registered;
    return Number.isNaN(instant.registered) ? lastAt : Math.max(lastAt, instant.registered);
  }
}

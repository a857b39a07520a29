// When a key was heard last, and how often it should have spoken since: not from its events, but from their arrival.
import type { Value } from '../../model/expression/expression.js';
import type { ByteReader } from '../byte-reader.js';
import type { ByteWriter } from '../byte-writer.js';
import type { EventReference } from '../reference.js';
import { Window, type Instant } from './window.js';

const GRACE_MAX_MS = 600_000;
/** The figure goes no further, so that a key that stays silent wakes nobody. */
const MISSED_MAX = 2;

/** What a source was told of a key last. */
export interface ToldSource {
  readonly source: string;
  readonly silent: boolean;
}

/**
 * How often a key was missed: 1 after one cadence and a grace, 2 after another cadence; null before it spoke at all.
 * That an event is taken back later does not unsay that the key spoke. Spans in which nobody listened do not count.
 */
export class MissedWindow extends Window {
  /** Whom the key spoke through last; empty where it never did. */
  source = '';
  told: ToldSource | null = null;
  /** The cadence of the key, said anew before each look. */
  everyMs = this.overMs;
  /** Arrival of what it said last, epoch ms; NaN where it never spoke. */
  private spokeAt = NaN;

  override admits(): boolean {
    return true;
  }

  /** @param source of the event */
  override add(reference: EventReference, source: Value): boolean {
    if (reference.at < this.spokeAt) return true;
    this.spokeAt = reference.at;
    this.source = typeof source === 'string' ? source : '';
    return true;
  }

  override remove(): boolean {
    return false;
  }

  override nextChange(instant: Instant): number {
    const missed = this.figure(instant);
    return missed === null || missed >= MISSED_MAX ? Infinity : this.missedAt(missed + 1, instant);
  }

  override encode(writer: ByteWriter): void {
    writer.double(this.spokeAt);
    writer.string(this.source);
    writer.byte(this.told === null ? 0 : this.told.silent ? 2 : 1);
    if (this.told !== null) writer.string(this.told.source);
  }

  override decode(reader: ByteReader): void {
    this.spokeAt = reader.double();
    this.source = reader.string();
    const told = reader.byte();
    this.told = told === 0 ? null : { source: reader.string(), silent: told === 2 };
  }

  override encodeHead(writer: ByteWriter): void {
    this.encode(writer);
  }

  override restore(reader: ByteReader): void {
    this.decode(reader);
  }

  protected joined(): void {}
  protected left(): void {}

  protected figure(instant: Instant): number | null {
    const { spokeAt } = this;
    if (Number.isNaN(spokeAt)) return null;
    const silentMs = instant.clock - spokeAt - instant.gapsWithin(spokeAt, instant.clock);
    for (let missed = MISSED_MAX; missed > 0; missed--) if (silentMs >= this.silenceMs(missed)) return missed;
    return 0;
  }

  private silenceMs(missed: number): number {
    return missed * this.everyMs + Math.min(this.everyMs, GRACE_MAX_MS);
  }

  /** When it will have been missed so often; the gaps that are known by now put it off. */
  private missedAt(missed: number, instant: Instant): number {
    const { spokeAt } = this;
    let due = spokeAt + this.silenceMs(missed);
    for (;;) {
      const next = spokeAt + this.silenceMs(missed) + instant.gapsWithin(spokeAt, due);
      if (next === due) return due;
      due = next;
    }
  }
}

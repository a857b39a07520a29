// Arrivals that run ahead of the ticks: held back, counted, and told to the operators.
import type { Log } from '../ports/log.js';
import { encodeJson } from './checkpoint.js';

/** A live arrival is at most this far ahead of the last tick. */
const AHEAD_MS = 10_000;

export class HeldBack {
  /** Events stamped ten seconds after the last tick. */
  count = 0;
  private reportedAt = NaN;

  /** @param source of the alerts' origins */
  constructor(
    private readonly operator: Log,
    private readonly source: string,
  ) {}

  /**
   * The arrival that events get.
   * @param at their arrival as it would be, epoch ms
   * @param lastTick -Infinity before the first
   * @param isExpected whether time waits for a source whose backlog is being read, so that nobody has to look
   */
  async arrival(at: number, lastTick: number, events: number, isExpected = false): Promise<number> {
    if (lastTick === -Infinity || at <= lastTick + AHEAD_MS) return at;
    const held = lastTick + AHEAD_MS;
    this.count += events;
    if (!isExpected) await this.report(events, held);
    return held;
  }

  /** The clock of a sender of ticks stands still, or this machine's clock jumped: an operator must look. */
  private async report(count: number, at: number): Promise<void> {
    if (at === this.reportedAt) return;
    this.reportedAt = at;
    const message =
      'events arrive more than ten seconds after the last tick; check the clocks and the ingest role';
    const code = 'INGEST_AHEAD';
    const alert = { kind: 'operator', code, clock: at, model: null, key: null, message, count };
    const origin = { source: this.source, offset: at, ordinal: 0 };
    await this.operator.append(0, [encodeJson({ origin, alert })]);
  }
}

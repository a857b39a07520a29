// What the judge of the strata keeps of one model on one key.
import type { JsonObject } from '../../src/events/event.js';
import type { ReferenceIndicator, StrataModel } from './strata-model.js';

export interface Entry {
  readonly indicator: string;
  /** The event and the key that it came from. */
  readonly id: string;
  readonly from: string;
  readonly placement: number;
  /** Until then it can be taken back. */
  readonly keptUntil: number;
  readonly data: JsonObject;
}

/** One model on one key. */
export class Holding {
  entries: Entry[] = [];
  shown = 'none';
  raised = 0;
  quiet = false;
  readers: ReadonlyMap<string, string> = new Map();
  readonly levels = new Map<string, { on: boolean; since: number | null }>();
  /** What touched it at this instant. */
  byLive = false;
  byBackfill = false;
  withdrawn = false;
  /** When something of it falls due; looked at before only where something touches it. */
  lookAt = Infinity;

  constructor(
    readonly model: StrataModel,
    readonly key: string,
  ) {}

  touch(live: boolean, withdrawn: boolean): void {
    if (live) this.byLive = true;
    else this.byBackfill = true;
    if (withdrawn) this.withdrawn = true;
  }

  inWindow(entry: Entry, clock: number): boolean {
    const { over, absent } = this.model.indicators[entry.indicator] as ReferenceIndicator;
    // An absence counts from the last event however long ago it was.
    return absent === true || (entry.placement > clock - over && entry.placement <= clock);
  }

  /** Takes an event or a warning out of every window. @returns whether a figure rested on it */
  remove(id: string, from: string, clock: number): boolean {
    const removed = this.entries.filter((one) => one.id === id && one.from === from && one.keptUntil > clock);
    this.entries = this.entries.filter((one) => !removed.includes(one));
    return removed.some((one) => this.inWindow(one, clock) && this.isBase(one));
  }

  /** Of an absence only the latest event counts. */
  private isBase({ indicator, placement }: Entry): boolean {
    if (this.model.indicators[indicator]?.absent !== true) return true;
    return this.entries.every((one) => one.indicator !== indicator || one.placement <= placement);
  }

  /**
   * Without a touch nothing changes before an event leaves a window or a level has waited long enough. Absences are
   * looked at each time.
   */
  nextLook(clock: number): number {
    const { indicators, holdMs, forMs } = this.model;
    if (Object.values(indicators).some(({ absent }) => absent === true)) return clock;
    const leaves = this.entries.map(
      ({ indicator, placement }) => placement + (indicators[indicator] as ReferenceIndicator).over,
    );
    const waits = [...this.levels.values()].flatMap(({ on, since }) =>
      since === null ? [] : [since + (on ? holdMs : forMs)],
    );
    return Math.min(...[...leaves, ...waits].filter((instant) => instant > clock));
  }
}

/** Moves the levels of a model by one instant. */
export function moveLevels(
  holding: Holding,
  conditions: ReturnType<StrataModel['levels']>,
  clock: number,
): void {
  const { model, withdrawn } = holding;
  let graver = false;
  let shown = 'none';
  for (const { level, on, clear = true } of conditions) {
    graver ||= on;
    const state = holding.levels.get(level) ?? { on: false, since: null };
    holding.levels.set(level, state);
    const leaving = state.on ? !graver && clear : graver;
    state.since = leaving ? (state.since ?? clock) : null;
    const needed = state.on ? (withdrawn ? 0 : model.holdMs) : model.forMs;
    if (state.since !== null && clock - state.since >= needed) {
      state.on = !state.on;
      state.since = null;
    }
    if (state.on && shown === 'none') shown = level;
  }
  holding.shown = shown;
}

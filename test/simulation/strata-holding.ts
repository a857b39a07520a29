// What the judge of the strata keeps of one model on one key.
import type { JsonObject } from '../../src/events/event.js';
import type { ReferenceIndicator, StrataModel } from './strata-model.js';
import { matchesAt, matchesOf, spanOf } from './strata-sequences.js';

export interface Entry {
  readonly indicator: string;
  /** The event and the key that it came from. */
  readonly id: string;
  readonly from: string;
  readonly placement: number;
  readonly stream: string;
  /** The steps of a sequence that it can serve. */
  readonly serves: readonly number[];
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
    const indicator = this.indicator(entry.indicator);
    // An absence counts from the last event however long ago it was.
    return (
      indicator.absent === true || (entry.placement > clock - spanOf(indicator) && entry.placement <= clock)
    );
  }

  /** The events that a figure rests on. */
  basesOf(name: string, clock: number): readonly Entry[] {
    const indicator = this.indicator(name);
    if (indicator.sequence !== undefined) {
      return matchesAt(indicator, this.entriesOf(name), clock).flatMap(({ entries }) => entries);
    }
    return this.entriesOf(name).filter((entry) => this.inWindow(entry, clock));
  }

  /** How many matches of a sequence count. */
  matches(name: string, clock: number): number {
    return matchesAt(this.indicator(name), this.entriesOf(name), clock).length;
  }

  private indicator(name: string): ReferenceIndicator {
    return this.model.indicators[name] as ReferenceIndicator;
  }

  private entriesOf(name: string): readonly Entry[] {
    return this.entries.filter(({ indicator }) => indicator === name);
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
    const leaves = Object.entries(indicators).flatMap(([name, rule]) =>
      rule.sequence === undefined
        ? this.entriesOf(name).map(({ placement }) => placement + rule.over)
        : matchesOf(rule, this.entriesOf(name)).flatMap(({ completion }) => [
            completion,
            completion + rule.over,
          ]),
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

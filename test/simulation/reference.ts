// The judge: a slow evaluator that recomputes every condition from the full history at every instant of a grid.
import { murmur3 } from '../../src/engine/murmur3.js';
import { PROFILE_FACTS } from '../../src/events/profile.js';
import type { Event, JsonObject, LogRecord } from '../../src/events/event.js';
import type { ReferenceModel } from './models.js';

/** One change of the level shown, as the engine must report it. */
export interface Shown {
  readonly model: string;
  readonly key: string;
  readonly clock: number;
  readonly level: string;
  readonly previous: string;
  readonly reason: string;
}

/** What is known of one key at one instant. */
export interface HistoryView {
  readonly clock: number;
  readonly profile: JsonObject;
  /** Arrival of the first known registration; null where there is none. */
  readonly registered: number | null;
  /** Known events with `clock - over < placement <= clock`, by (placement, id). */
  window(stream: string, over: number, basis?: 'arrival'): Event[];
  /** All known events of a stream, by (time, id): the same list as long as nothing arrives. */
  known(stream: string): readonly Event[];
  /** Time of the latest known event of a stream; null where there is none. */
  latest(stream: string): number | null;
  /** Whether an event that was taken back at this instant was the latest of its stream until then. */
  wasLatest(event: Event): boolean;
  gapsSince(from: number): number;
}

interface LevelMemory {
  on: boolean;
  since: number | null;
}

interface ModelMemory {
  shown: string;
  levels: Map<string, LevelMemory>;
  /** Until then nothing changes without an event. */
  lookAt: number;
}

/** A look at what is known, and until when it shows the same if no event comes. */
interface Look {
  readonly view: HistoryView;
  /** `-Infinity` where the clock itself was asked for. */
  sameUntil: number;
}

const HOUR = 3_600_000;
/** Asia/Shanghai. */
const ZONE_MS = 8 * HOUR;

/** How long after an edge of panes (of five minutes or more) a key is woken: a named hash modulo five minutes. */
export function delayOf(key: string): number {
  let delay = delays.get(key);
  if (delay === undefined) delays.set(key, (delay = murmur3(key, 0) % 300_000));
  return delay;
}

const delays = new Map<string, number>();

/** Runs the log on a grid of instants; every instant at which something can change must be on it. */
export function referenceRun(
  log: readonly LogRecord[],
  models: readonly ReferenceModel[],
  grid: readonly number[],
): Shown[] {
  const shown: Shown[] = [];
  const keys = new Map<string, KeyHistory>();
  // A gap is recorded before time moves on, so whatever falls due inside it knows of it.
  const gaps = log.flatMap((record) => (record.kind === 'gap' ? [{ from: record.from, to: record.at }] : []));
  let next = 0;
  let clock = -Infinity;
  for (const instant of grid) {
    for (const history of keys.values()) history.forgetInstant();
    while (next < log.length && Math.max(clock, (log[next] as LogRecord).at) <= instant) {
      const record = log[next++] as LogRecord;
      clock = Math.max(clock, record.at);
      if (record.kind !== 'event') continue;
      let history = keys.get(record.key);
      if (history === undefined) keys.set(record.key, (history = new KeyHistory(gaps)));
      history.take({ ...record, at: clock }, clock);
    }
    clock = Math.max(clock, instant);
    for (const model of models) {
      for (const [key, history] of keys) {
        if (!history.isEvaluated(model, key, instant)) continue;
        const change = history.evaluate(model, instant);
        if (change !== null) shown.push({ model: model.name, key, clock: instant, ...change });
      }
    }
  }
  return shown;
}

class KeyHistory {
  private readonly arrived: { readonly event: Event; revoked: boolean }[] = [];
  private readonly revokedAhead = new Set<string>();
  private facts: Facts | null = null;
  private readonly memories = new Map<string, ModelMemory>();
  /** Events that were taken back at this instant. */
  private readonly touched = new Set<Event>();
  /** Those of them that were the latest of their streams. */
  private readonly latestTaken = new Set<Event>();
  /** Events that began to count at this instant. */
  private readonly counted = new Set<Event>();

  constructor(private readonly gaps: readonly { from: number; to: number }[]) {}

  forgetInstant(): void {
    this.touched.clear();
    this.latestTaken.clear();
    this.counted.clear();
  }

  /**
   * Figures change at whole hours, and a look at them in between shows nothing new. Where they change at edges of
   * panes, nobody looks until the key is woken, but for what an event or a level that falls due brings about.
   */
  isEvaluated(model: ReferenceModel, key: string, clock: number): boolean {
    const phase = clock % HOUR;
    if (model.panesMs === undefined) return phase <= 1;
    if (phase === delayOf(key) && (clock - phase + ZONE_MS) % model.panesMs === 0) return true;
    if (this.touched.size + this.counted.size > 0) {
      const { view } = this.look(clock);
      for (const one of [...this.touched, ...this.counted]) if (model.rests(one, view)) return true;
    }
    for (const { on, since } of this.memories.get(model.name)?.levels.values() ?? []) {
      if (since !== null && since + (on ? model.holdMs : model.forMs) === clock) return true;
    }
    return false;
  }

  take(event: Event, _clock: number): void {
    this.facts = null;
    if (this.arrived.some((one) => one.event.id === event.id)) return;
    const target = event.revokes ?? event.amends;
    let refused = false;
    if (target !== undefined) {
      const found = this.arrived.find((one) => one.event.id === target);
      if (found === undefined) this.revokedAhead.add(target);
      else if (found.revoked || found.event.revokes !== undefined) refused = true;
      else {
        found.revoked = true;
        this.touched.add(found.event);
        const { stream, time } = found.event;
        const isLatest = this.arrived.every(
          (one) => one.revoked || one.event.stream !== stream || one.event.time <= time,
        );
        if (isLatest) this.latestTaken.add(found.event);
      }
    }
    const counts = event.revokes === undefined && !refused && !this.revokedAhead.has(event.id);
    this.arrived.push({ event, revoked: !counts });
    if (counts) this.counted.add(event);
  }

  evaluate(model: ReferenceModel, clock: number): { level: string; previous: string; reason: string } | null {
    let memory = this.memories.get(model.name);
    if (memory === undefined) {
      memory = { shown: 'none', levels: new Map<string, LevelMemory>(), lookAt: -Infinity };
      this.memories.set(model.name, memory);
    }
    if (clock < memory.lookAt && this.touched.size + this.counted.size === 0) return null;
    const look = this.look(clock);
    const change = this.judge(model, memory, look.view, clock);
    memory.lookAt = look.sameUntil;
    for (const { on, since } of memory.levels.values()) {
      if (since === null) continue;
      memory.lookAt = Math.min(memory.lookAt, since + (on ? model.holdMs : model.forMs));
    }
    return change;
  }

  private judge(
    model: ReferenceModel,
    memory: ModelMemory,
    view: HistoryView,
    clock: number,
  ): { level: string; previous: string; reason: string } | null {
    const previous = memory.shown;
    if (!model.applies(view)) {
      memory.levels.clear();
      memory.shown = 'none';
      return previous === 'none' ? null : { level: 'none', previous, reason: 'not-applicable' };
    }
    const conditions = model.levels(view);
    const withdrawn = [...this.touched].some((one) => model.rests(one, this.look(clock).view));
    let graver = false;
    let now = 'none';
    for (const { level, on, clear = true } of conditions) {
      graver ||= on;
      const state = memory.levels.get(level) ?? { on: false, since: null };
      memory.levels.set(level, state);
      const leaving = state.on ? !graver && clear : graver;
      state.since = leaving ? (state.since ?? clock) : null;
      const needed = state.on ? (withdrawn ? 0 : model.holdMs) : model.forMs;
      if (state.since !== null && clock - state.since >= needed) {
        state.on = !state.on;
        state.since = null;
      }
      if (state.on && now === 'none') now = level;
    }
    memory.shown = now;
    if (now === previous) return null;
    const order = ['none', 'blue', 'yellow', 'orange', 'red'];
    const up = order.indexOf(now) > order.indexOf(previous);
    const down = withdrawn ? 'withdrawn' : now === 'none' ? 'cleared' : 'de-escalated';
    return { level: now, previous, reason: up ? (previous === 'none' ? 'raised' : 'escalated') : down };
  }

  private look(clock: number): Look {
    const { profile, registered, placedBy } = (this.facts ??= this.gather());
    const { gaps } = this;
    const change = (instant: number) => {
      if (instant < look.sameUntil) look.sameUntil = instant;
    };
    const look: Look = {
      sameUntil: Infinity,
      view: {
        get clock() {
          change(-Infinity);
          return clock;
        },
        profile,
        registered,
        window: (stream, over, basis) =>
          placedBy(stream, basis ?? 'time').filter((one) => {
            const placement = basis === 'arrival' ? one.at : one.time;
            if (placement > clock) change(placement);
            else if (placement > clock - over) change(placement + over);
            return placement > clock - over && placement <= clock;
          }),
        known: (stream) => placedBy(stream, 'time'),
        wasLatest: (event) => this.latestTaken.has(event),
        latest: (stream) => placedBy(stream, 'time').at(-1)?.time ?? null,
        gapsSince: (from) => {
          change(-Infinity);
          return gaps.reduce(
            (total, gap) => total + Math.max(0, Math.min(clock, gap.to) - Math.max(from, gap.from)),
            0,
          );
        },
      },
    };
    return look;
  }

  private gather(): Facts {
    const known = this.arrived.filter((one) => !one.revoked).map((one) => one.event);
    const byTime = (a: Event, b: Event) => a.time - b.time || (a.id < b.id ? -1 : 1);
    const profile: JsonObject = {};
    const registrations = known.filter((one) => one.stream === 'registration');
    for (const event of known.filter((one) => FACTUAL.includes(one.stream)).sort(byTime)) {
      for (const fact of event.stream === 'registration' ? PROFILE_FACTS : (['credit'] as const)) {
        const value = event.data[fact];
        if (value !== undefined && value !== null) profile[fact] = value;
      }
    }
    const placed = new Map<string, Event[]>();
    return {
      profile,
      registered: registrations.length === 0 ? null : Math.min(...registrations.map((one) => one.at)),
      placedBy: (stream, basis) => {
        const name = `${stream} ${basis}`;
        const found = placed.get(name);
        if (found !== undefined) return found;
        const of = (event: Event) => (basis === 'arrival' ? event.at : event.time);
        const sorted = known
          .filter((one) => one.stream === stream)
          .sort((x, y) => of(x) - of(y) || (x.id < y.id ? -1 : 1));
        placed.set(name, sorted);
        return sorted;
      },
    };
  }
}

/** What follows from the events alone, whatever the clock: gathered anew when one came. */
interface Facts {
  readonly profile: JsonObject;
  readonly registered: number | null;
  /** Known events of a stream, by (placement, id). */
  readonly placedBy: (stream: string, basis: 'time' | 'arrival') => readonly Event[];
}

const FACTUAL = ['registration', 'credit-change'];

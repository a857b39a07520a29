// The judge of changes of rules: counts anew from the whole history of a key at every instant, and knows what is told.
import type { Event, LogRecord } from '../../src/events/event.js';
import type { Shown } from './reference.js';

const HALF_HOUR = 1_800_000;
const DAY = 86_400_000;
const ORDER = ['none', 'blue', 'yellow', 'orange', 'red'];

/**
 * One model of a set: it counts complaints, the people who complained, the warnings that stand, or all that `STEADY`
 * raised, over some days.
 */
export interface Counting {
  readonly name: string;
  readonly what: 'events' | 'people' | 'open' | 'steady';
  /** What counts warnings may do so for all subjects that were of a region when they were raised. */
  readonly scope?: 'region';
  readonly days: number;
  /** Gravest first: a level, and from which count on it holds. */
  readonly levels: readonly (readonly [level: string, from: number])[];
  readonly forHours: number;
  readonly holdHours: number;
  /** 1 where it reads warnings, if only those of `NEVER`; 2 where it does so for a region. */
  readonly stratum: 0 | 1 | 2;
}

/** The model whose warnings are named; it is in every set. */
export const STEADY = 'sim/steady';

const FIGURES: { readonly [what in Counting['what']]: string } = {
  events: `from: complaint, count: '*'`,
  people: `from: complaint, distinct: 'event.complainant'`,
  open: `from: warning, where: 'event.level != "none"', count: '*'`,
  steady: `from: warning, where: 'event.model == "${STEADY}"', count: '*'`,
};

const readsWarnings = ({ what }: Counting) => what === 'open' || what === 'steady';

/** The text of its rules. */
export function textOf(model: Counting): string {
  const { what, days, levels, forHours, holdHours, stratum, scope = 'subject' } = model;
  const never = stratum === 1 && !readsWarnings(model);
  const warnings = `  open: { from: warning, where: 'event.model == "sim/never"', count: '*', over: 1d }\n`;
  return `
scope: ${scope}
indicators:
  many: { ${FIGURES[what]}, over: ${days}d }
${never ? warnings : ''}levels:
${levels.map(([level, from]) => `  ${level}: 'many >= ${from}${never ? ' || open < 0' : ''}'`).join('\n')}
for: ${forHours}h
hold: ${holdHours}h
`;
}

/** A model in every set that never warns. */
export const NEVER = `
scope: subject
indicators: { many: { from: judgment, count: '*', over: 1d } }
levels: { blue: 'many >= 1' }
`;

/** What of a record cannot be read off it: the set that it names, or the change of rules that it tells of. */
export interface Note {
  readonly set?: readonly Counting[];
  readonly epoch?: number;
}

interface LevelMemory {
  on: boolean;
  elapsed: number;
  since: number | null;
  unknown: boolean;
}

interface Memory {
  shown: string;
  readonly levels: Map<string, LevelMemory>;
  /** Something happened to the model on the key since it came, or changed: till then nobody looks. */
  awake: boolean;
  withdrawn: boolean;
  /** When its warning was raised. */
  raised: number;
  /** When something happened last. */
  touched: number;
}

/** The newest version of a warning. */
interface Raised {
  readonly model: Counting;
  readonly raised: number;
  readonly level: string;
  readonly withdrawn: boolean;
  /** Changes of rules before it was heard: what waits for its history knows only what came since. */
  readonly epoch: number;
}

class Life {
  /** Warnings that are heard here, by what names them. */
  readonly heard = new Map<string, Raised>();
  readonly arrived: { readonly event: Event; revoked: boolean }[] = [];
  readonly memories = new Map<string, Memory>();
  /** Strata that have been told of the key after the last change of rules. */
  readonly told = new Set<number>();
  private readonly ahead = new Set<string>();

  /** @returns the events that began to count, and that were taken back */
  take(event: Event): { readonly counted: Event | null; readonly taken: Event | null } {
    const nothing = { counted: null, taken: null };
    if (this.arrived.some((one) => one.event.id === event.id)) return nothing;
    const target = event.revokes ?? event.amends;
    let taken: Event | null = null;
    let refused = false;
    if (target !== undefined) {
      const found = this.arrived.find((one) => one.event.id === target);
      if (found === undefined) this.ahead.add(target);
      else if (found.revoked || found.event.revokes !== undefined) refused = true;
      else {
        found.revoked = true;
        taken = found.event;
      }
    }
    const counts = event.revokes === undefined && !refused && !this.ahead.has(event.id);
    this.arrived.push({ event, revoked: !counts });
    return { counted: counts ? event : null, taken };
  }

  memory(name: string): Memory {
    let memory = this.memories.get(name);
    if (memory === undefined) {
      memory = {
        shown: 'none',
        levels: new Map(),
        awake: false,
        withdrawn: false,
        raised: NaN,
        touched: NaN,
      };
      this.memories.set(name, memory);
    }
    return memory;
  }

  /** The region of the subject as it is known. */
  get region(): unknown {
    const known = this.arrived.filter(({ event, revoked }) => !revoked && event.stream === 'registration');
    const order = known.sort((a, b) => a.event.time - b.event.time || (a.event.id < b.event.id ? -1 : 1));
    return order.reduce<unknown>((region, { event }) => event.data['region'] ?? region, null);
  }

  count(model: Counting, clock: number): number {
    const { what, days } = model;
    if (readsWarnings(model))
      return [...this.heard.values()].filter((one) => hears(model, one, clock)).length;
    const lying = this.arrived.filter(
      ({ event, revoked }) =>
        !revoked && event.stream === 'complaint' && event.time > clock - days * DAY && event.time <= clock,
    );
    if (what === 'events') return lying.length;
    return new Set(lying.flatMap(({ event }) => event.data['complainant'] ?? [])).size;
  }
}

const identityOf = ({ what, days, stratum, scope }: Counting) => `${what} ${days} ${stratum} ${scope}`;

/** Whether a version of a warning counts. */
const hears = (reader: Counting, { model, raised, level, withdrawn }: Raised, clock: number) => {
  if (withdrawn || raised <= clock - reader.days * DAY || model.stratum > 0) return false;
  return reader.what === 'open' ? level !== 'none' : model.name === STEADY;
};

const isOf = ({ scope }: Counting, key: string) => key.startsWith(`${scope ?? 'subject'}:`);

const lies = (model: Counting, event: Event | null, clock: number) =>
  event !== null &&
  !readsWarnings(model) &&
  event.stream === 'complaint' &&
  event.time > clock - model.days * DAY &&
  (model.what === 'events' || event.data['complainant'] !== undefined);

const holds = ({ shown, levels }: Memory) =>
  shown !== 'none' ||
  [...levels.values()].some(
    ({ on, elapsed, since, unknown }) => on || elapsed > 0 || since !== null || unknown,
  );

export class TurningReference {
  readonly shown: Shown[] = [];
  private readonly lives = new Map<string, Life>();
  private clock = -Infinity;
  private epoch = 0;
  private unprimed = new Set<string>();
  /** Names of models that wait to be told of what was before them, though their figures may be known. */
  private newborn = new Set<string>();
  /** Where a warning is heard beside its subject, by what names it. */
  private readonly regions = new Map<string, string>();

  constructor(private models: readonly Counting[]) {}

  step(record: LogRecord, note: Note): void {
    const after = record.kind === 'primed' && record.epoch === this.epoch ? 1 : 0;
    this.pass(Math.max(this.clock + after, record.at));
    if (record.kind === 'event') this.take({ ...record, at: this.clock });
    else if (record.kind === 'revision' && note.set !== undefined) this.turn(note.set);
    else if (record.kind === 'prime' && note.epoch === this.epoch) this.tell(record.stratum, record.key);
    else if (after === 1) {
      this.unprimed.clear();
      this.newborn.clear();
    }
  }

  end(): void {
    this.look();
  }

  private pass(target: number): void {
    if (target === this.clock) return;
    this.look();
    let next = this.clock === -Infinity ? target : Math.floor(this.clock / HALF_HOUR) * HALF_HOUR;
    for (; next < target; next += HALF_HOUR) {
      for (const instant of [next, next + 1, next + 2, next + HALF_HOUR - 2, next + HALF_HOUR - 1]) {
        if (instant >= target) break;
        if (instant <= this.clock) continue;
        this.clock = instant;
        this.look();
      }
    }
    this.clock = target;
  }

  private take(event: Event): void {
    let life = this.lives.get(event.key);
    if (life === undefined) this.lives.set(event.key, (life = new Life()));
    const { counted, taken } = life.take(event);
    for (const model of this.models) {
      if (readsWarnings(model)) continue;
      const memory = life.memory(model.name);
      if (lies(model, taken, this.clock) && this.knows(model, life)) memory.withdrawn = true;
      else if (!lies(model, counted, this.clock)) continue;
      memory.awake = true;
      memory.touched = this.clock;
    }
  }

  private turn(next: readonly Counting[]): void {
    const goesOn = (model: Counting) =>
      next.find(({ name, stratum }) => name === model.name && stratum === model.stratum);
    const ended: (() => void)[] = [];
    for (const model of this.models) {
      for (const [key, { memories }] of this.lives) {
        const memory = memories.get(model.name);
        const after = goesOn(model);
        if (memory === undefined) continue;
        if (after === undefined) {
          const { shown, raised } = memory;
          if (shown !== 'none')
            ended.push(() => this.say(model, key, { shown, raised }, 'none', 'model-removed'));
          memories.delete(model.name);
          continue;
        }
        const changed = JSON.stringify(after) !== JSON.stringify(model);
        if (changed && !holds(memory) && memory.touched !== this.clock) memory.awake = false;
        for (const level of memory.levels.keys()) {
          if (!after.levels.some(([name]) => name === level)) memory.levels.delete(level);
        }
      }
    }
    const known = new Set(this.models.map(identityOf).filter((one) => !this.unprimed.has(one)));
    this.unprimed = new Set(next.map(identityOf).filter((one) => !known.has(one)));
    const went = (model: Counting) =>
      this.models.some(({ name, stratum }) => name === model.name && stratum === model.stratum);
    const born = next.filter((model) => !went(model) || this.newborn.has(model.name));
    this.newborn = new Set(born.map(({ name }) => name));
    for (const life of this.lives.values()) life.told.clear();
    this.models = next;
    this.epoch++;
    // Higher strata hear of what came at this instant after the change, which is the first thing at it.
    for (const model of next.filter(({ stratum }) => stratum > 0)) {
      for (const life of this.lives.values()) {
        if (!this.knows(model, life)) life.memory(model.name).withdrawn = false;
      }
    }
    // Those who read them now hear that they ended.
    for (const say of ended) say();
  }

  private tell(stratum: number, key: string): void {
    const life = this.lives.get(key);
    if (life === undefined || life.told.has(stratum)) return;
    for (const model of this.models) {
      if (!isOf(model, key)) continue;
      const waits = this.newborn.has(model.name) || !this.knows(model, life);
      if (model.stratum === stratum && waits) life.memory(model.name).awake = true;
    }
    life.told.add(stratum);
  }

  private knows(model: Counting, life: Life): boolean {
    return !this.unprimed.has(identityOf(model)) || life.told.has(model.stratum);
  }

  /** The clock leaves an instant. */
  private look(): void {
    for (const model of [...this.models].sort((a, b) => a.stratum - b.stratum)) {
      for (const [key, life] of [...this.lives]) {
        const memory = life.memory(model.name);
        if (memory.awake) this.evaluate(model, key, life, memory);
        memory.withdrawn = false;
      }
    }
  }

  private evaluate(model: Counting, key: string, life: Life, memory: Memory): void {
    const count = life.count(model, this.clock);
    const known = this.knows(model, life);
    let now = 'none';
    for (const [level, from] of model.levels) {
      const state = memory.levels.get(level) ?? { on: false, elapsed: 0, since: null, unknown: false };
      memory.levels.set(level, state);
      this.move(model, state, known ? count >= from : null, memory.withdrawn);
      if (state.on && now === 'none') now = level;
    }
    const { shown } = memory;
    memory.shown = now;
    if (now === shown) return;
    if (shown === 'none') memory.raised = this.clock;
    const before = { shown, raised: memory.raised };
    const up = ORDER.indexOf(now) > ORDER.indexOf(shown);
    const down = memory.withdrawn ? 'withdrawn' : now === 'none' ? 'cleared' : 'de-escalated';
    this.say(model, key, before, now, up ? (shown === 'none' ? 'raised' : 'escalated') : down);
  }

  private move(model: Counting, state: LevelMemory, condition: boolean | null, withdrawn: boolean): void {
    state.unknown = condition === null;
    if (condition === null) {
      state.elapsed += state.since === null ? 0 : this.clock - state.since;
      state.since = null;
      return;
    }
    if (condition === state.on) {
      state.elapsed = 0;
      state.since = null;
      return;
    }
    state.since ??= this.clock;
    const needed = state.on ? (withdrawn ? 0 : model.holdHours) : model.forHours;
    if (state.elapsed + this.clock - state.since < needed * 3_600_000) return;
    state.on = !state.on;
    state.elapsed = 0;
    state.since = null;
  }

  private say(
    model: Counting,
    key: string,
    { shown: previous, raised }: Pick<Memory, 'shown' | 'raised'>,
    level: string,
    reason: string,
  ): void {
    this.shown.push({ model: model.name, key, clock: this.clock, level, previous, reason });
    if (model.scope === 'region') return;
    const life = this.lives.get(key) as Life;
    const warning = `${model.name} ${key} ${raised}`;
    const { region } = life;
    if (previous === 'none' && typeof region === 'string') this.regions.set(warning, `region:${region}`);
    const version = {
      model,
      raised,
      level,
      withdrawn: level === 'none' && reason === 'withdrawn',
      epoch: this.epoch,
    };
    for (const place of [key, this.regions.get(warning) ?? []].flat()) this.hear(place, warning, version);
  }

  /** A warning has another version, in the place of the one before. */
  private hear(key: string, warning: string, version: Raised): void {
    let life = this.lives.get(key);
    if (life === undefined) this.lives.set(key, (life = new Life()));
    const former = life.heard.get(warning);
    life.heard.set(warning, version);
    for (const model of this.models) {
      if (!readsWarnings(model) || !isOf(model, key)) continue;
      const lay =
        former !== undefined &&
        hears(model, former, this.clock) &&
        (former.epoch === this.epoch || this.knows(model, life));
      if (!lay && !hears(model, version, this.clock)) continue;
      const memory = life.memory(model.name);
      if (lay && version.withdrawn && this.knows(model, life)) memory.withdrawn = true;
      memory.awake = true;
      memory.touched = this.clock;
    }
  }
}

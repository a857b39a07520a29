// One model on one key on its way over history: the strata that run live, and what a person asks of them at the end.
import { inspect, type Inspection } from '../../engine/inspection.js';
import { MemoryKeyStore, type KeyStore } from '../../engine/key-state.js';
import type { Derived } from '../../engine/derived.js';
import type { Transition } from '../../engine/output.js';
import { Strata } from '../../engine/strata.js';
import { CodedError } from '../../events/coded-error.js';
import { keyId, type Key, type LogRecord, type SourceEvent } from '../../events/event.js';
import type { Model } from '../../model/model.js';
import { countStrata } from '../../model/strata.js';
import type { RuleSet } from '../../model/ruleset.js';
import { withSources } from '../model-test.js';

/** Events whose data is remembered, the newest that came to the key. */
const EVENTS_REMEMBERED = 20_000;
/** Transitions that are remembered, the newest. */
const TRANSITIONS_REMEMBERED = 1_000;
/** Events, matches and transitions that are named. */
export const NAMED_MAX = 20;
/** Instants that are stepped ahead, and how far: beyond the longest window nothing that came counts any more. */
const AHEAD_STEPS_MAX = 100_000;
const AHEAD_MAX_MS = 3_660 * 86_400_000;

export interface ExplainRunOptions {
  readonly rules: RuleSet;
  readonly model: Model;
  readonly key: Key;
}

/** What comes of a key if nothing else happens. */
export interface Ahead {
  readonly transitions: readonly Transition[];
  /** Up to which clock was looked, epoch ms; Infinity where nothing would ever change any more. */
  readonly until: number;
  readonly complete: boolean;
}

export class ExplainRun {
  readonly model: Model;
  readonly rules: RuleSet;
  readonly key: Key;
  /** Whether the model needs the events of other keys. */
  readonly needsAll: boolean;
  /** Of the model on the key, in order. */
  readonly transitions: Transition[] = [];
  transitionsTotal = 0;
  /** Whether any event of the key itself came. */
  isSeen = false;
  /** Sources that are silent, and since when, epoch ms. */
  readonly silentSources = new Map<string, number>();
  private readonly events = new Map<string, SourceEvent>();
  private readonly strata: Strata;
  private passed = -Infinity;

  constructor({ rules, model, key }: ExplainRunOptions) {
    this.model = model;
    this.key = key;
    this.rules = involvedIn(model, rules);
    this.needsAll = this.rules.strata > 1;
    this.strata = new Strata(this.rules, {
      namespace: 'live',
      store: (): KeyStore => new MemoryKeyStore(),
      hear: (derived) => this.hear(derived),
      emit: (output) => {
        if (output.kind === 'transition') this.changed(output);
      },
    });
  }

  get clock(): number {
    return Math.max(this.strata.clock, this.passed);
  }

  /** Steps one record of the history. Of keys that the model does not read only the time counts. */
  step(record: LogRecord, offset: number): void {
    const isOwn = record.kind === 'event' && record.key === this.key;
    this.isSeen ||= isOwn;
    if (record.kind === 'event' && !isOwn && !this.needsAll) {
      this.passed = Math.max(this.passed, record.at);
      return;
    }
    // What comes out of order arrives at the clock of the whole log.
    if (this.passed > this.strata.clock) this.strata.advance(this.passed);
    if (isOwn && this.model.stratum === 0) this.remember(record);
    this.strata.step(record, offset);
  }

  /** Ends the history at an instant, or where it ends by itself. */
  end(atMs: number, offset: number): void {
    const at = atMs === Infinity ? this.clock : atMs;
    if (at === -Infinity) throw new CodedError('EXPLAIN_EMPTY');
    this.strata.step({ kind: 'tick', at }, offset);
    this.strata.end();
  }

  /** The model on the key as it stands. */
  inspect(): Inspection {
    const engine = this.strata.engines[this.model.stratum]?.[0];
    const found =
      engine === undefined ? null : inspect(engine, this.key, this.model.name, { events: NAMED_MAX });
    if (found === null) throw new CodedError('INTERNAL', `No engine steps ${this.model.name}.`);
    return found;
  }

  /** An event that came to the key; undefined where it is too long ago. */
  event(id: string): SourceEvent | undefined {
    return this.events.get(id);
  }

  /**
   * Lets time pass until the warning ends, or, where none stands, until one is raised. Nothing can be stepped after it.
   * @param shown whether a warning stands
   */
  lookAhead(shown: boolean): Ahead {
    const { transitions, strata, model } = this;
    const start = strata.clock;
    const horizon =
      start + Math.min(AHEAD_MAX_MS, 2 * this.longestMs() + model.forMs + model.holdMs + 86_400_000);
    transitions.length = 0;
    for (let steps = 0; steps < AHEAD_STEPS_MAX; steps++) {
      const last = transitions[transitions.length - 1];
      const isSettled = last !== undefined && (!shown || last.level === 'none');
      if (isSettled || transitions.length >= NAMED_MAX)
        return { transitions: [...transitions], until: strata.clock, complete: true };
      const due = strata.nextDue;
      if (due === Infinity) return { transitions: [...transitions], until: Infinity, complete: true };
      if (due > horizon) return { transitions: [...transitions], until: horizon, complete: true };
      strata.advance(due);
      strata.end();
    }
    return { transitions: [...transitions], until: strata.clock, complete: false };
  }

  private longestMs(): number {
    const indicators = this.rules.models.flatMap((model) => model.indicators);
    return Math.max(0, ...indicators.map((one) => (one.kind === 'window' ? one.keptMs : 0)));
  }

  private hear(derived: Derived): void {
    const isOurs = derived.key === this.key && derived.stratum === this.model.stratum;
    if (derived.what === 'event' && isOurs) this.remember(derived.event);
  }

  /** A warning gives way to its next version, every other event counts as it came first. */
  private remember(event: SourceEvent): void {
    const { events } = this;
    if (events.has(event.id) && event.stream !== 'warning') return;
    events.set(event.id, event);
    if (events.size <= EVENTS_REMEMBERED) return;
    for (const oldest of events.keys()) {
      events.delete(oldest);
      break;
    }
  }

  private changed(transition: Transition): void {
    const { model: name, key, scope, level, clock } = transition;
    const model = this.rules.models.find((one) => one.name === name);
    if (model?.feed?.kind === 'source') {
      if (level === 'none') this.silentSources.delete(key);
      else if (!this.silentSources.has(key)) this.silentSources.set(key, clock);
    }
    if (name !== this.model.name || key !== keyId(this.key) || scope !== this.model.scope) return;
    this.transitionsTotal++;
    this.transitions.push(transition);
    if (this.transitions.length > TRANSITIONS_REMEMBERED) this.transitions.shift();
  }
}

/**
 * The models that decide what a model says of a key: itself, those whose warnings it reads, and those that watch over
 * the sources on which its absences rest.
 */
function involvedIn(model: Model, rules: RuleSet): RuleSet {
  const involved = new Set(withSources(model, rules).models);
  const streams = new Set(
    model.indicators.flatMap((one) => (one.kind === 'window' && one.operator === 'absent' ? one.from : [])),
  );
  const watching = rules.models.filter(
    ({ feed, indicators }) =>
      feed?.kind === 'key' &&
      indicators.some((one) => one.kind === 'window' && one.from.some((stream) => streams.has(stream))),
  );
  const declaring = new Set([...watching, model].map(({ feed }) => feed?.of));
  for (const one of rules.models) if (one.feed !== null && declaring.has(one.feed.of)) involved.add(one);
  const models = rules.models.filter((one) => involved.has(one));
  return { ...rules, models, strata: countStrata(models) };
}

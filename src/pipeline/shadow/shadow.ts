// A shadow of evaluate: the same strata over state of their own, whose outputs nobody but the caller hears.
import type { Derived } from '../../engine/derived.js';
import type { EngineCounters } from '../../engine/context.js';
import { FIRST_GENERATION } from '../../engine/generation.js';
import { Merge } from '../../engine/merge.js';
import type { OperatorAlert, Output, Transition } from '../../engine/output.js';
import { countersOf, gapFor, orderedTransition, type OrderedTransition } from '../../engine/strata.js';
import type { Key, LogRecord } from '../../events/event.js';
import type { RuleSet } from '../../model/ruleset.js';
import type { StateStore } from '../../ports/state.js';
import { CheckpointCursor } from '../checkpoint.js';
import { dueTimers } from '../due.js';
import { KeyRoom } from '../key-room.js';
import { changesOf, Stage } from '../stage.js';

export interface ShadowOptions {
  readonly rules: RuleSet;
  /** Empty, and of this run alone: state may be larger than memory. */
  readonly state: StateStore;
  readonly nonce: () => string;
  /** Keys of all strata kept in memory between batches. */
  readonly cachedKeys: number;
  readonly onAlert: (alert: OperatorAlert) => void;
}

const NAMESPACE = 'shadow';

export class Shadow {
  private readonly cursor: CheckpointCursor<object>;
  /** Stratum 0 first. */
  private readonly stages: readonly Stage[];
  private readonly said: Merge<OrderedTransition>;
  private stepped = 0;

  constructor(private readonly options: ShadowOptions) {
    const { rules, state, nonce } = options;
    this.cursor = new CheckpointCursor<object>(state, NAMESPACE, nonce);
    const room = new KeyRoom(options.cachedKeys);
    this.stages = Array.from({ length: rules.strata }, (_, index) => this.stageOf(index, room));
    this.said = new Merge(this.stages.map(({ stratum }) => stratum.name));
  }

  get counters(): EngineCounters {
    return countersOf(this.stages.map(({ engine }) => engine.counters));
  }

  /**
   * Steps events, ticks and gaps in order; what the log says of rules means nothing here.
   * @returns the transitions that all strata have passed, in the order of the alert inbox
   */
  async step(records: readonly LogRecord[]): Promise<Transition[]> {
    const stepped = records.filter(({ kind }) => kind === 'event' || kind === 'tick' || kind === 'gap');
    if (stepped.length === 0) return [];
    const latest = stepped.reduce((most, { at }) => Math.max(most, at), this.bottom.engine.clock);
    for (let isWhole = false; !isWhole;) {
      const { timers, until } = await dueTimers(this.options.state, NAMESPACE, latest);
      isWhole = until === null;
      await this.bottom.prepare(isWhole ? stepped.flatMap(keyOf) : [], timers);
      if (until === null) this.stepAll(stepped);
      else this.bottom.engine.advance(until);
      for (const stage of this.stages.slice(1)) {
        await stage.follow(this.stages.slice(0, stage.index), timers);
      }
      await this.cursor.commit({}, changesOf(this.stages));
      for (const stage of this.stages) {
        stage.committed();
        this.said.mark(stage.stratum.name, stage.engine.clock);
      }
    }
    return this.said.release().map(({ transition }) => transition);
  }

  /** Lets every stratum come to an instant, and leave all before it. @returns what was not said yet */
  async end(at: number): Promise<Transition[]> {
    const said = await this.step([{ kind: 'tick', at: at + this.stages.length }]);
    return [...said, ...this.said.drain().map(({ transition }) => transition)];
  }

  private get bottom(): Stage {
    return this.stages[0] as Stage;
  }

  private stepAll(records: readonly LogRecord[]): void {
    const { engine } = this.bottom;
    for (const record of records) {
      if (record.kind === 'gap') {
        for (const { index } of this.stages.slice(1)) {
          this.deliver(gapFor(index, engine.clock, record.from, record.at));
        }
      }
      engine.step(record, this.stepped++);
    }
  }

  private deliver(derived: Derived): void {
    this.stages[derived.stratum]?.stratum.merge.push(derived);
  }

  private hear(output: Output): void {
    if (output.kind === 'transition') this.said.push(orderedTransition(output));
    else if (output.kind === 'operator') this.options.onAlert(output);
  }

  private stageOf(index: number, room: KeyRoom): Stage {
    const { rules, state } = this.options;
    return new Stage(index, {
      rules,
      generation: FIRST_GENERATION,
      state,
      namespace: NAMESPACE,
      partition: 0,
      room,
      emit: (output) => this.hear(output),
      forward: (derived) => this.deliver(derived),
    });
  }
}

function keyOf(record: LogRecord): Key | Key[] {
  return record.kind === 'event' ? record.key : [];
}

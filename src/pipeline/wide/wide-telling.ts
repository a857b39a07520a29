// The history after a change of rules where partitions and strata run in processes of their own: their checkpoints say
// what waits, and what is told goes to the partition of its key.
import type { Generation } from '../../engine/generation.js';
import { encodeRecord } from '../../events/codec.js';
import type { RuleSet } from '../../model/ruleset.js';
import type { Log } from '../../ports/log.js';
import type { StateStore } from '../../ports/state.js';
import { checkpointOf } from '../checkpoint.js';
import type { EvaluateMeta } from '../evaluate-meta.js';
import type { Task, Telling, ToldRecord } from '../primer.js';
import type { DerivedMeta } from './evaluate-derived.js';
import { partitionOf, type PartitionCounts } from './partition.js';
import { SEQUENCE_NAMESPACE, type SequenceMeta } from './sequence.js';
import { announcedIn, TicksCursor } from './ticks-meta.js';

export interface WideTellingOptions {
  readonly events: Log;
  readonly state: StateStore;
  readonly partitions: PartitionCounts;
  readonly nonce: () => string;
  readonly rulesNamed: (revision: string) => Promise<RuleSet>;
}

export class WideTelling implements Telling {
  private readonly ticks: TicksCursor;
  private found: Task | null = null;

  constructor(private readonly options: WideTellingOptions) {
    this.ticks = new TicksCursor(options.state, options.nonce);
  }

  /** The change that all partitions of all strata have made, once every warning before it is in the inbox. */
  async task(done: number): Promise<Task | null> {
    const { state, partitions, rulesNamed } = this.options;
    const first = await checkpointOf<EvaluateMeta>(state, 'evaluate/0');
    const telling = first?.telling ?? null;
    if (first === undefined || telling === null || telling.epoch <= done) return null;
    const { epoch, at } = telling;
    if (this.found?.epoch === epoch) return this.found;
    const cuts: number[] = [];
    for (let partition = 0; partition < partitions.events; partition++) {
      const meta = await checkpointOf<EvaluateMeta>(state, `evaluate/${partition}`);
      if (meta?.telling?.epoch !== epoch) return null;
      cuts.push(meta.telling.cut);
    }
    let above: DerivedMeta | undefined;
    for (let partition = 0; partition < partitions.derived; partition++) {
      above = await checkpointOf<DerivedMeta>(state, `derived/${partition}`);
      if (above?.epoch !== epoch) return null;
    }
    const sequence = await checkpointOf<SequenceMeta>(state, SEQUENCE_NAMESPACE);
    if (!((sequence?.done ?? -Infinity) >= at)) return null;
    const stages = [...first.stages, ...(above?.stages ?? [])];
    const generations = stages.map(({ generation }): Generation => generation);
    const rules = await rulesNamed(first.revision);
    return (this.found = { epoch, at, cuts, rules, generations, waiting: [] });
  }

  rulesNamed(revision: string): Promise<RuleSet> {
    return this.options.rulesNamed(revision);
  }

  async isTold({ epoch }: Task): Promise<boolean> {
    const meta = await this.ticks.load();
    const waiting = meta.change?.change;
    if (waiting?.kind === 'primed' && waiting.epoch === epoch) return true;
    return announcedIn(meta).told >= epoch;
  }

  async tell(records: readonly ToldRecord[]): Promise<void> {
    const { events, partitions } = this.options;
    const at = (await this.ticks.load()).tick ?? this.found?.at ?? 0;
    const byPartition = new Map<number, Uint8Array[]>();
    for (const record of records) {
      const partition = partitionOf(record.key, partitions.events);
      const values = byPartition.get(partition) ?? [];
      byPartition.set(partition, values);
      values.push(encodeRecord({ ...record, at }));
    }
    await Promise.all([...byPartition].map(([partition, values]) => events.append(partition, values)));
  }

  /** @throws CodedError CHECKPOINT_FENCED where another change is being announced all the time; it is told again then */
  async end({ epoch }: Task): Promise<void> {
    const change = { kind: 'primed', epoch } as const;
    for (;;) {
      if (await this.ticks.request(change)) return;
      const meta = await this.ticks.load();
      const isKnown = announcedIn(meta).told >= epoch || meta.change?.change.kind === 'primed';
      if (isKnown) return;
      // Other rules are being announced, and the history is another one then.
      if (meta.change?.change.kind === 'revision') return;
    }
  }
}

// What a deployment should have said: one undisturbed run over the merge of its logs, and what it did say.
import type { InboxRecord, WarningRecord } from '../../../src/alerts/inbox.js';
import { openMemory } from '../../../src/adapters/memory/memory.js';
import { MemoryKeyStore } from '../../../src/engine/key-state.js';
import type { Transition } from '../../../src/engine/output.js';
import { Strata } from '../../../src/engine/strata.js';
import { canonicalJson } from '../../../src/events/canonical.js';
import { decodeRecord } from '../../../src/events/codec.js';
import type { LogRecord } from '../../../src/events/event.js';
import type { RuleSet } from '../../../src/model/ruleset.js';
import { Alert } from '../../../src/pipeline/alert.js';
import type { DeliveryRecord } from '../../../src/pipeline/alert-round.js';
import { decodeJson } from '../../../src/pipeline/checkpoint.js';
import { OriginFilter } from '../../../src/pipeline/origins.js';
import type { TransitionLogRecord } from '../../../src/pipeline/wide/wide-records.js';
import type { Log, Logs } from '../../../src/ports/log.js';
import { together } from '../../simulation/changes.js';

const PAGE = 5_000;

/** All records of a partition. */
export async function recordsOf(log: Log, partition: number): Promise<Uint8Array[]> {
  const values: Uint8Array[] = [];
  for (;;) {
    const page = await log.read(partition, values.length, PAGE);
    if (page.length === 0) return values;
    values.push(...page.map(({ value }) => value));
  }
}

/** The events log of all partitions as the one that they come to: by the clock after each record, partition, offset. */
export async function mergedEvents(events: Log, partitions: number): Promise<LogRecord[]> {
  const logs: LogRecord[][] = [];
  for (let partition = 0; partition < partitions; partition++) {
    logs.push((await recordsOf(events, partition)).map(decodeRecord));
  }
  return together(logs);
}

/** The rules of a deployment: those that it began with, and those that came later. */
export type RuleSets = readonly [first: RuleSet, ...later: readonly RuleSet[]];

/** The transitions of one undisturbed run, dated before an instant, as texts without positions. */
export function expectedTransitions(sets: RuleSets, merged: readonly LogRecord[], before: number): string[] {
  const transitions: Transition[] = [];
  const strata = new Strata(sets[0], {
    namespace: 'live',
    rulesOf: (revision) => sets.find((one) => one.revision === revision),
    store: () => new MemoryKeyStore(),
    emit: (output) => {
      if (output.kind === 'transition') transitions.push(output);
    },
  });
  for (const [offset, record] of merged.entries()) strata.step(record, offset);
  return transitions.filter(({ clock }) => clock < before).map(plainTransition);
}

/** Those that the inbox holds, without what came again. */
export async function saidTransitions(inbox: Log): Promise<string[]> {
  const filter = new OriginFilter({});
  const records = (await recordsOf(inbox, 0)).map((value) => decodeJson<InboxRecord>(value));
  return records
    .filter((record): record is WarningRecord => record.kind === 'warning' && filter.admit(record.origin))
    .map(({ transition }) => plainTransition(transition));
}

/** Those that the partitions wrote before an instant, without what came again, sorted: their order is not settled there. */
export async function newTransitions(transitions: Log, before: number): Promise<string[]> {
  const filter = new OriginFilter({});
  return (await recordsOf(transitions, 0))
    .map((value) => decodeJson<TransitionLogRecord>(value))
    .filter((record) => record.kind === 'warning')
    .filter(({ at, origin }) => at < before && filter.admit(origin))
    .map(({ transition }) => plainTransition(transition))
    .sort();
}

function plainTransition({ contributions, ...rest }: Transition): string {
  const events = contributions.events.map(({ id, time }) => ({ id, time }));
  return canonicalJson({ ...rest, contributions: { ...contributions, events } });
}

/** The deliveries that one undisturbed alert side makes of an inbox log. */
export async function expectedDeliveries(sets: RuleSets, inbox: Log): Promise<string[]> {
  const stores = openMemory();
  const names = ['deliveries', 'actions', 'withheld', 'cases', 'operator'] as const;
  const made = Object.fromEntries(names.map((name) => [name, stores.log(name)]));
  const logs = { ...made, inbox } as unknown as Logs;
  let serial = 0;
  const alert = new Alert({
    rules: sets[0],
    rulesOf: (revision) => Promise.resolve(sets.find((one) => one.revision === revision)),
    logs,
    state: stores.state,
    nonce: () => `n${serial++}`,
    probe: () => undefined,
    batch: 500,
    // No mark of its own: those of the log are there.
    clock: () => -Infinity,
  });
  await alert.open();
  const end = await inbox.end(0);
  while (alert.position < end) await alert.run();
  return saidDeliveries(stores.log('deliveries'));
}

/** Those that the log of deliveries holds, without what came again. */
export async function saidDeliveries(deliveries: Log): Promise<string[]> {
  const filter = new OriginFilter({});
  return (await recordsOf(deliveries, 0))
    .map((value) => decodeJson<DeliveryRecord>(value))
    .filter(({ origin }) => filter.admit(origin))
    .map(({ delivery }) => canonicalJson(delivery));
}

// Readings of the stages, the same in every mode.
import { statfs } from 'node:fs/promises';
import type { EngineCounters } from '../engine/context.js';
import type { WarningLevel } from '../model/model.js';
import { WARNING_LEVELS } from '../pipeline/alert-levels.js';
import type { StateSize } from '../pipeline/key-cache.js';
import type { KeyRoom } from '../pipeline/key-room.js';
import type { Logs } from '../ports/log.js';
import type { Delivering } from './delivering.js';
import { byLabels, type Read, type Readings, type Sample } from './metrics.js';
import type { SealStage } from './sealing.js';

/** What evaluate counted since the start. */
export interface Evaluated {
  /** Undefined before the first record. */
  readonly counters: EngineCounters | undefined;
  /** By `verdict code`. */
  readonly verdicts: ReadonlyMap<string, number>;
  readonly room: Pick<KeyRoom, 'size' | 'loaded'>;
}

/** What evaluate holds of keys. */
export interface Holding {
  /** By stratum, 0 first. */
  readonly stateSizes: readonly StateSize[];
  /** By the name of the model. */
  readonly modelKeys: ReadonlyMap<string, number>;
}

/** What arrives. */
export interface Arrived {
  /** By stream. */
  readonly accepted: ReadonlyMap<string, number>;
  /** By code. */
  readonly refused: ReadonlyMap<string, number>;
  readonly ignoredRecordedTimes: number;
  readonly heldBack: number;
}

type Deliver = Delivering['deliver'];

/** @param read null where nothing arrives here */
export function arrivals(read: () => Arrived | null): Readings {
  return {
    fenghuo_events_accepted_total: () => byLabels(read()?.accepted),
    fenghuo_events_refused_total: () => byLabels(read()?.refused),
    fenghuo_events_held_back_total: () => read()?.heldBack ?? null,
    fenghuo_events_recordedtime_ignored_total: () => read()?.ignoredRecordedTimes ?? null,
  };
}

/** Events on their way through evaluate, and why they do not count as they came. @param read null where none are evaluated here */
export function evaluations(read: () => (Evaluated & Holding) | null): Readings {
  const counters = () => read()?.counters;
  const sizes = (of: (size: StateSize) => number) => (): Sample[] =>
    (read()?.stateSizes ?? []).map((size, stratum) => [[String(stratum)], of(size)]);
  return {
    fenghuo_events_evaluated_total: () => (read() === null ? null : (counters()?.events ?? 0)),
    fenghuo_evaluations_total: () => (read() === null ? null : (counters()?.evaluations ?? 0)),
    fenghuo_events_late_total: () => byLabels(counters()?.late),
    fenghuo_event_verdicts_total: () => byLabels(read()?.verdicts),
    fenghuo_fields_missing_total: () => byLabels(counters()?.missing),
    fenghuo_unknown_values_total: () => byLabels(counters()?.unknown),
    fenghuo_evaluate_cached_keys: () => read()?.room.size ?? null,
    fenghuo_evaluate_loaded_keys_total: () => read()?.room.loaded ?? null,
    fenghuo_state_keys: sizes(({ keys }) => keys),
    fenghuo_state_bytes: sizes(({ bytes }) => bytes),
    fenghuo_model_keys: () => byLabels(read()?.modelKeys),
  };
}

/** How deliveries and the channels fare. @param read null where this process does not deliver */
export function deliveries(read: () => Deliver | null): Readings {
  const counts = (of: (count: { waiting: number; open: number }) => number) => (): Sample[] =>
    [...(read()?.counts ?? [])].map(([channel, count]) => [[channel], of(count)]);
  return {
    fenghuo_deliveries_total: () => read()?.delivered ?? null,
    fenghuo_deliveries_undeliverable_total: () => read()?.undeliverable ?? null,
    fenghuo_delivery_attempts_total: () => byLabels(read()?.attempts),
    fenghuo_delivery_queue_messages: counts(({ waiting }) => waiting),
    fenghuo_delivery_open_circuits: counts(({ open }) => open),
  };
}

/** Seals made, and those that wait for their holders. @param read null where this process does not seal */
export function seals(read: () => Pick<SealStage, 'sealing' | 'handOvers'> | null): Readings {
  const holders = (of: (seals: number, holder: SealStage['handOvers'][number]) => number) => (): Sample[] => {
    const stage = read();
    return (stage?.handOvers ?? []).map((one) => [[one.holder], of(stage?.sealing.seals ?? 0, one)]);
  };
  return {
    fenghuo_seals_total: () => read()?.sealing.seals ?? null,
    fenghuo_seals_waiting: holders((made, { position }) => Math.max(0, made - position)),
    fenghuo_seal_holder_failing: holders((_made, { failing }) => (failing ? 1 : 0)),
  };
}

/** What logs hold that somebody has to look at; of several processes on the same logs each says the same. */
export function ends(
  logs: Pick<Logs, 'dead-letters' | 'operator'>,
  alerts: () => ReadonlyMap<string, number>,
): Readings {
  return {
    fenghuo_dead_letters_total: () => logs['dead-letters'].end(0),
    fenghuo_operator_alerts_total: () => logs.operator.end(0),
    fenghuo_operator_alerts_by_code_total: () => byLabels(alerts()),
  };
}

/** What stands, and what of it departments have not been told. */
export function warnings(
  read: () => {
    readonly levels: ReadonlyMap<WarningLevel, number>;
    readonly withheld: number;
    readonly silentSources: number;
  },
): Readings {
  return {
    fenghuo_warnings_current: () =>
      WARNING_LEVELS.map((level): Sample => [[level], read().levels.get(level) ?? 0]),
    fenghuo_warnings_withheld: () => read().withheld,
    fenghuo_sources_silent: () => read().silentSources,
  };
}

/** The disk that a folder lies on. */
export function disk(dir: string): Readings {
  const read =
    (of: 'bavail' | 'blocks'): Read =>
    async () => {
      const found = await statfs(dir);
      return found[of] * found.bsize;
    };
  return { fenghuo_disk_free_bytes: read('bavail'), fenghuo_disk_size_bytes: read('blocks') };
}

/** Whether stores answer, by name. @param stores null for one that is not waited for */
export function storesUp(stores: Readonly<Record<string, () => Promise<boolean | null>>>): Readings {
  return {
    fenghuo_store_up: async () => {
      const asked = Object.entries(stores).map(async ([store, ask]): Promise<Sample[]> => {
        const answers = await ask();
        return answers === null ? [] : [[[store], answers ? 1 : 0]];
      });
      return (await Promise.all(asked)).flat();
    },
  };
}

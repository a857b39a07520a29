// Every metric of a process: what it counts, by which labels, and in which mode and role it has a value.

/** Where a metric is: in both modes, in one process in all roles, or in a process of a deployment on servers. */
export type Mode = 'both' | 'embedded' | 'servers';
/** The role whose processes have a value of it on servers; any for all. */
export type OfRole = 'ingest' | 'evaluate' | 'alert' | 'archive' | 'any';

export interface MetricRow {
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly labels: readonly string[];
  readonly mode: Mode;
  readonly role: OfRole;
  /** One sentence, which is its help text, too. */
  readonly says: string;
}

function row(
  type: MetricRow['type'],
  role: OfRole,
  says: string,
  labels: readonly string[] = [],
  mode: Mode = 'both',
): MetricRow {
  return { type, labels, mode, role, says };
}

export const METRICS = {
  // Events that arrive.
  fenghuo_events_accepted_total: row(
    'counter',
    'ingest',
    'Events taken since the start of the process, by stream; what a replay brought included.',
    ['stream'],
  ),
  fenghuo_events_refused_total: row(
    'counter',
    'ingest',
    'Events refused since the start of the process, by code.',
    ['code'],
  ),
  fenghuo_events_held_back_total: row(
    'counter',
    'ingest',
    'Events stamped ten seconds after the last tick since the start of the process, as they came further ahead of it.',
  ),
  fenghuo_events_recordedtime_ignored_total: row(
    'counter',
    'ingest',
    'Events since the start of the process whose recordedtime was ignored, as their source may not say it.',
  ),
  fenghuo_last_tick_timestamp_seconds: row(
    'gauge',
    'ingest',
    'The newest tick that this process knows, seconds since the epoch.',
    [],
    'servers',
  ),
  fenghuo_raw_lag_records: row(
    'gauge',
    'ingest',
    'Records of topics of other systems that are not taken, by topic and partition, of those read here.',
    ['topic', 'partition'],
    'servers',
  ),

  fenghuo_events_released_total: row(
    'counter',
    'archive',
    'Events let go at the end of their term since the start of the process, by stream.',
    ['stream'],
  ),

  // What is decided about them.
  fenghuo_events_evaluated_total: row(
    'counter',
    'evaluate',
    'Events stepped since the start of the process.',
  ),
  fenghuo_evaluations_total: row(
    'counter',
    'evaluate',
    'Evaluations of a model on a key since the start of the process.',
  ),
  fenghuo_events_late_total: row(
    'counter',
    'evaluate',
    'Events outside a window on arrival since the start of the process, by model.',
    ['model'],
  ),
  fenghuo_event_verdicts_total: row(
    'counter',
    'evaluate',
    'Events that did not simply count: duplicates, revocations taken, refused or met by no event (tombstone).',
    ['verdict', 'code'],
  ),
  fenghuo_fields_missing_total: row(
    'counter',
    'evaluate',
    'Reads of a field that the event or the profile lacks, by model and field.',
    ['model', 'field'],
  ),
  fenghuo_unknown_values_total: row(
    'counter',
    'evaluate',
    'Expressions of models that came out unknown since the start of the process, by model and by the code of the reason.',
    ['model', 'code'],
  ),
  fenghuo_evaluate_clock_timestamp_seconds: row(
    'gauge',
    'evaluate',
    'Clock of a partition that is evaluated here, seconds since the epoch.',
    ['log', 'partition'],
  ),
  fenghuo_evaluate_cached_keys: row('gauge', 'evaluate', 'Keys held in memory.'),
  fenghuo_evaluate_loaded_keys_total: row(
    'counter',
    'evaluate',
    'Keys read back into memory since the start of the process: many a second where there are more in use than it holds.',
  ),
  fenghuo_state_keys: row('gauge', 'evaluate', 'Keys of which anything is known, by stratum.', ['stratum']),
  fenghuo_state_bytes: row('gauge', 'evaluate', 'Bytes of the records of all keys, by stratum.', ['stratum']),
  fenghuo_model_keys: row('gauge', 'evaluate', 'Keys that a model holds, by model.', ['model']),

  // How long it waits and takes.
  fenghuo_log_lag_records: row(
    'gauge',
    'any',
    'Records that wait for a role of this process, by role, log and partition.',
    ['role', 'log', 'partition'],
  ),
  fenghuo_round_seconds: row(
    'histogram',
    'any',
    'Rounds of a role that did something, a batch each: reading, stepping, writing and checkpoint, by role.',
    ['role'],
  ),
  fenghuo_checkpoint_seconds: row(
    'histogram',
    'any',
    'Checkpoints written to the state store, by the consumer whose place they keep.',
    ['consumer'],
  ),

  // Warnings and what departments are told.
  fenghuo_warnings_current: row(
    'gauge',
    'any',
    'Warnings that stand, by level; the same from each process.',
    ['level'],
  ),
  fenghuo_warnings_withheld: row(
    'gauge',
    'any',
    'Warnings that rest on a silent source and were sent to nobody; the same from each process.',
  ),
  fenghuo_sources_silent: row(
    'gauge',
    'any',
    'Sources of which too many keys are silent; the same from each process.',
  ),
  fenghuo_deadlines_missed_total: row(
    'counter',
    'alert',
    'Deadlines of departments that passed since the start of the process before what was owed was done, by kind.',
    ['kind'],
  ),
  fenghuo_deliveries_total: row(
    'counter',
    'alert',
    'Deliveries taken by their channels since the data began.',
  ),
  fenghuo_deliveries_undeliverable_total: row(
    'counter',
    'alert',
    'Deliveries that were given up since the data began.',
  ),
  fenghuo_delivery_attempts_total: row(
    'counter',
    'alert',
    'Messages handed to a channel since the start of the process, by channel and outcome.',
    ['channel', 'outcome'],
  ),
  fenghuo_delivery_queue_messages: row('gauge', 'alert', 'Messages that wait for a channel, by channel.', [
    'channel',
  ]),
  fenghuo_delivery_open_circuits: row(
    'gauge',
    'alert',
    'Endpoints that are left alone after failures, by channel.',
    ['channel'],
  ),

  // What somebody has to look at.
  fenghuo_dead_letters_total: row(
    'counter',
    'any',
    'Events that were refused, and deliveries that were given up, since the data began; the same from each process.',
  ),
  fenghuo_operator_alerts_total: row(
    'counter',
    'any',
    'Alerts for the operators since the data began; the same from each process.',
  ),
  fenghuo_operator_alerts_by_code_total: row(
    'counter',
    'any',
    'Alerts for the operators that this process said since its start, by code.',
    ['code'],
  ),
  fenghuo_seals_total: row('counter', 'alert', 'Seals of the evidence since the data began.'),
  fenghuo_seals_waiting: row('gauge', 'alert', 'Seals that a holder does not have yet, by holder.', [
    'holder',
  ]),
  fenghuo_seal_holder_failing: row(
    'gauge',
    'alert',
    '1 while a holder does not take the next seal, else 0, by holder.',
    ['holder'],
  ),

  // Rules, stores and the disk.
  fenghuo_rules_info: row('gauge', 'any', '1, with the revision of the rules in force as label.', [
    'revision',
  ]),
  fenghuo_rules_priming: row('gauge', 'evaluate', '1 while new indicators wait for their history, else 0.'),
  fenghuo_rules_reloads_total: row(
    'counter',
    'any',
    'Readings of the watched folder of rules since the start of the process, by outcome: applied, unchanged, refused.',
    ['outcome'],
    'embedded',
  ),
  fenghuo_rules_folder_faulty: row(
    'gauge',
    'any',
    '1 while the watched folder of rules has errors, else 0.',
    [],
    'embedded',
  ),
  fenghuo_store_up: row('gauge', 'any', '1 where a store answers, else 0, by store.', ['store']),
  fenghuo_stage_failures_total: row(
    'counter',
    'any',
    'Failures of the stages that are tried again, since the start of the process, by stage and code.',
    ['stage', 'code'],
  ),
  fenghuo_backup_last_success_timestamp_seconds: row(
    'gauge',
    'any',
    'When the newest back-up that fenghuo backup brought to its end was taken, seconds since the epoch; 0 before the first.',
    [],
    'embedded',
  ),
  fenghuo_disk_free_bytes: row('gauge', 'any', 'Room left on the disk of the data folder for this program.'),
  fenghuo_disk_size_bytes: row('gauge', 'any', 'Size of the disk of the data folder.'),
  fenghuo_store_size_bytes: row(
    'gauge',
    'any',
    'Bytes that a store of the data folder takes up on the disk, by store: lmdb, warehouse; at most a minute old.',
    ['store'],
    'embedded',
  ),
} as const satisfies { readonly [name: string]: MetricRow };

export type MetricName = keyof typeof METRICS;

/** Whether a metric is in a mode. */
export function isIn(mode: 'embedded' | 'servers', row: MetricRow): boolean {
  return row.mode === 'both' || row.mode === mode;
}

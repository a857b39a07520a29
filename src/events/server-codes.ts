// The part of the catalogue of codes that is about deployments on servers: their state, their rules, their past.

/** Why a deployment does not start, change or go back; nothing is decided anew meanwhile. */
export const SERVER_CODES = {
  STATE_LOST:
    'The state store was emptied although the logs hold records; nothing is decided anew before it is restored. Put back its last copy (append-only file or snapshot), or make the state anew from the logs with fenghuo rebuild, and start again.',
  STORE_EVICTS:
    'The state store throws keys away when it is full, and state with them, in silence; set maxmemory-policy noeviction on every server of it (infra/redis/redis.conf), and start again.',
  CLOCK_APART:
    'The clock of a machine that takes events is more than 5 s apart from that of the state store; it lets no time pass until both go right (chronyc makestep; fenghuo doctor says by how much).',
  STATE_NOT_LOST:
    'The state store holds the state of this deployment, or the logs are empty: there is nothing to rebuild. Start the processes; where a copy was put back that is older than the logs, run fenghuo rebuild --from-copy first.',
  REBUILD_COPY:
    'The state store holds no copy of the state of this deployment; put one back, or rebuild without --from-copy.',
  REBUILD_RUNNING:
    'Processes of this deployment are still running; end all of them, and wait a quarter of a minute where some were killed.',
  REBUILD_RULES:
    'The log names rules that were not given, or not as they ran; give the folder of each revision with --rules, as it was when it ran.',
  REBUILD_SITE_KEY:
    'The key of the pseudonyms was lost with the state store, and the logs cannot tell it; set FENGHUO_SITE_KEY to the key that this deployment was begun with. Without a copy of it or of the state store the deployment cannot go on: begin a new one under another prefix.',
  REBUILD_HISTORY:
    'A log no longer has the records from which the state is to be made; put back a copy of the state store that is younger than what was deleted, and run fenghuo rebuild --from-copy.',
  REBUILD_DIFFERS:
    'The logs hold another transition than these rules and this build say at its place; use the build and the rules that wrote it, or put back a copy of the state store.',
  RECORD_GONE:
    'The log has let go of this record, and what is kept longer does not have it either; make the retention of the topic and of the archive longer than the longest window (fenghuo doctor).',
  NOT_BEGUN:
    'The deployment never ran, so there is nothing to change; start it with these rules: fenghuo run --config.',
  MODELS_BUSY:
    'Another change of rules is being announced; wait some seconds and try again (fenghuo models status).',
  MODELS_UNKNOWN:
    'No former revision is named so, or several are; fenghuo models history lists them, and the whole hash names one.',
  MODELS_UNREACHED:
    'The program that the rules are for did not take them; it is running at another address (--url), or refuses this token (FENGHUO_TOKEN).',
  PARTITIONS_CHANGED:
    'A log has another number of partitions than the deployment began with, and keys are bound to them; begin a new deployment under another prefix and import the history.',
} as const;

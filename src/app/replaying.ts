// A replay under way: events with their own times, and between them what people did, each when everything before is decided.
import type { ScriptedAct } from '../../infra/demo/county.js';
import { SOURCES } from '../../infra/demo/county.js';
import type { NamedValues } from '../ports/values.js';
import type { Role } from '../events/act.js';
import { leadOf, type AlertState } from '../alerts/state.js';
import { CodedError } from '../events/coded-error.js';
import type { RuleSet } from '../model/ruleset.js';
import { appendActions, readAction } from '../pipeline/action-events.js';
import type { Ingest } from '../pipeline/ingest.js';
import type { WarningBook } from '../pipeline/warning-book.js';
import type { Logs } from '../ports/log.js';
import { openEventFile } from './backtest-input.js';
import type { Channels } from './delivering.js';
import { replayEnd, replayFeed, writeReplay, type ReplayState } from './replay.js';

/** Recorded time between the ticks of a replay. */
const REPLAY_TICK_MS = 3_600_000;

/** What actions are taken with. */
export interface People {
  readonly logs: Logs;
  readonly book: WarningBook;
  readonly rules: RuleSet;
  /** Resolves once everything in the log is decided. @throws CodedError STOPPED */
  readonly decided: () => Promise<void>;
  /** Up to when time has passed, epoch ms. */
  readonly inboxClock: () => number;
}

/**
 * Replays what is left, and notes that it is done.
 * @param pause as `Ingest.replay` has it
 * @returns the number of events
 */
export async function runReplay(
  state: ReplayState,
  meta: NamedValues,
  ingest: Ingest,
  people: People,
  pause: () => Promise<void>,
): Promise<number> {
  const take = async (act: ScriptedAct, after: ReplayState): Promise<void> => {
    await people.decided();
    await takeAct(act, people);
    // Until this is noted nothing comes after the action, so that the same one is taken again, and is known then.
    await writeReplay(meta, after);
  };
  const feed = replayFeed(state, openEventFile, take);
  const replayed = await ingest.replay(feed, REPLAY_TICK_MS, replayEnd(state), pause);
  await writeReplay(meta, { ...state, done: true });
  return replayed;
}

/** @throws CodedError STOPPED where the system is to stop */
export function refuseStopping(stopping: boolean): void {
  if (stopping) throw new CodedError('STOPPED', 'the replay goes on at the next start');
}

/** Hands an action to the inbox as its sender would; nothing where its warning does not stand. */
async function takeAct({ id, model, key, by, act }: ScriptedAct, people: People): Promise<void> {
  const state = await newestOf(people.book, model, key);
  const department = state === null ? null : departmentOf(state, by, people.rules);
  if (state === null || department === null) return;
  const event = {
    specversion: '1.0',
    id,
    source: SOURCES.cases,
    type: 'fenghuo.action',
    subject: state.warning,
    data: { department, act },
  };
  const role: Role = by === 'superior' ? 'lead' : 'department';
  const action = readAction(event, (of) => ({
    actor: { id: `simulated-${of}`, role, department: of },
    allowed: true,
  }));
  if (action.ok) await appendActions(people, [action], people.inboxClock());
  await people.decided();
}

/** The newest warning of a model on a key. */
async function newestOf(book: WarningBook, model: string, key: string): Promise<AlertState | null> {
  let newest: AlertState | null = null;
  for await (const page of book.all()) {
    for (const state of page) {
      const { transition } = state.latest;
      if (transition.model !== model || `${transition.scope}:${transition.key}` !== key) continue;
      if (newest === null || state.raised > newest.raised) newest = state;
    }
  }
  return newest;
}

function departmentOf(state: AlertState, by: string, { catalogue }: RuleSet): string | null {
  if (by !== 'lead' && by !== 'superior') return by;
  const lead = leadOf(state)?.department ?? null;
  return by === 'lead' || lead === null ? lead : (catalogue.departments.get(lead)?.superior ?? null);
}

/** What a replay says is of the past, and of the demo of nobody: it goes into the inbox files alone. */
export function refuseChannels(channels: Channels): void {
  if (channels.list.length === 0) return;
  const advice = 'replay once without --channels, with --once, or start empty with --no-demo';
  throw new CodedError('USAGE', `a replay would send warnings of the past by the channels; ${advice}.`);
}

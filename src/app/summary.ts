// What a person sees after the start: how much came in, what stands, who was told, where to look.
import { titleOf } from '../alerts/drawn-task.js';
import type { AlertState } from '../alerts/state.js';
import { LEVEL_NAMES, levelName, localTime, nameOf } from '../alerts/wording.js';
import { LEVELS, type WarningLevel } from '../model/model.js';
import type { DeliveryRecord } from '../pipeline/alert-round.js';
import { decodeJson } from '../pipeline/checkpoint.js';
import type { Embedded } from './embedded.js';

export interface Summary {
  readonly replayed: number;
  readonly seconds: number;
  /** Records in the events log, ticks included. */
  readonly records: number;
  readonly deadLetters: number;
  /** Events taken back since the start that have not come: named wrongly, or under another subject. */
  readonly unmet: number;
  /** Warnings that stand, by level, gravest first. */
  readonly levels: readonly { readonly level: WarningLevel; readonly name: string; readonly count: number }[];
  /** Alerts pushed, by department, most first. */
  readonly departments: readonly { readonly id: string; readonly name: string; readonly count: number }[];
  readonly gravest: readonly {
    readonly level: string;
    readonly name: string;
    readonly title: string;
    readonly raised: string;
  }[];
  readonly inboxDir: string;
  readonly warehouse: boolean;
}

const LISTED = 8;
const PAGE = 500;

export async function summarise(embedded: Embedded, replayed: number, seconds: number): Promise<Summary> {
  const { logs, inboxDir } = embedded.folder;
  const current = await allCurrent(embedded);
  const counts = new Map<WarningLevel, number>();
  for (const { level, latest } of current) {
    // What was drawn is no warning.
    if (level === 'none' || latest.transition.draw !== undefined) continue;
    counts.set(level, (counts.get(level) ?? 0) + 1);
  }
  const graveFirst = [...LEVELS].reverse().filter((level) => level !== 'none');
  return {
    replayed,
    seconds,
    records: await logs.events.end(0),
    // Deliveries that were given up lie in the same log.
    deadLetters: Math.max(0, (await logs['dead-letters'].end(0)) - embedded.deliver.undeliverable),
    unmet: unmetOf(embedded.evaluate.verdicts),
    levels: graveFirst.map((level) => ({ level, name: LEVEL_NAMES[level], count: counts.get(level) ?? 0 })),
    departments: await alertsByDepartment(embedded),
    gravest: current.slice(0, LISTED).map((state) => gravestLine(embedded, state)),
    inboxDir,
    warehouse: embedded.archive.stage !== null,
  };
}

function unmetOf(verdicts: ReadonlyMap<string, number>): number {
  const count = (name: string) => verdicts.get(name) ?? 0;
  const waiting = count('tombstone REVOKED_UNKNOWN') + count('amends REVOKED_UNKNOWN');
  return Math.max(0, waiting - count('tombstoned EVENT_REVOKED_BEFORE'));
}

function gravestLine(embedded: Embedded, state: AlertState) {
  const { transition } = state.latest;
  const { catalogue, models } = embedded.rules;
  return {
    level: levelName(state.level, transition),
    name: nameOf(transition, catalogue),
    title: titleOf(
      transition,
      models.find((model) => model.name === transition.model),
    ),
    raised: localTime(state.raised, catalogue.calendar.zone).slice(0, 16),
  };
}

async function allCurrent(embedded: Embedded): Promise<AlertState[]> {
  const all: AlertState[] = [];
  for (;;) {
    const page = await embedded.book.list(all.length, PAGE);
    all.push(...page);
    if (page.length < PAGE) return all;
  }
}

async function alertsByDepartment(embedded: Embedded): Promise<Summary['departments']> {
  const { deliveries } = embedded.folder.logs;
  const { departments } = embedded.rules.catalogue;
  const counts = new Map<string, number>();
  for (let offset = 0; ;) {
    const page = await deliveries.read(0, offset, 1_000);
    if (page.length === 0) break;
    for (const { value } of page) {
      const { department } = decodeJson<DeliveryRecord>(value).delivery;
      counts.set(department, (counts.get(department) ?? 0) + 1);
    }
    offset += page.length;
  }
  return [...counts]
    .map(([id, count]) => ({ id, name: departments.get(id)?.name ?? id, count }))
    .sort((a, b) => b.count - a.count || (a.id < b.id ? -1 : 1));
}

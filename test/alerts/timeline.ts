// Time lines: what happens to warnings, step by step, through the real alert stage, and who is told what when.
import { expect } from 'vitest';
import type { Actor } from '../../src/alerts/action.js';
import type { InboxRecord, WarningRecord } from '../../src/alerts/inbox.js';
import type { MuteMatch } from '../../src/alerts/silence.js';
import type { AlertState } from '../../src/alerts/state.js';
import type { TakenAct } from '../../src/alerts/taken.js';
import type { Withholding } from '../../src/alerts/withholding.js';
import type { Transition } from '../../src/engine/output.js';
import { CHAIN_START, linkRecord } from '../../src/evidence/chain.js';
import type { Act, Role } from '../../src/events/act.js';
import { loadRules } from '../../src/model/load.js';
import type { Level } from '../../src/model/model.js';
import type { RuleSet } from '../../src/model/ruleset.js';
import type { Logs } from '../../src/ports/log.js';
import { Alert } from '../../src/pipeline/alert.js';
import type { DeliveryRecord, TakenRecord, WithheldRecord } from '../../src/pipeline/alert-round.js';
import { decodeJson, encodeJson } from '../../src/pipeline/checkpoint.js';
import { OriginFilter } from '../../src/pipeline/origins.js';
import { WarningBook } from '../../src/pipeline/warning-book.js';
import { openLosingStores, type LosingStores } from '../pipeline/losing-stores.js';
import { playEmbedded } from './timeline-embedded.js';

const item = (id: string, lead: string, cooperating = '') => `
${id}:
  title: ${id}监督检查
  domain: ${id}
  lead: ${lead}
  cooperating: [${cooperating}]
  object: 单位
  method: 现场检查
  level: county
  legal:
    - { law: 中华人民共和国某法, article: 第一条, from: 2015-01-01 }
`;

const model = (name: string, plan: string) => `
model: ${name}
title: 某类预警
summary: 多次被投诉。
advise: 核实。
item: ${name.split('/')[0] ?? ''}
scope: subject
indicators: { n: { from: complaint, count: '*', over: 7d } }
levels: { red: 'n > 8', orange: 'n > 6', yellow: 'n > 4', blue: 'n > 2' }
plan: ${plan}
`;

const step = (sign: string, feedback: string, close: string) =>
  `{ action: 查, sign_within: ${sign}, feedback_within: ${feedback}, close_within: ${close} }`;

/** A county with two departments below it, one of which has a city office above. */
export const FILES: ReadonlyMap<string, string> = new Map([
  ['catalogue/items.yaml', item('food', 'market', 'health') + item('gas', 'housing', 'fire')],
  [
    'catalogue/departments.yaml',
    `
city: { name: 市政府 }
county: { name: 县政府, superior: city }
market: { name: 市场监管局, superior: county }
health: { name: 卫健局, superior: county }
housing: { name: 住建局, superior: county }
fire: { name: 消防大队, superior: county }
police: { name: 公安局, superior: county }
`,
  ],
  [
    'catalogue/plans.yaml',
    `
check:
  title: 检查
  levels:
    red: ${step('2h', '1 workdays', '10 workdays')}
    orange: ${step('4 workhours', '3 workdays', '15 workdays')}
    yellow: ${step('1 workdays', '5 workdays', '20 workdays')}
  urge:
    - { after: 2h, to: department }
    - { after: 1 workdays, to: superior }
    - { after: 2 workdays, to: superior }
judged:
  title: 研判
  levels:
    red: ${step('2h', '1 workdays', '10 workdays')}
    yellow: ${step('1 workdays', '5 workdays', '20 workdays')}
  judgement: { from: red, within: 2 workdays }
`,
  ],
  [
    'catalogue/calendar.yaml',
    `
zone: Asia/Shanghai
years: [2020, 2026]
`,
  ],
  ['food/bad.yaml', model('food/bad', 'check')],
  ['gas/leak.yaml', model('gas/leak', 'judged')],
]);

export function rulesOf(files: ReadonlyMap<string, string> = FILES): RuleSet {
  const { rules, diagnostics } = loadRules(files, '2026-01-01');
  if (rules === null) throw new Error(JSON.stringify(diagnostics));
  return rules;
}

/** An instant by the clock of the county: `2026-09-16 10:00`. */
export function local(text: string): number {
  return Date.parse(`${text.replace(' ', 'T')}${text.length === 16 ? ':00' : ''}+08:00`);
}

/** The same the other way round. */
export function clockOf(instant: number | null): string {
  if (instant === null) return 'never';
  return new Date(instant + 8 * 3_600_000).toISOString().slice(0, 16).replace('T', ' ');
}

/** One thing that happens. */
export interface Happening {
  readonly at: number;
  readonly record: (ordinals: Map<string, number>) => InboxRecord;
}

/** A transition of the warning with a short name. */
export function turns(
  when: string,
  level: Level,
  change: Partial<Transition> & { readonly name?: string } = {},
): Happening {
  const at = local(when);
  const { name = 'a', ...more } = change;
  return {
    at,
    record: (ordinals) => {
      const warning = idOf(name);
      const ordinal = ordinals.get(warning) ?? 0;
      ordinals.set(warning, ordinal + 1);
      const transition: Transition = {
        kind: 'transition',
        warning,
        ordinal,
        model: 'food/bad',
        scope: 'subject',
        key: `s:${name}`,
        level,
        previous: 'none',
        clock: at,
        raised: at,
        indicators: { n: 9 },
        params: {},
        profile: { name: `单位${name}` },
        reason: level === 'none' ? 'cleared' : ordinal === 0 ? 'raised' : 'escalated',
        revision: '0'.repeat(16),
        item: more.model === 'gas/leak' ? 'gas' : 'food',
        quiet: false,
        contributions: { events: [], total: 0, hash: '' },
        ...more,
      };
      const origin = { source: `test/${warning}`, offset: ordinal, ordinal: 0 };
      const link = linkRecord(CHAIN_START, '00'.repeat(16), { transition, sample: [] });
      return { kind: 'warning', origin, at, transition, sample: [], link } satisfies WarningRecord;
    },
  };
}

/** An action of somebody for a department, by the role named or as its own staff. */
export function acts(
  when: string,
  department: string,
  act: Act,
  { name = 'a', role = 'department', id }: { name?: string; role?: Role; id?: string } = {},
): Happening {
  const at = local(when);
  const actor: Actor = { id: `${department}-1`, role, department };
  return {
    at,
    record: () => ({
      kind: 'action',
      id: id ?? `${when} ${department} ${act.type}`,
      at,
      warning: idOf(name),
      actor,
      act,
    }),
  };
}

/** Somebody orders a silence. */
export function mutes(when: string, until: string, match: MuteMatch, id = 'm1'): Happening {
  const at = local(when);
  const author: Actor = { id: 'county-1', role: 'lead', department: 'county' };
  const mute = { id, author, reason: '设备检修', since: at, until: local(until), match };
  return { at, record: () => ({ kind: 'mute', at, mute }) };
}

/** Somebody ends a silence before its time. */
export function unmutes(when: string, id = 'm1'): Happening {
  const at = local(when);
  return {
    at,
    record: () => ({ kind: 'unmute', at, id, by: { id: 'county-1', role: 'lead', department: 'county' } }),
  };
}

/** The id of the warning with a short name. */
export function idOf(name: string): string {
  return Buffer.from(name).toString('hex').padEnd(32, '0').slice(0, 32);
}

/** One message, as its department gets it. */
export interface Push {
  readonly at: string;
  readonly to: string;
  readonly kind: string;
  readonly message: string;
  readonly name: string;
}

export interface Played {
  readonly deliveries: readonly DeliveryRecord['delivery'][];
  readonly pushes: readonly Push[];
  /** The states by short name. */
  readonly state: (name?: string) => AlertState;
  readonly states: ReadonlyMap<string, AlertState | undefined>;
  readonly notes: readonly { readonly code: string; readonly clock: number }[];
  /** The actions that were taken, as their log has them. */
  readonly taken: readonly TakenAct[];
  /** What was not told at once, as its log has it. */
  readonly untold: readonly Withholding[];
  readonly book: WarningBook;
  readonly logs: Logs;
  readonly marks: number;
}

export interface Manner {
  /** Records that are stepped at a time. */
  readonly batch?: number;
  /** After each happening the stage loses a checkpoint and is opened anew. */
  readonly disturbed?: boolean;
  /** How often time is told between happenings, ms. */
  readonly tickMs?: number;
  /** Where it is kept; in memory by default. */
  readonly stores?: LosingStores;
  /** What else runs over the same stores; called whenever time has passed. */
  readonly beside?: (stores: LosingStores, now: () => number) => Promise<() => Promise<number>>;
}

/** Plays happenings in their order, and time until an instant after the last. */
export async function play(
  happenings: readonly Happening[],
  until: string,
  manner: Manner = {},
  rules: RuleSet = RULES,
): Promise<Played> {
  const { batch = 100, disturbed = false, tickMs = Infinity, stores = openLosingStores(), beside } = manner;
  const { logs, state, losing } = stores;
  let serial = 0;
  let clock = happenings[0]?.at ?? 0;
  const open = async () => {
    const nonce = () => `n${serial++}`;
    const options = { rules, logs, state, nonce, probe: () => undefined, batch, clock: () => clock };
    const alert = new Alert(options);
    await alert.open();
    return alert;
  };
  let alert = await open();
  const other = (await beside?.(stores, () => clock)) ?? (async () => 0);
  const pass = async (to: number) => {
    clock = to;
    if (disturbed) {
      await losing(() => alert.run());
      alert = await open();
    }
    while ((await alert.run()) + (await other()) > 0);
  };
  const ordinals = new Map<string, number>();
  const instants = [...new Set(happenings.map(({ at }) => at))];
  for (const at of instants) {
    while (clock + tickMs < at) await pass(clock + tickMs);
    await pass(at);
    const together = happenings.filter((one) => one.at === at);
    await logs.inbox.append(
      0,
      together.map(({ record }) => encodeJson(record(ordinals))),
    );
    await pass(at + 1);
  }
  const end = local(until);
  while (clock + tickMs < end) await pass(clock + tickMs);
  await pass(end + 1);
  const book = new WarningBook(state, rules);
  const states = new Map<string, AlertState | undefined>();
  for (const warning of ordinals.keys()) states.set(warning, await book.get(warning));
  const inbox = (await logs.inbox.read(0, 0, 100_000)).map(({ value }) => decodeJson<InboxRecord>(value));
  const deliveries = (await fresh<DeliveryRecord>(logs.deliveries)).map(({ delivery }) => delivery);
  return {
    deliveries,
    pushes: deliveries.map(pushOf),
    states,
    state: (name = 'a') => states.get(idOf(name)) ?? fail(`no warning ${name}`),
    notes: (
      await fresh<{ origin: DeliveryRecord['origin']; alert: { code: string; clock: number } }>(logs.operator)
    ).map(({ alert: { code, clock: at } }) => ({ code, clock: at })),
    taken: (await fresh<TakenRecord>(logs.actions)).map(({ taken }) => taken),
    untold: (await fresh<WithheldRecord>(logs.withheld)).map(({ withholding }) => withholding),
    book,
    logs,
    marks: inbox.filter(({ kind }) => kind === 'mark').length,
  };
}

const RULES = rulesOf();
const HOUR_MS = 3_600_000;
const between = (from: number, to: number) => (at: unknown) =>
  typeof at === 'number' && at >= from && at <= to;

/**
 * Plays a time line whole, one record at a time, with every checkpoint lost once, and on a disk with deliveries to a
 * channel: all must be alike.
 */
export async function played(
  happenings: readonly Happening[],
  until: string,
  rules: RuleSet = RULES,
): Promise<Played> {
  const whole = await play(happenings, until, {}, rules);
  for (const manner of [{ batch: 1 }, { disturbed: true }, { tickMs: HOUR_MS }]) {
    const other = await play(happenings, until, manner, rules);
    expect(other.pushes).toEqual(whole.pushes);
    expect(other.notes).toEqual(whole.notes);
    expect(other.taken).toEqual(whole.taken);
    expect(other.untold).toEqual(whole.untold);
    expect(other.states).toEqual(whole.states);
  }
  const { life, received } = await playEmbedded(happenings, until, HOUR_MS, rules);
  expect(life.pushes).toEqual(whole.pushes);
  expect([...received.keys()].sort()).toEqual(whole.deliveries.map(({ id }) => id).sort());
  for (const { id, at } of whole.deliveries) expect(received.get(id)).toSatisfy(between(at, at + HOUR_MS));
  return whole;
}

/** What was told, as lines of when, whom and what. */
export const told = ({ pushes }: Played) => pushes.map(({ at, to, kind }) => `${at} ${to} ${kind}`);

function pushOf({ at, department, warning, body }: DeliveryRecord['delivery']): Push {
  const { kind, message } = body as { kind: string; message: string };
  const name = Buffer.from(warning, 'hex').toString().replace(/\0+$/, '');
  return { at: clockOf(at), to: department, kind, message, name };
}

async function fresh<T extends Pick<DeliveryRecord, 'origin'>>(log: {
  read(partition: number, offset: number, limit: number): Promise<{ value: Uint8Array }[]>;
}): Promise<T[]> {
  const filter = new OriginFilter({});
  const stored = await log.read(0, 0, 100_000);
  return stored.map(({ value }) => decodeJson<T>(value)).filter(({ origin }) => filter.admit(origin));
}

function fail(message: string): never {
  throw new Error(message);
}

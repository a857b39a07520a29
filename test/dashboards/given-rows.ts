// Rows that every query of a dashboard is asked over in tests: few, and each figure can be counted by hand.
import { SHADOW as ON_TRIAL, warningId } from '../../src/engine/transition.js';
import type { Row } from '../../src/ports/warehouse.js';

const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;
/** Now, at the beginning of an hour. */
export const NOW = Math.floor(Date.now() / HOUR_MS) * HOUR_MS;
/** Noon of days ago in China, so that the day is the same in every zone of the country. */
export const noon = (daysAgo: number) => {
  const days = Math.floor((NOW + 8 * HOUR_MS) / DAY_MS) - daysAgo;
  return days * DAY_MS + 4 * HOUR_MS;
};
/** The day of an instant in China, as the warehouse says the beginning of it. */
export const dayOf = (instant: number) =>
  new Date(Math.floor((instant + 8 * HOUR_MS) / DAY_MS) * DAY_MS - 8 * HOUR_MS)
    .toISOString()
    .replace('.000', '');
export const idOf = (name: string) => name.padEnd(32, '0');

let offset = 0;
const event = (stream: string, key: string, daysAgo: number, data: Row, more: Row = {}): Row => {
  const scope = stream === 'sensor-reading' ? 'device' : 'subject';
  const at = noon(daysAgo);
  const place = { region: '110105', industry: 'H6210', domains: ['food'] };
  return {
    ...{ partition: 0, offset: offset++, id: `e${offset}`, stream, source: 'urn:a', scope, key, ...place },
    ...{ time: at, at, sign: 1, data: JSON.stringify(data), ...more },
  };
};
const reading = (device: string, daysAgo: number, value: number, quality = 'good') =>
  event('sensor-reading', device, daysAgo, { metric: 'voc', value, quality }, { domains: [] });

const penalty = event('penalty', 's1', 3, { document: '罚1', amount: 10_000 });
export const EVENTS: readonly Row[] = [
  event('registration', 's1', 30, { kind: 'enterprise', name: '甲店', credit: 'B' }),
  event('complaint', 's1', 2, { category: '油烟' }),
  event('complaint', 's1', 2, { category: '异味' }),
  event(
    'complaint',
    's2',
    1,
    { category: '异味' },
    { region: '110108', industry: 'F5211', domains: ['gas'] },
  ),
  event('credit-change', 's1', 5, { credit: 'C', kind: 'evaluation', reason: '复评' }),
  penalty,
  // The penalty is taken back.
  event('penalty', 's1', 1, {}, { sign: 0, verdict: 'revokes' }),
  { ...penalty, sign: -1, verdict: 'revoked', cause_offset: 6 },
  reading('d1', 2, 4),
  reading('d1', 2, 8, 'bad'),
  reading('d2', 1, 6),
  event(
    'registration',
    'd1',
    9,
    { kind: 'device' },
    { scope: 'device', region: '', industry: '', domains: [] },
  ),
];

const profile = (
  key: string,
  name: string,
  region: string,
  industry: string,
  domain: string,
  credit: string,
): Row => ({
  ...{
    partition: 0,
    offset: offset++,
    version: offset,
    sign: 1,
    since: noon(30),
    scope: 'subject',
    key,
    name,
  },
  ...{ kind: 'enterprise', region, industry, domains: [domain], tags: ['食品经营'], owner: '', credit },
  ...{ status: 'active', cadence: null },
});
const owned = (key: string, name: string): Row => ({
  ...profile(key, name, '110105', '', 'food', ''),
  ...{ scope: 'device', kind: 'device', owner: 's1' },
});
const sold = owned('d2', '丙表');
export const PROFILES: readonly Row[] = [
  profile('s1', '甲店', '110105', 'H6210', 'food', 'C'),
  profile('s2', '乙站', '110108', 'F5211', 'gas', ''),
  owned('d1', '甲表'),
  owned('d9', '乙表'),
  // Sold: it is of nobody.
  sold,
  { ...sold, offset: offset++, sign: -1 },
];

const standing = (name: string, daysAgo: number, more: Row): Row => ({
  ...{
    partition: 0,
    sign: 1,
    at: noon(daysAgo),
    warning: idOf(name),
    raised: noon(daysAgo),
    item: 'food-operation',
  },
  ...{ model: 'food/a', domain: 'food', scope: 'subject', key: 's1', name: '甲店', region: '110105' },
  ...{ industry: 'H6210', credit: 'B', status: 'pushed', level: 'red', gravest: 'red', lead: 'market' },
  ...{ departments: ['market'], finding: '', harm: null, signed_at: null, closed_at: null, joint: false },
  ...{ drawn: false, items: [], title: '某类预警', ...more },
});
const at = (row: Row, place: number, version = place, sign = 1): Row => ({
  ...row,
  offset: place,
  version,
  sign,
});
const open = standing('a', 2, {});
const before = standing('b', 2, { level: 'orange', gravest: 'orange', signed_at: noon(2) + HOUR_MS });
const closed = {
  ...before,
  status: 'closed',
  level: 'none',
  finding: 'confirmed',
  harm: noon(2) + 12 * HOUR_MS,
};
const gone = standing('c', 1, { status: 'withdrawn', level: 'none', gravest: 'yellow' });
const gas = standing('d', 1, {
  ...{ model: 'gas/b', domain: 'gas', key: 's2', name: '乙站', region: '110108', industry: 'F5211' },
  ...{ level: 'yellow', gravest: 'yellow', lead: 'housing', departments: ['housing', 'fire'], joint: true },
  ...{ items: ['gas-safety', 'fire'], title: '联合检查' },
});
const refuted = {
  ...standing('e', 2, { gravest: 'blue', level: 'none', status: 'closed', finding: 'not-confirmed' }),
};
const device = standing('f', 1, {
  scope: 'device',
  key: 'd1',
  gravest: 'blue',
  level: 'blue',
  status: 'fed-back',
});
/** What a model on trial said of a subject, which nobody was told. */
export const onTrial = (key: string, daysAgo: number, more: Row = {}) => ({
  ...standing('', daysAgo, { model: 'food/t', key, level: 'orange', gravest: 'orange', status: 'quiet' }),
  ...{ warning: warningId(ON_TRIAL, 'food/t', `subject:${key}`, noon(daysAgo)), ...more },
});
/** It was raised by history, so nobody was told. */
const filled = standing('q', 2, { key: 's3', status: 'quiet', gravest: 'yellow', level: 'yellow' });
export const CASES: readonly Row[] = [
  at(open, 0),
  at(before, 1),
  at(before, 2, 1, -1),
  at(closed, 2),
  at(gone, 3),
  at(gas, 4),
  at(refuted, 5),
  at(device, 6),
  at(onTrial('s3', 2), 7),
  at(filled, 8),
];

const duty = (name: string, department: string, kind: string, more: Row): Row => ({
  ...{ partition: 0, offset: 0, version: 0, sign: 1, warning: idOf(name), raised: noon(2), model: 'food/a' },
  ...{
    domain: 'food',
    level: 'red',
    kind,
    department,
    began: noon(2),
    due_at: null,
    done_at: null,
    frozen: null,
  },
  ...{ outcome: 'open', ...more },
});
const met = (name: string, outcome: string): Row =>
  duty(name, 'market', 'sign', {
    ...{ due_at: noon(2) + 2 * HOUR_MS, done_at: noon(2) + (outcome === 'kept' ? 1 : 5) * HOUR_MS, outcome },
  });
export const DEADLINES: readonly Row[] = [
  duty('a', 'market', 'sign', { due_at: NOW - DAY_MS }),
  duty('a', 'market', 'feedback', { due_at: NOW + DAY_MS }),
  // Its clock stood still before its time was over.
  duty('f', 'market', 'sign', { due_at: NOW - DAY_MS, frozen: NOW - 2 * DAY_MS }),
  duty('d', 'housing', 'close', { due_at: NOW + 9 * DAY_MS, domain: 'gas', model: 'gas/b', level: 'yellow' }),
  met('b', 'kept'),
  met('e', 'missed'),
  // Owed no more.
  duty('c', 'market', 'sign', { due_at: NOW - DAY_MS }),
  duty('c', 'market', 'sign', { due_at: NOW - DAY_MS, sign: -1 }),
];

const transition = (name: string, daysAgo: number, place: number, more: Row = {}): Row => ({
  ...{
    warning: idOf(name),
    ordinal: 0,
    model: 'food/a',
    domain: 'food',
    item: 'food-operation',
    scope: 'subject',
  },
  ...{ key: 's1', name: '甲店', region: '110105', industry: 'H6210', level: 'red', previous: 'none' },
  ...{ clock: noon(daysAgo), raised: noon(daysAgo), reason: 'raised', quiet: false, departments: ['market'] },
  ...{ revision: 'r', indicators: '{"n":4}', params: '{}', title: '某类预警', partition: 0, offset: place },
  ...more,
});
export const WARNINGS: readonly Row[] = [
  transition('a', 2, 0),
  transition('b', 2, 1, { level: 'orange', indicators: '{"n":2}' }),
  transition('d', 1, 2, {
    model: 'gas/b',
    domain: 'gas',
    key: 's2',
    region: '110108',
    indicators: '{"leaks":1}',
  }),
  transition('f', 1, 3, { scope: 'device', key: 'd1', level: 'blue', indicators: '{}' }),
  // Of a device that was sold.
  transition('g', 1, 4, { scope: 'device', key: 'd2', level: 'blue', indicators: '{}' }),
  transition('', 2, 5, {
    ...{ warning: onTrial('s3', 2).warning, model: 'food/t', key: 's3', quiet: true, indicators: '{}' },
  }),
];

const shadow = (name: string, daysAgo: number): Row => {
  const { offset: _offset, ...row } = transition(name, daysAgo, 0);
  return { ...row, replay: 'trial', run: 'r1' };
};
export const SHADOW: readonly Row[] = [shadow('a', 2), shadow('x', 2)];
export const REPLAYS: readonly Row[] = [
  {
    ...{ partition: 0, replay: 'trial', run: 'r1', revision: 'r', span_from: noon(10), span_to: NOW },
    ...{ finished: NOW, transitions: 2, summary: '{}' },
  },
];

const letter = (place: number, code: string): Row => ({
  ...{ at: NOW, code, message: 'm', source: 'urn:b', original: 'o', length: 3, partition: 0, offset: place },
});
export const LETTERS: readonly Row[] = [
  letter(0, 'EVENT_DATA'),
  letter(1, 'EVENT_TIME'),
  letter(2, 'EVENT_DATA'),
];

const delivery = (place: number, department: string, state: string): Row => ({
  ...{ id: `m${place}`, warning: idOf('a'), ordinal: 0, department, role: 'lead', channel: 'inbox' },
  ...{ at: noon(2), state, partition: 0, offset: place },
});
export const DELIVERIES: readonly Row[] = [
  delivery(0, 'market', 'delivered'),
  delivery(1, 'market', 'undeliverable'),
  delivery(2, 'housing', 'delivered'),
];

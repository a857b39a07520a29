// Models of the simulated strata that read events: at their own keys, and from other keys.
import { counts, DAY, differing, has, HOUR, num, text, total, type StrataModel } from './strata-model.js';

export const FROM_THE_LOG: readonly StrataModel[] = [
  {
    name: 'sim/a-complaints',
    scope: 'subject',
    stratum: 0,
    item: 'item-a',
    forMs: 0,
    holdMs: DAY,
    readsProfile: true,
    yaml: `
params: { many: { default: 4, by: subject.credit, A: 5, D: 3 } }
indicators: { complaints: { from: complaint, where: '"x" in subject.tags', count: '*', over: 5d } }
levels: { red: 'complaints >= params.many', orange: 'complaints >= 3', blue: 'complaints >= 1' }`,
    indicators: {
      complaints: { from: ['complaint'], over: 5 * DAY, where: ({ own }) => has(own, 'x') },
    },
    figures: counts('complaints'),
    levels: ({ complaints }, { credit }) => [
      { level: 'red', on: num(complaints) >= (credit === 'A' ? 5 : credit === 'D' ? 3 : 4) },
      { level: 'orange', on: num(complaints) >= 3 },
      { level: 'blue', on: num(complaints) >= 1 },
    ],
  },
  {
    name: 'sim/b-penalties',
    scope: 'subject',
    stratum: 0,
    item: 'item-b',
    forMs: 12 * HOUR,
    holdMs: 0,
    readsProfile: true,
    yaml: `
where: '"x" in subject.tags || subject.credit == "D"'
indicators: { fined: { from: penalty, sum: 'event.amount', over: 8d, basis: arrival } }
levels: { red: 'fined > 150', yellow: 'fined > 40' }`,
    indicators: {
      fined: {
        from: ['penalty'],
        over: 8 * DAY,
        basis: 'arrival',
        where: ({ data }) => data['amount'] !== undefined,
      },
    },
    applies: (own) => has(own, 'x') || own['credit'] === 'D',
    figures: (windows) => ({ fined: total(windows.data('fined'), 'amount') }),
    levels: ({ fined }) => [
      { level: 'red', on: num(fined) > 150 },
      { level: 'yellow', on: num(fined) > 40 },
    ],
  },
  {
    name: 'sim/c-inspections',
    scope: 'subject',
    stratum: 0,
    item: 'item-c',
    forMs: 0,
    holdMs: 6 * HOUR,
    yaml: `
indicators: { failed: { from: inspection, where: 'event.result == "fail"', count: '*', over: 9d } }
levels: { orange: 'failed >= 2', yellow: 'failed >= 1' }`,
    indicators: {
      failed: { from: ['inspection'], over: 9 * DAY, where: ({ data }) => data['result'] === 'fail' },
    },
    figures: counts('failed'),
    levels: ({ failed }) => [
      { level: 'orange', on: num(failed) >= 2 },
      { level: 'yellow', on: num(failed) >= 1 },
    ],
  },
  {
    name: 'sim/device-hot',
    scope: 'device',
    stratum: 0,
    item: 'item-b',
    forMs: 0,
    holdMs: 6 * HOUR,
    yaml: `
indicators: { hot: { from: sensor-reading, where: 'event.value > 50', count: '*', over: 2d } }
levels: { orange: 'hot >= 3', yellow: 'hot >= 1' }`,
    indicators: {
      hot: { from: ['sensor-reading'], over: 2 * DAY, where: ({ data }) => num(data['value']) > 50 },
    },
    figures: counts('hot'),
    levels: ({ hot }) => [
      { level: 'orange', on: num(hot) >= 3 },
      { level: 'yellow', on: num(hot) >= 1 },
    ],
  },
  {
    name: 'sim/place-noise',
    scope: 'place',
    stratum: 0,
    item: 'item-c',
    forMs: 0,
    holdMs: 12 * HOUR,
    yaml: `
indicators: { complaints: { from: complaint, count: '*', over: 4d } }
levels: { orange: 'complaints >= 2', blue: 'complaints >= 1' }`,
    indicators: { complaints: { from: ['complaint'], over: 4 * DAY } },
    figures: counts('complaints'),
    levels: ({ complaints }) => [
      { level: 'orange', on: num(complaints) >= 2 },
      { level: 'blue', on: num(complaints) >= 1 },
    ],
  },
];

export const FROM_OTHER_KEYS: readonly StrataModel[] = [
  {
    name: 'sim/owner-readings',
    scope: 'subject',
    stratum: 1,
    item: 'item-a',
    forMs: 0,
    holdMs: 3 * HOUR,
    yaml: `
indicators:
  high: { from: sensor-reading, where: 'event.value > 60 && subject.credit != "A"', count: '*', over: 3d }
  complaints: { from: complaint, count: '*', over: 3d }
levels: { red: 'high >= 2 && complaints >= 1', blue: 'high >= 1' }`,
    indicators: {
      high: {
        from: ['sensor-reading'],
        over: 3 * DAY,
        where: ({ data, own }) => num(data['value']) > 60 && (own['credit'] ?? 'A') !== 'A',
      },
      complaints: { from: ['complaint'], over: 3 * DAY },
    },
    figures: counts('high', 'complaints'),
    levels: ({ high, complaints }) => [
      { level: 'red', on: num(high) >= 2 && num(complaints) >= 1 },
      { level: 'blue', on: num(high) >= 1 },
    ],
  },
  {
    name: 'sim/region-complaints',
    scope: 'region',
    stratum: 1,
    item: 'item-a',
    forMs: 0,
    holdMs: 12 * HOUR,
    yaml: `
indicators:
  many: { from: complaint, where: '"x" in subject.tags', count: '*', over: 6d }
  people: { from: complaint, distinct: 'event.complainant', over: 4d }
  silent: { from: complaint, absent: true, over: 3d }
levels: { orange: 'many >= 4', yellow: 'many >= 2 && people >= 2', blue: 'silent' }`,
    indicators: {
      many: { from: ['complaint'], over: 6 * DAY, where: ({ subject }) => has(subject, 'x') },
      people: {
        from: ['complaint'],
        over: 4 * DAY,
        where: ({ data }) => data['complainant'] !== undefined,
      },
      silent: { from: ['complaint'], over: 3 * DAY, absent: true },
    },
    figures: (windows) => ({
      many: windows.data('many').length,
      people: differing(windows.data('people'), 'complainant'),
      silent: windows.absent('silent'),
    }),
    levels: ({ many, people, silent }) => [
      { level: 'orange', on: num(many) >= 4 },
      { level: 'yellow', on: num(many) >= 2 && num(people) >= 2 },
      { level: 'blue', on: silent === true },
    ],
  },
  {
    name: 'sim/industry-mixed',
    scope: 'industry',
    stratum: 1,
    item: 'item-c',
    forMs: 3 * HOUR,
    holdMs: 0,
    yaml: `
indicators:
  heard: { from: [complaint, inspection], count: '*', over: 5d }
  changed: { from: registration, where: 'subject.kind == "enterprise"', count: '*', over: 6d }
  still: { from: registration, absent: true, over: 5d }
levels: { red: 'heard >= 8', yellow: 'heard >= 3 && changed >= 2', blue: 'still' }
clear: { red: 'changed == 0' }`,
    indicators: {
      heard: { from: ['complaint', 'inspection'], over: 5 * DAY },
      changed: {
        from: ['registration'],
        over: 6 * DAY,
        where: ({ subject }) => subject['kind'] === 'enterprise',
      },
      still: { from: ['registration'], over: 5 * DAY, absent: true },
    },
    figures: (windows) => ({ ...counts('heard', 'changed')(windows), still: windows.absent('still') }),
    levels: ({ heard, changed, still }) => [
      { level: 'red', on: num(heard) >= 8, clear: changed === 0 },
      { level: 'yellow', on: num(heard) >= 3 && num(changed) >= 2 },
      { level: 'blue', on: still === true },
    ],
  },
  {
    name: 'sim/both-fines',
    scope: 'region+industry',
    stratum: 1,
    item: 'item-b',
    forMs: 0,
    holdMs: 4 * HOUR,
    yaml: `
indicators:
  fined: { from: penalty, where: 'subject.credit in ["C", "D"]', sum: 'event.amount', over: 7d }
  hot: { from: sensor-reading, where: 'event.value > 50 && subject.kind == "device"', count: '*', over: 2d }
levels: { orange: 'fined > 100', yellow: 'fined > 30 || hot >= 2' }`,
    indicators: {
      fined: {
        from: ['penalty'],
        over: 7 * DAY,
        where: ({ data, subject }) =>
          ['C', 'D'].includes(text(subject['credit'])) && data['amount'] !== undefined,
      },
      hot: {
        from: ['sensor-reading'],
        over: 2 * DAY,
        where: ({ data, subject }) => num(data['value']) > 50 && subject['kind'] === 'device',
      },
    },
    figures: (windows) => ({
      fined: total(windows.data('fined'), 'amount'),
      hot: windows.data('hot').length,
    }),
    levels: ({ fined, hot }) => [
      { level: 'orange', on: num(fined) > 100 },
      { level: 'yellow', on: num(fined) > 30 || num(hot) >= 2 },
    ],
  },
  {
    name: 'sim/owned-device',
    scope: 'device',
    stratum: 2,
    item: 'item-a',
    forMs: 0,
    holdMs: 4 * HOUR,
    readsProfile: true,
    readsOwner: true,
    yaml: `
indicators:
  high: { from: sensor-reading, where: 'event.value > 40 && subject.credit != "A"', count: '*', over: 3d }
levels:
  red: 'high >= 3 && subject.credit == "D"'
  orange: 'high >= 2 && "x" in subject.tags'
  blue: 'high >= 1 && device.region != "330108"'`,
    indicators: {
      high: {
        from: ['sensor-reading'],
        over: 3 * DAY,
        where: ({ data, subject }) => num(data['value']) > 40 && (subject['credit'] ?? 'A') !== 'A',
      },
    },
    figures: counts('high'),
    levels: ({ high }, own, owner) => [
      { level: 'red', on: num(high) >= 3 && owner['credit'] === 'D' },
      { level: 'orange', on: num(high) >= 2 && has(owner, 'x') },
      { level: 'blue', on: num(high) >= 1 && (own['region'] ?? '330108') !== '330108' },
    ],
  },
  {
    name: 'sim/owned-only',
    scope: 'device',
    stratum: 2,
    item: 'item-c',
    forMs: 0,
    holdMs: DAY,
    readsOwner: true,
    yaml: `
indicators: { any: { from: sensor-reading, count: '*', over: 4d } }
levels: { orange: 'any >= 2 && subject.region == "330106"', yellow: 'any >= 1 && subject.credit in ["C", "D"]' }`,
    indicators: { any: { from: ['sensor-reading'], over: 4 * DAY } },
    figures: counts('any'),
    levels: ({ any }, _own, owner) => [
      { level: 'orange', on: num(any) >= 2 && owner['region'] === '330106' },
      { level: 'yellow', on: num(any) >= 1 && ['C', 'D'].includes(text(owner['credit'])) },
    ],
  },
];

// Models of the simulated strata that read the warnings of others.
import { counts, DAY, differing, grave, has, HOUR, num, stands, type StrataModel } from './strata-model.js';

export const FROM_WARNINGS: readonly StrataModel[] = [
  {
    name: 'sim/joint-low',
    scope: 'subject',
    stratum: 1,
    item: 'item-b',
    forMs: 2 * HOUR,
    holdMs: 5 * HOUR,
    yaml: `
indicators:
  open:
    from: warning
    where: 'event.model in ["sim/a-complaints", "sim/c-inspections"] && event.level != "none"'
    count: '*'
    over: 10d
levels: { orange: 'open >= 2', yellow: 'open >= 1' }`,
    indicators: {
      open: {
        from: ['warning'],
        over: 10 * DAY,
        of: ['sim/a-complaints', 'sim/c-inspections'],
        where: stands,
      },
    },
    figures: counts('open'),
    levels: ({ open }) => [
      { level: 'orange', on: num(open) >= 2 },
      { level: 'yellow', on: num(open) >= 1 },
    ],
  },
  {
    name: 'sim/region-joint',
    scope: 'region',
    stratum: 2,
    item: 'item-c',
    forMs: HOUR,
    holdMs: 8 * HOUR,
    yaml: `
indicators:
  keys:
    from: warning
    where: 'event.model in ["sim/a-complaints", "sim/device-hot", "sim/place-noise", "sim/region-complaints"] && event.level != "none"'
    distinct: 'event.key'
    over: 6d
  dear:
    from: warning
    where: 'event.model in ["sim/a-complaints", "sim/b-penalties"] && subject.credit == "D" && event.level != "none"'
    count: '*'
    over: 8d
    basis: arrival
levels: { red: 'dear >= 1 && keys >= 2', orange: 'keys >= 3', blue: 'keys >= 2' }`,
    indicators: {
      keys: {
        from: ['warning'],
        over: 6 * DAY,
        of: ['sim/a-complaints', 'sim/device-hot', 'sim/place-noise', 'sim/region-complaints'],
        where: stands,
      },
      dear: {
        from: ['warning'],
        over: 8 * DAY,
        basis: 'arrival',
        of: ['sim/a-complaints', 'sim/b-penalties'],
        where: (seen) => seen.subject['credit'] === 'D' && stands(seen),
      },
    },
    figures: (windows) => ({
      keys: differing(windows.data('keys'), 'key'),
      dear: windows.data('dear').length,
    }),
    levels: ({ keys, dear }) => [
      { level: 'red', on: num(dear) >= 1 && num(keys) >= 2 },
      { level: 'orange', on: num(keys) >= 3 },
      { level: 'blue', on: num(keys) >= 2 },
    ],
  },
  {
    name: 'sim/joint-any',
    scope: 'subject',
    stratum: 3,
    item: 'item-a',
    forMs: 0,
    holdMs: 2 * DAY,
    task: true,
    yaml: `
indicators:
  departments: { from: warning, where: 'event.level in ["red", "orange"]', distinct: 'event.department', over: 10d }
  open: { from: warning, where: 'event.level != "none"', count: '*', over: 5d }
levels: { red: 'departments >= 2', orange: 'departments >= 1 && open >= 2' }
task: { merge: items, within: 10 workdays }`,
    indicators: {
      departments: { from: ['warning'], over: 10 * DAY, where: grave },
      open: { from: ['warning'], over: 5 * DAY, where: stands },
    },
    figures: (windows) => ({
      departments: differing(windows.data('departments'), 'department'),
      open: windows.data('open').length,
    }),
    levels: ({ departments, open }) => [
      { level: 'red', on: num(departments) >= 2 },
      { level: 'orange', on: num(departments) >= 1 && num(open) >= 2 },
    ],
  },
  {
    name: 'sim/joint-of-joints',
    scope: 'subject',
    stratum: 4,
    item: 'item-c',
    forMs: 0,
    holdMs: DAY,
    readsProfile: true,
    yaml: `
indicators:
  open: { from: warning, where: 'event.model in ["sim/joint-any", "sim/joint-low"] && event.level != "none" && subject.credit != "A"', count: '*', over: 9d }
  over: { from: warning, where: 'event.model == "sim/joint-any" && event.level == "none"', count: '*', over: 6d, basis: arrival }
levels: { red: 'open >= 2', yellow: 'open >= 1 && "x" in subject.tags', blue: 'over >= 1' }`,
    indicators: {
      open: {
        from: ['warning'],
        over: 9 * DAY,
        of: ['sim/joint-any', 'sim/joint-low'],
        where: (seen) => (seen.own['credit'] ?? 'A') !== 'A' && stands(seen),
      },
      over: {
        from: ['warning'],
        over: 6 * DAY,
        basis: 'arrival',
        of: ['sim/joint-any'],
        where: ({ data }) => data['level'] === 'none',
      },
    },
    figures: counts('open', 'over'),
    levels: ({ open, over }, own) => [
      { level: 'red', on: num(open) >= 2 },
      { level: 'yellow', on: num(open) >= 1 && has(own, 'x') },
      { level: 'blue', on: num(over) >= 1 },
    ],
  },
  {
    name: 'sim/industry-open',
    scope: 'industry',
    stratum: 3,
    item: 'item-b',
    forMs: 0,
    holdMs: 0,
    yaml: `
indicators:
  red: { from: warning, where: 'event.level == "red"', count: '*', over: 7d }
  quiet: { from: warning, absent: true, over: 4d }
levels: { orange: 'red >= 2', yellow: 'red >= 1', blue: 'quiet' }`,
    indicators: {
      red: { from: ['warning'], over: 7 * DAY, where: ({ data }) => data['level'] === 'red' },
      quiet: { from: ['warning'], over: 4 * DAY, absent: true },
    },
    figures: (windows) => ({ red: windows.data('red').length, quiet: windows.absent('quiet') }),
    levels: ({ red, quiet }) => [
      { level: 'orange', on: num(red) >= 2 },
      { level: 'yellow', on: num(red) >= 1 },
      { level: 'blue', on: quiet === true },
    ],
  },
];

// Models of the simulated strata at places, and those that join the warnings of a place.
import { counts, DAY, differing, HOUR, num, stands, type StrataModel } from './strata-model.js';

const ITS_OWN = ['sim/place-noise', 'sim/place-moved'];

export const FROM_PLACES: readonly StrataModel[] = [
  {
    name: 'sim/place-moved',
    scope: 'place',
    stratum: 0,
    item: 'item-a',
    forMs: 0,
    holdMs: 6 * HOUR,
    yaml: `
indicators: { changed: { from: registration, count: '*', over: 3d } }
levels: { orange: 'changed >= 2', yellow: 'changed >= 1' }`,
    indicators: { changed: { from: ['registration'], over: 3 * DAY } },
    figures: counts('changed'),
    levels: ({ changed }) => [
      { level: 'orange', on: num(changed) >= 2 },
      { level: 'yellow', on: num(changed) >= 1 },
    ],
  },
  {
    name: 'sim/place-joint',
    scope: 'place',
    stratum: 1,
    item: 'item-b',
    forMs: 0,
    holdMs: 6 * HOUR,
    task: true,
    yaml: `
indicators:
  many:
    from: warning
    where: 'event.model in ["sim/place-noise", "sim/place-moved"] && event.level != "none"'
    distinct: 'event.model'
    over: 5d
  after:
    sequence:
      - { from: warning, where: 'event.model == "sim/place-moved"' }
      - { from: complaint, where: 'event.complainant != "p:0"', within: 30h }
    over: 4d
levels: { red: 'many >= 2', orange: 'after >= 2', blue: 'after + many >= 1' }
task: { merge: items, within: 3 workdays }`,
    indicators: {
      many: { from: ['warning'], over: 5 * DAY, of: ITS_OWN, where: stands },
      after: {
        from: ['warning', 'complaint'],
        over: 4 * DAY,
        of: ['sim/place-moved'],
        sequence: [
          { from: ['warning'] },
          {
            from: ['complaint'],
            where: ({ data }) => data['complainant'] !== undefined && data['complainant'] !== 'p:0',
            within: 30 * HOUR,
          },
        ],
      },
    },
    figures: (windows) => ({
      many: differing(windows.data('many'), 'model'),
      after: windows.matches('after'),
    }),
    levels: ({ many, after }) => [
      { level: 'red', on: num(many) >= 2 },
      { level: 'orange', on: num(after) >= 2 },
      { level: 'blue', on: num(after) + num(many) >= 1 },
    ],
  },
  {
    name: 'sim/place-open',
    scope: 'place',
    stratum: 3,
    item: 'item-c',
    forMs: HOUR,
    holdMs: 0,
    readsProfile: true,
    yaml: `
indicators:
  open: { from: warning, where: 'event.level != "none" && place.region != "330108"', count: '*', over: 4d }
  quiet: { from: warning, absent: true, over: 3d }
levels: { yellow: 'open >= 1 && place.industry == "F52"', blue: 'quiet' }`,
    indicators: {
      open: {
        from: ['warning'],
        over: 4 * DAY,
        where: (seen) => (seen.own['region'] ?? '330108') !== '330108' && stands(seen),
      },
      quiet: { from: ['warning'], over: 3 * DAY, absent: true },
    },
    figures: (windows) => ({ ...counts('open')(windows), quiet: windows.absent('quiet') }),
    levels: ({ open, quiet }, { industry }) => [
      { level: 'yellow', on: num(open) >= 1 && industry === 'F52' },
      { level: 'blue', on: quiet === true },
    ],
  },
];

// Models of the simulated strata that count what follows on what, where the one or the other is a warning.
import {
  DAY,
  grave,
  HOUR,
  num,
  stands,
  type Figures,
  type StrataModel,
  type Windows,
} from './strata-model.js';

const matches =
  (...names: readonly string[]) =>
  (windows: Windows): Figures =>
    Object.fromEntries(names.map((name) => [name, windows.matches(name)]));
const SPREADING = ['sim/a-complaints', 'sim/place-noise', 'sim/device-hot'];
const quoted = SPREADING.map((name) => `"${name}"`).join(', ');

export const STEPS_OVER_WARNINGS: readonly StrataModel[] = [
  {
    name: 'sim/steps-named',
    scope: 'subject',
    stratum: 1,
    item: 'item-c',
    forMs: 0,
    holdMs: 4 * HOUR,
    task: true,
    yaml: `
indicators:
  chains:
    sequence:
      - { from: warning, where: 'event.model == "sim/a-complaints"' }
      - { from: warning, where: 'event.model == "sim/c-inspections" && event.level != "none"', within: 3d }
    over: 5d
  unanswered:
    sequence:
      - { from: warning, where: 'event.model == "sim/c-inspections"' }
      - { not: inspection, where: 'event.result == "pass"', until: 36h }
    over: 4d
levels: { red: 'chains >= 2', orange: 'chains >= 1 && unanswered >= 1', yellow: 'unanswered >= 1', blue: 'chains >= 1' }
task: { merge: items, within: 10 workdays }`,
    indicators: {
      chains: {
        from: ['warning'],
        over: 5 * DAY,
        of: ['sim/a-complaints', 'sim/c-inspections'],
        sequence: [
          { from: ['warning'], where: ({ data }) => data['model'] === 'sim/a-complaints' },
          {
            from: ['warning'],
            where: (seen) => seen.data['model'] === 'sim/c-inspections' && stands(seen),
            within: 3 * DAY,
          },
        ],
      },
      unanswered: {
        from: ['warning', 'inspection'],
        over: 4 * DAY,
        of: ['sim/c-inspections'],
        sequence: [
          { from: ['warning'] },
          {
            from: ['inspection'],
            where: ({ data }) => data['result'] === 'pass',
            not: true,
            within: 36 * HOUR,
          },
        ],
      },
    },
    figures: matches('chains', 'unanswered'),
    levels: ({ chains, unanswered }) => [
      { level: 'red', on: num(chains) >= 2 },
      { level: 'orange', on: num(chains) >= 1 && num(unanswered) >= 1 },
      { level: 'yellow', on: num(unanswered) >= 1 },
      { level: 'blue', on: num(chains) >= 1 },
    ],
  },
  {
    name: 'sim/steps-apart',
    scope: 'subject',
    stratum: 3,
    item: 'item-b',
    forMs: 2 * HOUR,
    holdMs: 0,
    yaml: `
indicators:
  apart:
    sequence:
      - { as: former, from: warning, where: 'event.level != "none" && subject.credit != "A"' }
      - { from: warning, where: 'event.department != former.department && event.level in ["red", "orange"]', within: 4d }
      - { not: complaint, until: 12h }
    over: 6d
levels: { red: 'apart >= 3', orange: 'apart >= 1' }`,
    indicators: {
      apart: {
        from: ['warning', 'complaint'],
        over: 6 * DAY,
        sequence: [
          { from: ['warning'], where: (seen) => stands(seen) && (seen.own['credit'] ?? 'A') !== 'A' },
          {
            from: ['warning'],
            where: grave,
            join: (data, [former]) => data['department'] !== former?.['department'],
            within: 4 * DAY,
          },
          { from: ['complaint'], not: true, within: 12 * HOUR },
        ],
      },
    },
    figures: matches('apart'),
    levels: ({ apart }) => [
      { level: 'red', on: num(apart) >= 3 },
      { level: 'orange', on: num(apart) >= 1 },
    ],
  },
  {
    name: 'sim/steps-region',
    scope: 'region',
    stratum: 2,
    item: 'item-a',
    forMs: 0,
    holdMs: 5 * HOUR,
    yaml: `
indicators:
  spread:
    sequence:
      - { as: one, from: warning, where: 'event.model in [${quoted}] && event.level != "none"' }
      - { from: warning, where: 'event.model in [${quoted}] && event.key != one.key && event.level != "none"', within: 2d }
    over: 4d
  answered:
    sequence:
      - { from: warning, where: 'event.model == "sim/a-complaints" && subject.credit == "D"' }
      - { from: [complaint, penalty], where: 'subject.kind == "enterprise"', within: 1d }
    over: 5d
levels: { red: 'spread >= 3', orange: 'answered >= 1', blue: 'spread >= 1' }`,
    indicators: {
      spread: {
        from: ['warning'],
        over: 4 * DAY,
        of: SPREADING,
        sequence: [
          { from: ['warning'], where: stands },
          {
            from: ['warning'],
            where: stands,
            join: (data, [one]) => data['key'] !== one?.['key'],
            within: 2 * DAY,
          },
        ],
      },
      answered: {
        from: ['warning', 'complaint', 'penalty'],
        over: 5 * DAY,
        of: ['sim/a-complaints'],
        sequence: [
          { from: ['warning'], where: ({ subject }) => subject['credit'] === 'D' },
          {
            from: ['complaint', 'penalty'],
            where: ({ subject }) => subject['kind'] === 'enterprise',
            within: DAY,
          },
        ],
      },
    },
    figures: matches('spread', 'answered'),
    levels: ({ spread, answered }) => [
      { level: 'red', on: num(spread) >= 3 },
      { level: 'orange', on: num(answered) >= 1 },
      { level: 'blue', on: num(spread) >= 1 },
    ],
  },
];

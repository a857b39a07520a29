// What the queries of risk and of sources answer over the given rows.
import {
  type Expected,
  COMPLAINTS,
  FOOD,
  indexOf,
  iso,
  ON_DEVICE,
  parted,
  tenth,
  thousandth,
  WARNED,
  worth,
} from './expected-parts.js';
import { DAY_MS, noon, NOW } from './given-rows.js';

const [COMPLAINED, RAISED] = [worth([[1.5, 1]]), worth([[5, 1]])];
const FIRST = {
  ...{ key: 's1', name: '甲店', region: '110105', industry: 'H6210', credit: 'C' },
  index: indexOf(worth([...COMPLAINTS, ...WARNED])),
  ...parted(tenth(worth(COMPLAINTS)), tenth(worth(WARNED))),
};
const SECOND = {
  ...{ key: 's2', name: '乙站', region: '110108', industry: 'F5211', credit: '' },
  index: indexOf(COMPLAINED + RAISED),
  ...parted(tenth(COMPLAINED), tenth(RAISED)),
};
/** Of one subject each. */
const THERE = parted(thousandth(worth(COMPLAINTS)), thousandth(worth([...WARNED, ...ON_DEVICE])));
const ELSEWHERE = parted(thousandth(COMPLAINED), thousandth(RAISED));
const POINTS = tenth(worth([...COMPLAINTS, ...WARNED]));
/** Two events of yesterday's noon, which may be more than a day ago; four and one before them. */
const isOfLastDay = noon(1) > NOW + 60_000 - DAY_MS;

export const EXPECTED_RISK: Readonly<Record<string, readonly Expected[]>> = {
  'overview/riskiest': [
    { rows: [FIRST, SECOND] },
    { chosen: FOOD, rows: [FIRST] },
    { chosen: { region: ['110108'] }, rows: [SECOND] },
  ],
  'overview/region-risk': [
    {
      rows: [
        { region: '110105', ...THERE },
        { region: '110108', ...ELSEWHERE },
      ],
    },
    { chosen: { region: ['110108'] }, rows: [{ region: '110108', ...ELSEWHERE }] },
  ],
  'overview/industry-risk': [
    {
      rows: [
        { industry: 'H62', ...THERE },
        { industry: 'F52', ...ELSEWHERE },
      ],
    },
  ],
  'subject/index': [
    { rows: [{ index: tenth(100 * (1 - Math.exp(-POINTS / 100))), points: POINTS, open: 1 }] },
    { chosen: { subject: 'nobody' }, rows: [{ index: 0, points: 0, open: 0 }] },
  ],
  'operations/sources': [
    {
      rows: [
        {
          ...{ source: 'urn:a', latest: iso(noon(1)).replace('.000', '') },
          ...{ hours: (NOW - noon(1)) / 3_600_000, day_total: isOfLastDay ? 2 : 0, usual: 1 },
        },
      ],
    },
  ],
  'operations/refused': [
    {
      rows: [
        { source: 'urn:b', code: 'EVENT_DATA', total: 2 },
        { source: 'urn:b', code: 'EVENT_TIME', total: 1 },
      ],
    },
  ],
};

// Sets of rules that follow each other in tests, of one to three strata, and lives that all of them read.
import type { LogRecord } from '../../src/events/event.js';
import type { RuleSet } from '../../src/model/ruleset.js';
import { setOf } from '../engine/turns.js';
import { generateLog } from './generate.js';

const base = (over: string, orange: number) => `
scope: subject
indicators: { many: { from: complaint, count: '*', over: ${over} } }
levels: { orange: 'many >= ${orange}', blue: 'many >= 2' }
hold: 1d
`;
const region = (over: string) => `
scope: region
indicators: { many: { from: complaint, where: '"x" in subject.tags', count: '*', over: ${over} } }
levels: { yellow: 'many >= 3' }
hold: 6h
`;
const joint = `
scope: subject
indicators: { open: { from: warning, where: 'event.level != "none"', count: '*', over: 20d } }
levels: { red: 'open >= 1' }
`;
const regionJoint = `
scope: region
indicators: { subjects: { from: warning, where: 'event.level == "orange"', distinct: 'event.key', over: 20d } }
levels: { red: 'subjects >= 2', orange: 'subjects >= 1' }
for: 3h
`;
const penalties = `
scope: subject
indicators: { sum: { from: penalty, sum: 'event.amount', over: 15d }, quiet: { from: complaint, absent: true, over: 3d } }
levels: { red: 'sum > 100', blue: 'quiet' }
for: 5h
`;

export const SETS: readonly RuleSet[] = [
  setOf({ 'sim/base': base('7d', 4) }),
  setOf({ 'sim/base': base('7d', 3), 'sim/region': region('9d'), 'sim/joint': joint }),
  setOf({
    'sim/base': base('10d', 4),
    'sim/region': region('9d'),
    'sim/joint': joint,
    'sim/region-joint': regionJoint,
    'sim/penalties': penalties,
  }),
  setOf({ 'sim/region': region('12d'), 'sim/penalties': penalties }),
];
export const rulesOf = (revision: string) => SETS.find((one) => one.revision === revision);

/** A life in two regions. */
export function regionalLife(seed: number, random: () => number): LogRecord[] {
  return generateLog(seed).map((record) =>
    record.kind === 'event' && record.stream === 'registration' && record.revokes === undefined
      ? { ...record, data: { ...record.data, region: random() < 0.5 ? '330106' : '330108' } }
      : record,
  );
}

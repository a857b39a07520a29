// The benchmark's rules as an author would write them, with windows and idle models to taste.
import { loadRules } from '../../src/model/load.js';
import type { RuleSet } from '../../src/model/ruleset.js';

export interface RuleOptions {
  /** Replaces every window of the subject's rules, days; null for those of the rules themselves. */
  readonly windowDays: number | null;
  /** Models in all; those beyond the rules read a stream that the workload does not have. */
  readonly models: number;
}

/** Windows and thresholds, for the rules and for the reference. */
export interface RuleFigures {
  readonly complaintsDays: number;
  readonly failuresDays: number;
  readonly penaltiesDays: number;
  readonly departmentsDays: number;
  readonly followedDays: number;
}

export const MODEL_NAMES = {
  complaints: 'bench/complaints',
  failures: 'bench/failures',
  penalties: 'bench/penalties',
  readings: 'bench/readings',
  departments: 'bench/departments',
  followed: 'bench/followed',
} as const;

/** How long after a failed inspection a complaint follows it, whatever the window. */
export const FOLLOWS_DAYS = 14;

/** How long the levels of the subject's rules outlast their conditions. */
export const HOLD_DAYS = 1;

export function ruleFigures({ windowDays }: RuleOptions): RuleFigures {
  return {
    complaintsDays: windowDays ?? 7,
    failuresDays: windowDays ?? 30,
    penaltiesDays: windowDays ?? 60,
    departmentsDays: windowDays ?? 30,
    followedDays: windowDays ?? 14,
  };
}

const CATALOGUE = {
  'catalogue/items.yaml': `
item: { title: 食品经营监督检查, domain: 食品, lead: lead, cooperating: [], object: 食品经营者, method: 现场检查,
        level: county, legal: [ { law: 中华人民共和国食品安全法, article: 第一百一十条, from: 2015-10-01 } ] }`,
  'catalogue/departments.yaml': 'lead: { name: 市场监督管理局 }',
  'catalogue/regions.yaml': '"110108": 海淀区',
  'catalogue/plans.yaml': `
plan: { title: 核查预案, levels: { orange: { action: 核查, sign_within: 2h, feedback_within: 1 workdays,
        close_within: 5 workdays } } }`,
  'catalogue/calendar.yaml': '{ zone: Asia/Shanghai, years: [2020, 2026], holidays: [], workdays: [] }',
};

/** The text of a model, all but its name, scope and what it reads as that of every other. */
export function modelText(name: string, scope: 'subject' | 'device', rest: string): string {
  return `model: ${name}
title: 基准模型
summary: 用于测量引擎开销的模型。
item: item
scope: ${scope}
plan: plan
advise: 核查。
${rest}`;
}

function modelTexts(figures: RuleFigures): [string, string][] {
  const { complaintsDays, failuresDays, penaltiesDays, departmentsDays, followedDays } = figures;
  const complaints = `complaints: { from: complaint, count: '*', over: ${complaintsDays}d }`;
  const hold = `hold: ${HOLD_DAYS}d`;
  return [
    [MODEL_NAMES.complaints, `indicators:\n  ${complaints}\nlevels: { orange: 'complaints >= 5' }\n${hold}`],
    [
      MODEL_NAMES.failures,
      `indicators:
  failures: { from: inspection, where: 'event.result == "fail"', count: '*', over: ${failuresDays}d }
levels: { orange: 'failures >= 2' }
${hold}`,
    ],
    [
      MODEL_NAMES.penalties,
      `indicators:
  fined: { from: penalty, sum: 'event.amount', over: ${penaltiesDays}d }
levels: { orange: 'fined >= 100000' }
${hold}`,
    ],
    [
      MODEL_NAMES.departments,
      `indicators:
  departments: { from: inspection, distinct: 'event.department', over: ${departmentsDays}d }
  ${complaints}
levels: { orange: 'departments >= 3 && complaints >= 3' }
${hold}`,
    ],
    [
      MODEL_NAMES.followed,
      `indicators:
  followed:
    sequence:
      - { from: inspection, where: 'event.result == "fail"' }
      - { from: complaint, within: ${FOLLOWS_DAYS}d }
    over: ${followedDays}d
levels: { orange: 'followed >= 1' }
${hold}`,
    ],
  ];
}

const READINGS = `indicators:
  mean: { from: sensor-reading, avg: 'event.value', over: 1h }
  readings: { from: sensor-reading, count: '*', over: 1h }
levels: { orange: 'mean > 50 && readings >= 3' }
`;

/** The texts of the rules and of the catalogue, by path. */
export function benchFiles(options: RuleOptions): Map<string, string> {
  const files = new Map<string, string>(Object.entries(CATALOGUE));
  for (const [name, rest] of modelTexts(ruleFigures(options))) {
    files.set(`${name}.yaml`, modelText(name, 'subject', rest));
  }
  files.set(`${MODEL_NAMES.readings}.yaml`, modelText(MODEL_NAMES.readings, 'device', READINGS));
  for (let index = files.size - Object.keys(CATALOGUE).length; index < options.models; index++) {
    const name = `idle/model-${index}`;
    const rest = `indicators:
  opinions: { from: opinion, count: '*', over: ${1 + (index % 365)}d }
levels: { orange: 'opinions >= ${1 + Math.floor(index / 365)}' }
`;
    files.set(`${name}.yaml`, modelText(name, 'subject', rest));
  }
  return files;
}

/** The rules, loaded as those of a site are. @throws Error with the first fault */
export function benchRules(options: RuleOptions): RuleSet {
  const { rules, diagnostics } = loadRules(benchFiles(options));
  const fault = diagnostics.find((diagnostic) => diagnostic.severity === 'error');
  if (rules === null) throw new Error(`the rules of the benchmark do not load: ${JSON.stringify(fault)}`);
  return rules;
}

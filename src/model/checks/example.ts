// The small valid set of rules that examples of checks change, and the files that come of an example.
import { MARK, type Example } from './check.js';

export const EXAMPLE_MODEL = 'food/complaints.yaml';
/** The day on which examples are checked. */
export const EXAMPLE_DAY = '2026-03-01';

const ITEMS = `food-operation:
  title: 食品经营监督检查
  domain: food
  lead: market-regulation
  object: 食品经营者
  method: 现场检查
  level: county
  legal:
    - { law: 中华人民共和国食品安全法, article: 第一百一十条, from: 2015-10-01 }
`;

const PLANS = `food-check:
  title: 食品检查
  levels:
    red: { action: 当日检查, sign_within: 2h, feedback_within: 8h, close_within: 2d }
    orange: { action: 三日内检查, sign_within: 4h, feedback_within: 3d, close_within: 15d }
    yellow: { action: 列入抽查, sign_within: 1d, feedback_within: 5d, close_within: 20d }
`;

const MODEL = `model: food/complaints
title: 食品投诉集中
summary: 七日内投诉达到三件为黄色。
item: food-operation
scope: subject
indicators:
  complaints: { from: complaint, count: '*', over: 7d }
levels:
  yellow: 'complaints >= 3'
plan: food-check
advise: 核查投诉是否属实。
`;

const TESTS = `model: food/complaints
cases:
  - name: 三件投诉为黄色
    events: [{ at: 0d, complaint: { category: 食品 }, times: 3, every: 1d }]
    expect: [{ at: 2d, level: yellow }, { at: 7d, level: none }]
`;

const BASE: ReadonlyMap<string, string> = new Map([
  ['catalogue/items.yaml', ITEMS],
  ['catalogue/departments.yaml', 'market-regulation: { name: 市场监督管理局 }\n'],
  ['catalogue/plans.yaml', PLANS],
  ['catalogue/calendar.yaml', 'zone: Asia/Shanghai\nyears: [2020, 2026]\n'],
  [EXAMPLE_MODEL, MODEL],
  ['food/complaints.test.yaml', TESTS],
]);

/** A set of rules with an example in it. */
export interface ExampleFiles {
  readonly files: ReadonlyMap<string, string>;
  /** The file that the example changes. */
  readonly file: string;
  /** Offset in its text of the place that is named; undefined for what is right. */
  readonly at: number | undefined;
}

/** The files of an example, wrong or right. */
export function exampleFiles(example: Example, side: 'wrong' | 'right'): ExampleFiles {
  const { file = EXAMPLE_MODEL, whole, without = [], beside = {}, besideWrong = {}, gone } = example;
  const more = Object.entries(side === 'wrong' ? { ...beside, ...besideWrong } : beside);
  const files = new Map([...BASE, ...more]);
  const base = whole === true ? '' : (files.get(file) ?? '');
  const text = merged(base, example[side], side === 'wrong' ? without : []);
  if (whole === true && text === '') files.delete(file);
  else files.set(file, text.replace(MARK, ''));
  if (side === 'wrong' && gone !== undefined) files.delete(gone);
  return { files, file, at: side === 'wrong' ? Math.max(text.indexOf(MARK), 0) : undefined };
}

/** A text of YAML with some of its top-level keys, and what stands below them, replaced, added or left out. */
function merged(base: string, change: string, without: readonly string[]): string {
  if (base === '') return change;
  const changes = blocksOf(change);
  const kept = blocksOf(base).filter(([key]) => !without.includes(key));
  const replaced = kept.map(([key, block]) => changes.find(([other]) => other === key)?.[1] ?? block);
  const added = changes.filter(([key]) => !kept.some(([other]) => other === key));
  return [...replaced, ...added.map(([, block]) => block)].join('');
}

/** The top-level keys of a text with their lines. */
function blocksOf(text: string): [key: string, block: string][] {
  const blocks: [string, string][] = [];
  for (const line of text.split(/(?<=\n)/)) {
    const key = /^[^\s#].*?(?=:)/.exec(line)?.[0].replace(MARK, '');
    const last = blocks.at(-1);
    if (key !== undefined || last === undefined) blocks.push([key ?? '', line]);
    else last[1] += line;
  }
  return blocks;
}

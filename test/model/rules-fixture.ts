// A small valid set of rules; tests change one file of it at a time.

const ITEMS = `
food-operation:
  title: 食品经营监督检查
  domain: 食品
  lead: market-regulation
  cooperating: [health]
  object: 食品经营者
  method: 现场检查
  level: county
  legal:
    - { law: 中华人民共和国食品安全法, article: 第一百一十条, from: 2015-10-01 }
elevator:
  title: 电梯使用监督检查
  domain: 特种设备
  lead: market-regulation
  object: 电梯使用单位
  method: 现场检查
  level: county
  legal:
    - { law: 中华人民共和国特种设备安全法, article: 第五十七条, from: 2014-01-01, until: 2030-12-31 }
`;

const DEPARTMENTS = `
market-regulation: { name: 市场监督管理局, superior: government }
health: { name: 卫生健康局 }
government: { name: 人民政府 }
`;

const PLANS = `
food-joint-check:
  title: 食品联合检查
  levels:
    red: { action: 当日联合检查, sign_within: 2h, feedback_within: 1 workdays, close_within: 10 workdays }
    orange: { action: 三日内检查, sign_within: 4h, feedback_within: 3 workdays, close_within: 15 workdays }
    yellow: { action: 列入抽查, sign_within: 1d, feedback_within: 5 workdays, close_within: 20 workdays }
elevator-check:
  title: 电梯检查
  levels:
    orange: { action: 三日内检查, sign_within: 4h, feedback_within: 3 workdays, close_within: 15 workdays }
`;

const CALENDAR = `
zone: Asia/Shanghai
years: [2020, 2026]
holidays: [2025-09-15]
workdays: []
`;

const LISTS = `
banned-additives: { title: 禁用添加物, values: [苏丹红, 三聚氰胺] }
`;

export const COMPLAINTS = `model: food/repeat-complaints
title: 同一食品经营者短期内被反复投诉
summary: 七日内三名以上投诉人投诉同一经营者。
item: food-operation
scope: subject
where: '"食品经营" in subject.tags'
params:
  many: { default: 5, by: subject.credit, A: 8, D: 2.5 }
indicators:
  complaints:   { from: complaint, where: 'event.category.startsWith("食品")', count: '*', over: 7d }
  complainants: { from: complaint, distinct: 'event.complainant', over: 7d }
  failures:     { from: inspection, where: 'event.result == "fail"', count: '*', over: 180d }
  inspections:  { from: inspection, count: '*', over: 180d }
  failure_rate: { value: 'failures / inspections' }
  fined:        { from: penalty, sum: 'event.amount', over: 365d, basis: arrival }
levels:
  red:    'complaints >= 2 * params.many && failures > 0'
  orange: 'complaints >= params.many && complainants >= 3'
  yellow: 'complaints >= 3'
for: 0s
hold: 1d
plan: food-joint-check
advise: 核查是否为同一批次食品；调取近半年检查记录。
`;

export const READINGS = `model: elevator/overload
title: 电梯反复超载
summary: 一小时内多次超载。
item: elevator
scope: device
indicators:
  overloads: { from: sensor-reading, where: 'event.metric == "load" && event.value > device.capacity', count: '*', over: 1h }
levels:
  orange: 'overloads >= 3'
plan: elevator-check
advise: 通知使用单位检修。
`;

/** The fixture with some files replaced, added, or (null) left out. */
export function rulesWith(changes: { readonly [path: string]: string | null } = {}): Map<string, string> {
  const files = new Map<string, string>([
    ['catalogue/items.yaml', ITEMS],
    ['catalogue/departments.yaml', DEPARTMENTS],
    ['catalogue/regions.yaml', '"330100": 杭州市\n'],
    ['catalogue/plans.yaml', PLANS],
    ['catalogue/calendar.yaml', CALENDAR],
    ['catalogue/lists.yaml', LISTS],
    ['food/repeat-complaints.yaml', COMPLAINTS],
    ['elevator/overload.yaml', READINGS],
  ]);
  for (const [path, text] of Object.entries(changes)) {
    if (text === null) files.delete(path);
    else files.set(path, text);
  }
  return files;
}

/** A text of the fixture with one passage replaced, which must be there. */
export function replaced(text: string, from: string, to: string): string {
  if (!text.includes(from)) throw new Error(`the fixture has no "${from}"`);
  return text.replace(from, to);
}

/** A text file of the fixture. */
export function fixtureFile(path: string): string {
  return rulesWith().get(path) ?? '';
}

// A small city: models of three strata on complaints and penalties, by subject, by region, and over departments; one comes and goes.
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

export const REGIONS = ['330106', '330108', '330110'] as const;

const HEAD = (item: string) => `item: ${item}\nplan: plan\nsummary: 述。\nadvise: 核实。\n`;

export const CITY: ReadonlyMap<string, string> = new Map([
  [
    'catalogue/items.yaml',
    ['food market', 'fire rescue'].map((pair) => itemOf(...(pair.split(' ') as [string, string]))).join('\n'),
  ],
  [
    'catalogue/departments.yaml',
    `county: { name: 县人民政府 }
market: { name: 市场监督管理局, superior: county }
rescue: { name: 消防救援大队, superior: county }
health: { name: 卫生健康局, superior: county }`,
  ],
  ['catalogue/regions.yaml', REGIONS.map((region) => `"${region}": 区${region}`).join('\n')],
  [
    'catalogue/plans.yaml',
    `plan: { title: 核查预案, levels: { yellow: { action: 逐件核实, sign_within: 2h,
    feedback_within: 1 workdays, close_within: 5 workdays } } }`,
  ],
  ['catalogue/calendar.yaml', '{ zone: Asia/Shanghai, years: [2020, 2026], holidays: [], workdays: [] }'],
  [
    'food/complained.yaml',
    `model: food/complained
title: 食品经营者屡被投诉
${HEAD('food')}scope: subject
indicators:
  complaints: { from: complaint, count: '*', over: 7d }
  people: { from: complaint, distinct: 'event.complainant', over: 7d }
levels: { orange: 'complaints >= 6 && people >= 3', yellow: 'complaints >= 3', blue: 'complaints >= 2' }`,
  ],
  [
    'fire/fined.yaml',
    `model: fire/fined
title: 消防处罚累计
${HEAD('fire')}scope: subject
indicators: { fined: { from: penalty, sum: 'event.amount', over: 30d } }
levels: { yellow: 'fined >= 100000', blue: 'fined >= 40000' }`,
  ],
  [
    'food/region.yaml',
    `model: food/region
title: 辖区投诉集中
${HEAD('food')}scope: region
indicators: { complaints: { from: complaint, count: '*', over: 3d } }
levels: { orange: 'complaints >= 60', yellow: 'complaints >= 25' }`,
  ],
  [
    'food/burst.yaml',
    `model: food/burst
title: 辖区投诉骤增
${HEAD('food')}scope: region
indicators: { complaints: { from: complaint, count: '*', over: 1m } }
levels: { yellow: 'complaints >= 30', blue: 'complaints >= 12' }`,
  ],
  [
    'joint/both.yaml',
    `model: joint/both
title: 多部门预警
${HEAD('food')}scope: subject
indicators: { departments: { from: warning, where: 'event.level != "none"', distinct: 'event.department', over: 30d } }
levels: { red: 'departments >= 2' }`,
  ],
]);

function itemOf(item: string, lead: string): string {
  return `${item}: { title: ${item}检查, domain: ${item}, lead: ${lead}, cooperating: [health], object: 经营者, method: 现场检查, level: county,
  legal: [ { law: 中华人民共和国食品安全法, article: 第一百一十条, from: 2015-10-01 } ] }`;
}

/** The same city later: a model has another window, one is gone, one of a further stratum came, fires are led by others. */
export const CITY_LATER: ReadonlyMap<string, string> = new Map(
  [
    ...CITY,
    [
      'catalogue/items.yaml',
      ['food market', 'fire health']
        .map((pair) => itemOf(...(pair.split(' ') as [string, string])))
        .join('\n'),
    ] as const,
    [
      'food/complained.yaml',
      `model: food/complained
title: 食品经营者屡被投诉
${HEAD('food')}scope: subject
indicators:
  complaints: { from: complaint, count: '*', over: 10d }
  people: { from: complaint, distinct: 'event.complainant', over: 7d }
levels: { red: 'complaints >= 9 && people >= 4', orange: 'complaints >= 6', yellow: 'complaints >= 3' }`,
    ] as const,
    [
      'joint/region.yaml',
      `model: joint/region
title: 辖区预警集中
${HEAD('food')}scope: region
indicators: { subjects: { from: warning, where: 'event.level != "none"', distinct: 'event.key', over: 30d } }
levels: { red: 'subjects >= 6', orange: 'subjects >= 2' }`,
    ] as const,
  ].filter(([path]) => path !== 'food/burst.yaml'),
);

/** Writes the city into a folder of its own. @returns its path */
export async function writeCity(city = CITY): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'fenghuo-city-'));
  for (const [path, text] of city) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
  return folder;
}

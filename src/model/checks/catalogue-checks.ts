// Checks of the catalogue and its routes.
import { error, warning, type Check } from './check.js';

const ITEMS = 'catalogue/items.yaml';
const DEPARTMENTS = 'catalogue/departments.yaml';
const PLANS = 'catalogue/plans.yaml';
const LISTS = 'catalogue/lists.yaml';
const CALENDAR = 'catalogue/calendar.yaml';
const ROUTES = 'catalogue/routes.yaml';
const WHOLE = { whole: true } as const;

const BASIS = '  legal:\n    - { law: 中华人民共和国食品安全法, article: 第一百一十条, from: 2015-10-01 }\n';
const ITEM =
  '  title: 食品经营监督检查\n  domain: food\n  object: 食品经营者\n  method: 现场检查\n  level: county\n';
const ofItem = (text: string) => `food-operation:\n${text}`;
const OFFICE = 'market-regulation: { name: 市场监督管理局 }\n';
const LISTED = {
  'food/complaints.yaml': `model: food/complaints
title: 食品投诉集中
summary: 七日内投诉达到三件为黄色。
item: food-operation
scope: subject
indicators:
  complaints: { from: complaint, where: 'event.category in list("illness")', count: '*', over: 7d }
levels:
  yellow: 'complaints >= 3'
plan: food-check
advise: 核查投诉是否属实。
`,
};
const LOOKING_BACK = {
  'food/complaints.yaml': LISTED['food/complaints.yaml'].replace(
    `{ from: complaint, where: 'event.category in list("illness")', count: '*', over: 7d }`,
    `{ from: complaint, count: '*', over: 365d }`,
  ),
};
const step = (sign: string, close: string) =>
  `{ action: 检查, sign_within: ${sign}, feedback_within: 5d, close_within: ${close} }`;
const planOf = (red: string, yellow: string) =>
  `food-check:\n  title: 食品检查\n  levels:\n    red: ${red}\n    yellow: ${yellow}\n`;

export const CATALOGUE_CHECKS: readonly Check[] = [
  error('CATALOGUE_MISSING_FILE', '名录缺一个文件：事项清单、部门名录、工作日历都要有。', {
    file: DEPARTMENTS,
    wrong: '',
    right: '',
    gone: DEPARTMENTS,
  }),
  error('CATALOGUE_MISSING_KEY', '名录缺一个必填项。', {
    file: ITEMS,
    wrong: ofItem(`  ¦${ITEM.trimStart()}${BASIS}`),
    right: ofItem(`${ITEM}  lead: market-regulation\n${BASIS}`),
  }),
  error('CATALOGUE_UNKNOWN_KEY', '名录没有这个键，看最接近的一个。', {
    file: DEPARTMENTS,
    wrong: 'market-regulation: { name: 市场监督管理局, ¦chanels: [file] }\n',
    right: 'market-regulation: { name: 市场监督管理局, channels: [file] }\n',
  }),
  error('CATALOGUE_VALUE', '名录里的值不是该有的样子。', {
    file: CALENDAR,
    wrong: 'zone: ¦Asia/Shanghi\n',
    right: 'zone: Asia/Shanghai\n',
  }),
  error('CATALOGUE_DEPARTMENT_UNKNOWN', '部门名录里没有这个部门。', {
    file: ITEMS,
    wrong: ofItem(`${ITEM}  lead: ¦market-regulaton\n${BASIS}`),
    right: ofItem(`${ITEM}  lead: market-regulation\n${BASIS}`),
  }),
  error('CATALOGUE_REGION_UNKNOWN', 'regions.yaml 里没有这个区域。', {
    file: DEPARTMENTS,
    wrong: `${OFFICE}east: { name: 城东所, office_of: market-regulation, region: ¦"330109" }\n`,
    right: `${OFFICE}east: { name: 城东所, office_of: market-regulation, region: "330106" }\n`,
    beside: { 'catalogue/regions.yaml': '"330106": 西湖区\n' },
  }),
  error('CATALOGUE_NO_BASIS', '监管事项没有法律依据，写明法律、条款和施行日。', {
    file: ITEMS,
    wrong: ofItem(`${ITEM}  lead: market-regulation\n  legal: ¦[]\n`),
    right: ofItem(`${ITEM}  lead: market-regulation\n${BASIS}`),
  }),
  warning('CATALOGUE_BASIS_EXPIRED', '监管事项没有一条依据在当天有效：补上修订后的条款，旧条不删。', {
    file: ITEMS,
    wrong: ofItem(
      `${ITEM}  lead: market-regulation\n  legal:\n    ¦- { law: 食品卫生法, article: 第一条, from: 1995-10-30, until: 2009-05-31 }\n`,
    ),
    right: ofItem(
      `${ITEM}  lead: market-regulation\n  legal:\n    - { law: 食品卫生法, article: 第一条, from: 1995-10-30, until: 2009-05-31 }\n    - { law: 食品安全法, article: 第一百一十条, from: 2009-06-01 }\n`,
    ),
  }),
  warning('CATALOGUE_ITEM_UNWATCHED', '没有一个模型管这个监管事项。', {
    file: ITEMS,
    wrong: `¦elevator:\n${ITEM}  lead: market-regulation\n${BASIS}`,
    right: ofItem(`${ITEM}  lead: market-regulation\n${BASIS}`),
  }),
  error('CATALOGUE_CYCLE', '部门绕着圈子成了自己的上级。', {
    file: DEPARTMENTS,
    wrong: 'market-regulation: { name: 市场监督管理局, superior: ¦market-regulation }\n',
    right: 'market-regulation: { name: 市场监督管理局 }\n',
  }),
  error('CATALOGUE_OFFICE', '派出机构属于部门，不属于另一个派出机构。', {
    file: DEPARTMENTS,
    wrong: `${OFFICE}east: { name: 城东所, office_of: market-regulation, region: "330106" }\nwest: { name: 城西所, office_of: ¦east, region: "330108" }\n`,
    right: `${OFFICE}east: { name: 城东所, office_of: market-regulation, region: "330106" }\nwest: { name: 城西所, office_of: market-regulation, region: "330108" }\n`,
  }),
  error('CATALOGUE_OFFICES_ALIKE', '同一部门的两个派出机构会接到同样的预警：分开区域或者等级。', {
    file: DEPARTMENTS,
    wrong: `${OFFICE}east: { name: 城东所, office_of: market-regulation, region: "330106" }\nwest: { name: 城西所, office_of: market-regulation, region: ¦"330106" }\n`,
    right: `${OFFICE}east: { name: 城东所, office_of: market-regulation, region: "330106" }\nwest: { name: 城西所, office_of: market-regulation, region: "330108" }\n`,
  }),
  error('CATALOGUE_DAY_TWICE', '同一日既是放假日又是上班日。', {
    file: CALENDAR,
    wrong: 'holidays: [2026-03-03]\nworkdays: [¦2026-03-03]\n',
    right: 'holidays: [2026-03-03]\nworkdays: []\n',
  }),
  warning('CATALOGUE_PLAN_UNUSED', '没有模型用这个预案。', {
    file: PLANS,
    wrong: `¦spare:\n  title: 备用\n  levels:\n    red: ${step('1d', '9d')}\n`,
    right: '',
  }),
  warning('CATALOGUE_PLAN_TERMS', '期限颠倒：签收不晚于反馈，反馈不晚于办结。', {
    file: PLANS,
    wrong: planOf(step('1d', '¦2d'), step('1d', '9d')),
    right: planOf(step('1d', '9d'), step('1d', '9d')),
  }),
  warning('CATALOGUE_PLAN_LENIENT', '更重的等级给的时间反而更长。', {
    file: PLANS,
    wrong: planOf(step('¦2d', '9d'), step('1d', '9d')),
    right: planOf(step('1d', '9d'), step('2d', '9d')),
  }),
  warning('CATALOGUE_LIST_UNUSED', '没有模型用这个词表。', {
    file: LISTS,
    ...WHOLE,
    beside: LISTED,
    wrong: 'illness: { title: 致病, values: [食品中毒] }\n¦other: { title: 其他, values: [噪音] }\n',
    right: 'illness: { title: 致病, values: [食品中毒] }\n',
  }),
  warning('CATALOGUE_LIST_EMPTY', '词表里一个值也没有，永远查不到。', {
    file: LISTS,
    ...WHOLE,
    beside: LISTED,
    wrong: '¦illness: { title: 致病, values: [] }\n',
    right: 'illness: { title: 致病, values: [食品中毒] }\n',
  }),
  warning(
    'CATALOGUE_LIST_TWICE',
    '词表里同一个值写了两次。',
    {
      file: LISTS,
      ...WHOLE,
      beside: LISTED,
      wrong: 'illness: { title: 致病, values: [食品中毒, 食品腹泻, ¦食品中毒] }\n',
      right: 'illness: { title: 致病, values: [食品中毒, 食品腹泻] }\n',
    },
    'mends',
  ),
  warning('CATALOGUE_EVALUATION', 'evaluation.yaml 指的模型不能用来评价：要按监管对象打分，只读数据流。', {
    file: 'catalogue/evaluation.yaml',
    ...WHOLE,
    wrong: 'model: ¦food/complaints\nbounds: { A: 10, B: 30, C: 60 }\n',
    right: 'model: food/scored\nbounds: { A: 10, B: 30, C: 60 }\n',
    beside: {
      'food/scored.yaml': `model: food/scored
title: 食品经营评分
summary: 投诉越多分越高。
item: food-operation
indicators:
  complaints: { from: complaint, count: '*', over: 90d }
score:
  - { name: 投诉, weight: 100, of: 'complaints', low: 0, high: 10 }
levels:
  yellow: 'score >= 60'
plan: food-check
advise: 核查。
`,
      'food/scored.test.yaml': 'model: food/scored\ncases: [{ name: 没有投诉, events: [], expect: [] }]\n',
    },
  }),
  error('CATALOGUE_RETENTION', '事件的保存期短于模型的回看范围，或者短于可以撤销的三十五天。', {
    file: 'catalogue/retention.yaml',
    ...WHOLE,
    beside: LOOKING_BACK,
    wrong: 'events: { complaint: ¦90d }\n',
    right: 'events: { complaint: 400d }\n',
  }),
  error('ROUTE_ITEM_UNKNOWN', '推送规则里的事项或者领域，事项清单里没有。', {
    file: ROUTES,
    ...WHOLE,
    wrong: 'routes:\n  - { name: red, match: { item: ¦food-operatin, level: red }, to: [lead] }\n',
    right: 'routes:\n  - { name: red, match: { item: food-operation, level: red }, to: [lead] }\n',
  }),
  error('ROUTE_MODEL_UNKNOWN', '推送规则里的模型不存在。', {
    file: ROUTES,
    ...WHOLE,
    wrong: 'routes:\n  - { name: red, match: { model: ¦food/complaint }, to: [lead] }\n',
    right: 'routes:\n  - { name: red, match: { model: food/complaints }, to: [lead] }\n',
  }),
  error('ROUTE_NAME_TWICE', '两条推送规则同名。', {
    file: ROUTES,
    ...WHOLE,
    wrong:
      'routes:\n  - { name: red, match: { level: red }, to: [lead] }\n  - { name: ¦red, match: { level: orange }, to: [lead] }\n',
    right:
      'routes:\n  - { name: red, match: { level: red }, to: [lead] }\n  - { name: orange, match: { level: orange }, to: [lead] }\n',
  }),
  error('ROUTE_BACKUP_CYCLE', '备用渠道绕着圈子回到自己。', {
    file: ROUTES,
    ...WHOLE,
    wrong: 'backup: { webhook: ¦webhook }\n',
    right: 'backup: { webhook: file }\n',
  }),
  warning(
    'ROUTE_GAP',
    '有的预警没有部门牵头：派出机构接不全等级、管不全区域时，要有上一级或者推送规则接住。',
    {
      file: ITEMS,
      wrong: ofItem(`${ITEM}  lead: ¦market-regulation\n${BASIS}`),
      right: ofItem(`${ITEM}  lead: market-regulation\n${BASIS}`),
      besideWrong: {
        [DEPARTMENTS]: 'market-regulation: { name: 市场监督管理局, levels: [red, orange] }\n',
      },
    },
  ),
  warning('ROUTE_NEVER', '推送规则永远用不上，前面的规则都接走了：往上移，或者删掉。', {
    file: ROUTES,
    ...WHOLE,
    wrong:
      'routes:\n  - { name: all, match: {}, to: [lead] }\n  - { name: ¦red, match: { level: red }, to: [lead] }\n',
    right: 'routes:\n  - { name: red, match: { level: red }, to: [lead] }\n',
  }),
  warning('ROUTE_UNREACHED', '这个部门什么也收不到：没有事项、规则和督办提到它。', {
    file: DEPARTMENTS,
    wrong: '¦health: { name: 卫生健康局 }\n',
    right: '',
  }),
];

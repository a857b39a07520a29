// Checks of what a model means: levels, scores, units, values, other models, allowances, history and tests.
import { error, inFigure, inIndicator, inLevel, warning, type Check } from './check.js';

const COUNTED = `{ from: complaint, count: '*', over: 7d }`;
const score = (lines: string, level = 'score >= 60') => `score:\n${lines}levels:\n  yellow: '${level}'\n`;
const LINE = "  - { name: 投诉, weight: 100, of: 'complaints', low: 0, high: 10 }\n";
const TWIN = (title: string, levels: string) =>
  `model: food/twin\ntitle: ${title}\nsummary: 投诉。\nitem: food-operation\nscope: subject\nindicators:\n  complaints: ${COUNTED}\nlevels:\n  yellow: '${levels}'\nplan: food-check\nadvise: 核查。\n`;
const TWIN_TEST = {
  'food/twin.test.yaml': 'model: food/twin\ncases: [{ name: 没有投诉, events: [], expect: [] }]\n',
};
const TESTS = 'food/complaints.test.yaml';
const CASE = 'cases: [{ name: 没有投诉, events: [], expect: [] }]\n';
const EVENTS =
  '{"specversion":"1.0","id":"1","source":"urn:a","type":"fenghuo.complaint","subject":"91110000802100433B","time":"2026-03-01T01:00:00Z","data":{"category":"食品"}}\n';
const FIGURES = `indicators:\n  complaints: ${COUNTED}\n  fined: { from: penalty, sum: 'event.amount', over: 365d, basis: arrival }\n`;

export const LEVEL_CHECKS: readonly Check[] = [
  warning('MODEL_DELAY', '这种数据常常迟到，窗口短了会漏：按收到的时间算（basis: arrival），或者放宽窗口。', {
    ...inFigure(
      `{ from: penalty, count: '*', over: ¦7d }`,
      `{ from: penalty, count: '*', over: 7d, basis: arrival }`,
    ),
  }),
  warning('MODEL_HIGH_RATE', '感知数据在这么长的窗口里超过一万条：加 every 分格。', {
    ...inFigure(
      `{ from: sensor-reading, count: '*', over: ¦30d }`,
      `{ from: sensor-reading, count: '*', over: 30d, every: 1h }`,
    ),
  }),
  warning('MODEL_METRIC', '几种感知指标的数值混在一起算：用 event.metric 指明一种。', {
    wrong:
      "indicators:\n  ¦found: { from: sensor-reading, max: 'event.value', over: 1h }\nlevels:\n  yellow: 'found >= 3'\n",
    right:
      "indicators:\n  found: { from: sensor-reading, where: 'event.metric == \"methane\"', max: 'event.value', over: 1h }\nlevels:\n  yellow: 'found >= 3'\n",
  }),
  warning('MODEL_LEVEL_NEVER', '等级的条件永远不成立。', inLevel(`¦'1 > 2'`, `'complaints >= 3'`)),
  warning(
    'MODEL_LEVEL_ALWAYS',
    '等级的条件永远成立，等于没写。',
    inLevel(`¦'complaints >= 0'`, `'complaints >= 3'`),
  ),
  warning('MODEL_LEVEL_COVERED', '轻的等级永远不会显示：它成立时，重的也成立。', {
    wrong: "levels:\n  red: 'complaints >= 3'\n  yellow: ¦'complaints >= 5'\n",
    right: "levels:\n  red: 'complaints >= 5'\n  yellow: 'complaints >= 3'\n",
  }),
  warning('MODEL_THRESHOLD', '门槛高得没有值够得着，例如占比超过一、停顿比窗口还长、分数高过各项权重之和。', {
    wrong:
      "indicators:\n  bad: { from: inspection, share: 'event.result == \"fail\"', over: 365d }\nlevels:\n  yellow: ¦'bad > 1'\n",
    right:
      "indicators:\n  bad: { from: inspection, share: 'event.result == \"fail\"', over: 365d }\nlevels:\n  yellow: 'bad > 0.5'\n",
  }),
  error('MODEL_SCORE_TWICE', '两个评分项同名。', {
    wrong: score(`${LINE}  - { name: ¦投诉, weight: 20, if: 'complaints > 1' }\n`),
    right: score(LINE),
  }),
  error('MODEL_SCORE_LINE', '评分项写 of 加 low、high，或者 of 加 bands，或者 if。', {
    wrong: score("  - { name: 投诉, weight: 100, of: 'complaints', ¦low: 0 }\n"),
    right: score(LINE),
  }),
  error('MODEL_SCORE_BOUNDS', 'low 要小于 high，bands 要一档比一档高。', {
    wrong: score("  - { name: 投诉, weight: 100, of: 'complaints', low: ¦10, high: 0 }\n"),
    right: score(LINE),
  }),
  warning('MODEL_SCORE_WEIGHTS', '各评分项的权重合计不是一百。', {
    wrong: score("  ¦- { name: 投诉, weight: 90, of: 'complaints', low: 0, high: 10 }\n"),
    right: score(LINE),
  }),
  warning('MODEL_SCORE_UNUSED', '打了分，没有等级用到。', {
    wrong: `¦${score(LINE, 'complaints >= 3')}`,
    right: score(LINE),
  }),
  warning('MODEL_UNITS', '单位不同的两个数相比、相加，例如金额与件数。', {
    wrong: `${FIGURES}levels:\n  yellow: 'fined > ¦complaints'\n`,
    right: `${FIGURES}levels:\n  yellow: 'fined > 10000 && complaints > 0'\n`,
  }),
  warning(
    'MODEL_VALUE_NEVER',
    '字段不会有这个值，条件永远不成立。',
    inIndicator(
      `{ from: inspection, where: 'event.result == ¦"failed"', count: '*', over: 180d }`,
      `{ from: inspection, where: 'event.result == "fail"', count: '*', over: 180d }`,
    ),
  ),
  warning('MODEL_SELF', '自己与自己比。', inLevel(`'complaints >= ¦complaints'`, `'complaints >= 3'`)),
  warning(
    'MODEL_TWICE',
    '同一个条件并排写了两次。',
    inLevel(`'complaints >= 3 && ¦complaints >= 3'`, `'complaints >= 3'`),
  ),
  warning(
    'MODEL_CONTRADICTION',
    '用 && 连起来的两个条件不可能同时成立。',
    inLevel(`'complaints >= 5 && ¦complaints < 3'`, `'complaints >= 5 || complaints == 3'`),
  ),
  warning(
    'MODEL_NULL',
    '字段可能没填，没填的也会被排除：写明没填的算不算。',
    inIndicator(
      `{ from: penalty, where: '¦event.kind != "warning"', count: '*', over: 365d, basis: arrival }`,
      `{ from: penalty, where: 'event.kind == null || event.kind != "warning"', count: '*', over: 365d, basis: arrival }`,
    ),
  ),
  warning('MODEL_DUPLICATE', '两个模型预警的是同一件事。', {
    file: 'food/twin.yaml',
    whole: true,
    beside: TWIN_TEST,
    wrong: TWIN('投诉', 'complaints >= 3').replace('model: ', 'model: ¦'),
    right: TWIN('投诉很多', 'complaints >= 9'),
  }),
  warning('MODEL_TITLE_TWICE', '两个模型的标题一样，看预警的人分不清。', {
    file: 'food/twin.yaml',
    whole: true,
    beside: TWIN_TEST,
    wrong: TWIN('¦食品投诉集中', 'complaints >= 9'),
    right: TWIN('食品投诉很多', 'complaints >= 9'),
  }),
  warning('MODEL_SOLE_COVERAGE', '监管事项只有这一个模型，停用以后没有谁预警。', {
    wrong: 'status: ¦off\n',
    right: 'status: active\n',
  }),
  warning('MODEL_RETENTION', '窗口比数据保存的时间还长（check --retention）。', {
    ...inIndicator(
      `{ from: complaint, count: '*', over: ¦730d }`,
      `{ from: complaint, count: '*', over: 365d }`,
    ),
    keptDays: 400,
  }),
  warning('MODEL_FIELD_UNSEEN', '给出的历史里，没有一个事件有这个字段（check --events）。', {
    ...inIndicator(
      `{ from: complaint, where: 'event.category != "" && ¦event.channel == "12345"', count: '*', over: 7d }`,
      `{ from: complaint, where: 'event.category.startsWith("食品")', count: '*', over: 7d }`,
    ),
    events: EVENTS,
  }),
  warning('MODEL_STREAM_UNSEEN', '给出的历史里，这个数据流一件事也没有（check --events）。', {
    wrong: `indicators:\n  complaints: { from: complaint, where: 'event.category != ""', count: '*', over: 7d }\n  failures: { from: ¦inspection, count: '*', over: 7d }\n`,
    right: `indicators:\n  complaints: { from: complaint, where: 'event.category != ""', count: '*', over: 7d }\n`,
    events: EVENTS,
  }),
  warning('EVENTS_FIELD_UNREAD', '事件有这个字段，没有模型读它（check --events）。', {
    wrong: '',
    right: `indicators:\n  complaints: { from: complaint, where: 'event.category != ""', count: '*', over: 7d }\n`,
    events: EVENTS,
  }),
  error('LINT_REASON', '放过一条提醒要写明理由（because）。', {
    wrong: 'lint: [¦{ allow: MODEL_NO_PLAN }]\n',
    right: 'plan: food-check\n',
  }),
  warning('LINT_UNKNOWN', '没有这个代码的检查。', {
    wrong: 'lint: [{ allow: ¦MODEL_DELY, because: 数据当日就到 }]\n',
    right: '',
  }),
  warning('LINT_FORBIDDEN', '错误不能放过，只有提醒能。', {
    wrong: 'lint: [{ allow: ¦MODEL_PATH, because: 就叫这个名字 }]\n',
    right: '',
  }),
  warning(
    'LINT_UNUSED',
    '放过的提醒并没有出现，删掉这一条。',
    {
      wrong: 'lint: [{ allow: ¦MODEL_DELAY, because: 数据当日就到 }]\n',
      right: '',
    },
    'mends',
  ),
  error('TEST_MISSING_KEY', '测试缺一个必填项。', {
    file: TESTS,
    whole: true,
    wrong: `¦model: food/complaints\n`,
    right: `model: food/complaints\n${CASE}`,
  }),
  error('TEST_UNKNOWN_KEY', '测试没有这个键。', {
    file: TESTS,
    whole: true,
    wrong: `model: food/complaints\n${CASE}¦note: 三件\n`,
    right: `model: food/complaints\n${CASE}`,
  }),
  error('TEST_VALUE', '测试里的值不是该有的样子。', {
    file: TESTS,
    whole: true,
    wrong: 'model: food/complaints\ncases: ¦没有\n',
    right: `model: food/complaints\n${CASE}`,
  }),
  error('TEST_UNKNOWN_NAME', '测试里的名称不存在。', {
    file: TESTS,
    whole: true,
    wrong: `model: food/complaints\ncases:\n  - { name: 撤回, events: [{ at: 1d, revokes: ¦c2 }], expect: [] }\n`,
    right: `model: food/complaints\n${CASE}`,
  }),
  warning('TEST_MISSING', '模型没有测试：旁边加 <名称>.test.yaml，至少一个该预警、一个不该预警的。', {
    file: 'food/complaints.yaml',
    wrong: 'model: ¦food/complaints\n',
    right: 'model: food/complaints\n',
    gone: TESTS,
  }),
  warning('TEST_ORPHAN', '测试旁边没有这个模型。', {
    file: 'food/gone.test.yaml',
    whole: true,
    wrong: `model: food/gone\n${CASE}`,
    right: '',
  }),
];

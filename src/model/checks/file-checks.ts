// Checks of files as such, and of expressions wherever they stand.
import { error, inFigure, inIndicator, inLevel, type Check } from './check.js';

const WHOLE = { whole: true } as const;
const REST =
  "indicators: { n: { from: complaint, count: '*', over: 7d } }\nlevels: { yellow: 'n >= 3' }\nplan: food-check\nadvise: 核查。\n";
const HEAD = 'model: food/complaints\ntitle: 食品投诉集中\nsummary: 三件为黄色。\nitem: food-operation\n';

const IDLE = 'indicators:\n  idle: { from: inspection, since: last, over: 365d }\n';

export const FILE_CHECKS: readonly Check[] = [
  error('YAML_SYNTAX', '文件不是 YAML 1.2。多半是少了引号、括号，或者缩进不齐。', {
    ...WHOLE,
    wrong: `${HEAD}where: 'subject.credit == "D"\n¦`,
    right: `${HEAD}where: 'subject.credit == "D"'\n${REST}`,
  }),
  error('YAML_DUPLICATE_KEY', '同一个键写了两次，只留一个。', {
    ...WHOLE,
    wrong: `${HEAD}hold: 1d\n¦hold: 2d\n${REST}`,
    right: `${HEAD}hold: 2d\n${REST}`,
  }),
  error('YAML_LIMIT', '文件太大，或者嵌套太深，应当拆开。', {
    ...WHOLE,
    wrong: `${HEAD}tags: ${'['.repeat(50)}¦[\n`,
    right: `${HEAD}tags: [食品]\n${REST}`,
  }),
  error('YAML_FEATURE', '用了规则不需要的 YAML 写法：标签（!!str）、一个文件几份文档、不是文字的键。', {
    ...WHOLE,
    wrong: `${HEAD}hold: !days ¦3\n${REST}`,
    right: `${HEAD}hold: 3d\n${REST}`,
  }),
  error('RULES_FILE_NAME', '文件不在该在的位置：模型放在 <领域>/<行为>.yaml，名录放在 catalogue 里。', {
    ...WHOLE,
    file: 'catalogue/list.yaml',
    wrong: 'illness: { title: 致病, values: [食品中毒] }\n',
    right: '',
  }),
  error('EXPR_SYNTAX', '表达式读不懂，看标出的位置。', inLevel(`'complaints >=¦ '`, `'complaints >= 3'`)),
  error('EXPR_NAME', '这里没有这个名称，看最接近的一个。', inLevel(`'¦complaint >= 3'`, `'complaints >= 3'`)),
  error(
    'EXPR_FIELD',
    '没有这个字段，看最接近的一个；数据流以外的字段写 event["字段"]。',
    inFigure(
      `{ from: penalty, sum: 'event.¦amout', over: 365d }`,
      `{ from: penalty, sum: 'event.amount', over: 365d }`,
    ),
  ),
  error('EXPR_LIST', 'catalogue/lists.yaml 里没有这个词表。', {
    beside: { 'catalogue/lists.yaml': 'illness: { title: 致病, values: [食品中毒] }\n' },
    ...inIndicator(
      `{ from: complaint, where: 'event.category in list("illness") || event.category in list(¦"ilness")', count: '*', over: 7d }`,
      `{ from: complaint, where: 'event.category in list("illness")', count: '*', over: 7d }`,
    ),
  }),
  error(
    'EXPR_FUNCTION',
    '没有这个函数，或者参数不对，看它的写法。',
    inIndicator(
      `{ from: complaint, where: 'event.category.¦beginsWith("食品")', count: '*', over: 7d }`,
      `{ from: complaint, where: 'event.category.startsWith("食品")', count: '*', over: 7d }`,
    ),
  ),
  error(
    'EXPR_TYPE',
    '类型不对：例如文字与数字比较，或者该写条件的地方写了数。',
    inIndicator(
      `{ from: complaint, where: 'event.category == ¦3', count: '*', over: 7d }`,
      `{ from: complaint, where: 'event.category == "3"', count: '*', over: 7d }`,
    ),
  ),
  error('EXPR_DURATION', '时长与数字不能相比、相加：时长写 days(30)、hours(6)。', {
    wrong: `${IDLE}levels:\n  yellow: 'idle > ¦180'\n`,
    right: `${IDLE}levels:\n  yellow: 'idle > days(180)'\n`,
  }),
  error(
    'EXPR_REGEX',
    '正则表达式不是 RE2 的写法，或者太大。',
    inIndicator(
      `{ from: complaint, where: 'event.category.matches(¦"食品(")', count: '*', over: 7d }`,
      `{ from: complaint, where: 'event.category.matches("^食品")', count: '*', over: 7d }`,
    ),
  ),
  error('EXPR_CLOCK', 'now 和 since 只能单独放在比较的一边；要参加计算的，写 value 并加 every 定时取样。', {
    wrong: `${IDLE}levels:\n  yellow: '¦idle - days(180) > days(1)'\n`,
    right: `${IDLE}levels:\n  yellow: 'idle > days(181)'\n`,
  }),
  error('EXPR_COST', '表达式可能要算很久：正则、词表写短些，少套几层 exists、filter。', {
    ...inIndicator(
      `{ from: inspection, where: '¦event.problems.exists(a, event.problems.exists(b, b.code.matches("^x")))', count: '*', over: 180d }`,
      `{ from: inspection, where: 'event.problems.exists(a, a.code.matches("^x"))', count: '*', over: 180d }`,
    ),
  }),
  error('EXPR_LIMIT', '表达式、其中的列表或者嵌套超过限度，例如 exists 套了三层。', {
    ...inIndicator(
      `{ from: inspection, where: 'event.problems.exists(a, event.problems.exists(b, ¦event.problems.exists(c, c.code == b.code)))', count: '*', over: 180d }`,
      `{ from: inspection, where: 'event.problems.exists(a, event.problems.exists(b, a.code == b.code))', count: '*', over: 180d }`,
    ),
  }),
  error(
    'EXPR_NUMBER',
    '整数太大，存不准：编号写成文字。',
    inLevel(`'complaints >= ¦90071992547409930'`, `'complaints >= 3'`),
  ),
];

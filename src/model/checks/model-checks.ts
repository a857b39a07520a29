// Checks of models: their keys, names, indicators and parameters.
import { error, inFigure, inIndicator, warning, type Check } from './check.js';

const SUM = `{ from: penalty, sum: 'event.amount', over: 365d }`;
const params = (text: string) => `params:\n  many: ${text}\nlevels:\n  yellow: 'complaints >= params.many'\n`;
const COUNTED = `{ from: complaint, count: '*', over: 7d }`;
const sequence = (order: string, then: string) =>
  `indicators:\n  found:\n    sequence:\n      - ${order}\n      - ${then}\n    over: 365d\nlevels:\n  yellow: 'found > 0'\n`;
const ORDER = `{ as: order, from: inspection, where: 'event.result == "fail"' }`;
const NOT = `{ not: rectification, where: 'event.inspection == order.id', until: 'order.deadline' }`;
const BASELINE = (over: string) =>
  `{ from: complaint, count: '*', baseline: { over: ${over}, every: 1d, method: zscore } }`;
const JOINT = (where: string) => `{ from: warning, where: '${where}', count: '*', over: 30d }`;

export const MODEL_CHECKS: readonly Check[] = [
  error('MODEL_MISSING_KEY', '模型缺一个必填项。', {
    without: ['title'],
    wrong: '',
    right: '',
  }),
  error('MODEL_UNKNOWN_KEY', '模型没有这个键，看最接近的一个。', {
    wrong: '¦hlod: 1d\n',
    right: 'hold: 1d\n',
  }),
  error('MODEL_VALUE', '模型里的值不是该有的样子。', { wrong: 'hold: ¦1 day\n', right: 'hold: 1d\n' }),
  error(
    'MODEL_NOT_YET',
    '这个版本没有这种写法。试运行写 status: shadow（不能同时写 expect），停用写 status: off。',
    {
      wrong: 'status: ¦draft\n',
      right: 'status: active\n',
    },
  ),
  error(
    'MODEL_PATH',
    '模型的名称就是它在 rules 下的路径，不带扩展名。',
    { wrong: 'model: ¦food/complaint\n', right: 'model: food/complaints\n' },
    'mends',
  ),
  error(
    'MODEL_QUOTE',
    '表达式要用单引号括起来，里面的文字用双引号。',
    { wrong: 'levels:\n  yellow: ¦complaints >= 3\n', right: "levels:\n  yellow: 'complaints >= 3'\n" },
    'mends',
  ),
  error('MODEL_ITEM_UNKNOWN', '事项清单里没有这个监管事项。', {
    wrong: 'item: ¦food-operaton\n',
    right: 'item: food-operation\n',
  }),
  error('MODEL_PLAN_UNKNOWN', '没有这个处置预案。', {
    wrong: 'plan: ¦food-chekc\n',
    right: 'plan: food-check\n',
  }),
  warning('MODEL_NO_PLAN', '模型没写处置预案，没人知道谁在多久以内做什么。', {
    without: ['plan'],
    wrong: '',
    right: '',
    beside: jointBeside(),
  }),
  warning('MODEL_PLAN_LEVEL', '预案没有写模型会发的某个等级怎么办。', {
    wrong: "levels:\n  blue: 'complaints >= 3'\nplan: ¦food-check\n",
    right: "levels:\n  yellow: 'complaints >= 3'\nplan: food-check\n",
  }),
  error('MODEL_SCOPE', '没有这个范围，或者两个范围不能合在一起。', {
    wrong: 'scope: ¦subjct\n',
    right: 'scope: subject\n',
  }),
  error(
    'MODEL_STREAM_UNKNOWN',
    '没有这个数据流。',
    inIndicator(`{ from: ¦complaints, count: '*', over: 7d }`, COUNTED),
  ),
  error('MODEL_STREAM_SCOPE', '这个范围的模型读不到这个数据流。', {
    wrong: "scope: device\nindicators:\n  complaints: { from: ¦complaint, count: '*', over: 7d }\n",
    right: "scope: subject\nindicators:\n  complaints: { from: complaint, count: '*', over: 7d }\n",
  }),
  error('MODEL_WARNING_UNKNOWN', '筛选预警时写了一个不存在的模型。', {
    ...inIndicator(JOINT('event.model == "food/none"').replace("where: '", "where: ¦'"), COUNTED),
  }),
  warning('MODEL_WARNING_UNHEARD', '联合模型的预警，只有把要读的模型全部写明才读得到。', {
    ...inIndicator(
      JOINT('event.model == "food/joint" || event.domain == "food"').replace("where: '", "where: ¦'"),
      JOINT('event.model == "food/joint"'),
    ),
    beside: jointBeside(),
  }),
  error('MODEL_WARNING_CYCLE', '模型绕着圈子等自己的预警。', {
    ...inIndicator(JOINT('event.model == "food/complaints"').replace("where: '", "where: ¦'"), COUNTED),
  }),
  error('MODEL_TASK', '联合检查任务由预警合成，这个模型不读预警。', {
    wrong: '¦task: { merge: items, within: 10 workdays }\n',
    right: '',
  }),
  error('MODEL_EXPECT', '按时上报只能指望数据流，上报的是监管对象、设备或者场所。', {
    wrong: 'expect: { from: complaint, every: 1d, of: ¦region }\n',
    right: 'expect: { from: complaint, every: 1d, of: subject }\n',
  }),
  error('MODEL_CLEAR_LEVEL', '给模型没有的等级写了解除条件。', {
    wrong: "clear:\n  ¦red: 'complaints < 2'\n",
    right: "clear:\n  yellow: 'complaints < 2'\n",
  }),
  error('MODEL_NO_OPERATOR', '指标没写算什么。', {
    wrong: 'indicators:\n  ¦complaints: { from: complaint, over: 7d }\n',
    right: `indicators:\n  complaints: ${COUNTED}\n`,
  }),
  error(
    'MODEL_OPERATORS',
    '一个指标写了几种算法，分成几个指标。',
    inIndicator(`{ from: complaint, count: '*', ¦sum: 'event.amount', over: 7d }`, COUNTED),
  ),
  error(
    'MODEL_OPERATOR',
    '这个键与指标的算法不配。',
    inIndicator(`{ from: complaint, count: '*', ¦q: 0.5, over: 7d }`, COUNTED),
  ),
  error(
    'MODEL_FORMS',
    '两种问法不能写在一个指标里。',
    inFigure(
      `{ from: complaint, count: '*', over: 30d, versus: previous, ¦densest: 3d }`,
      `{ from: complaint, count: '*', over: 30d, densest: 3d }`,
    ),
  ),
  error('MODEL_NO_WINDOW', '指标没写看多久（over）。', {
    wrong: "indicators:\n  ¦complaints: { from: complaint, count: '*' }\n",
    right: `indicators:\n  complaints: ${COUNTED}\n`,
  }),
  error('MODEL_NO_STREAM', '指标没写读什么（from）。', {
    wrong: "indicators:\n  ¦complaints: { count: '*', over: 7d }\n",
    right: `indicators:\n  complaints: ${COUNTED}\n`,
  }),
  error(
    'MODEL_DENSEST',
    'densest 要比窗口短，分格的要是整格。',
    inFigure(
      `{ from: complaint, count: '*', over: 7d, densest: ¦7d }`,
      `{ from: complaint, count: '*', over: 7d, densest: 3d }`,
    ),
  ),
  error(
    'MODEL_PANES',
    '格子要能整除一日或者是整日，不比窗口长，也不能太多。',
    inFigure(
      `{ from: complaint, count: '*', over: 30d, every: ¦7h }`,
      `{ from: complaint, count: '*', over: 30d, every: 6h }`,
    ),
  ),
  error(
    'MODEL_BASELINE',
    '与往常比的窗口放不下所需的格数。',
    inFigure(BASELINE('¦5d'), BASELINE('90d'), 'found.score > 3'),
  ),
  error('MODEL_CYCLE', '指标绕着圈子互相依赖。', {
    wrong: `indicators:\n  complaints: ${COUNTED}\n  a: { value: ¦'b + 1' }\n  b: { value: 'a + 1' }\n`,
    right: `indicators:\n  complaints: ${COUNTED}\n  a: { value: 'complaints + 1' }\n`,
  }),
  error('MODEL_SEQUENCE_STEP', '先后的一步，几个键不相配，或者放错了位置。', {
    wrong: sequence(ORDER, `{ from: complaint, ¦until: 14d }`).replace('as: order, ', ''),
    right: sequence(ORDER, `{ from: complaint, within: 14d }`).replace('as: order, ', ''),
  }),
  error('MODEL_SEQUENCE_UNTIL', 'until 写时长，或者前面某一步里的时刻。', {
    wrong: sequence(ORDER, NOT.replace("'order.deadline'", "¦'order.score'")),
    right: sequence(ORDER, NOT),
  }),
  error('MODEL_SEQUENCE_READS', '提到前面步骤的条件不能读档案，挪到别处去问。', {
    wrong: sequence(
      ORDER,
      NOT.replace(
        "'event.inspection == order.id'",
        `¦'event.inspection == order.id && subject.credit == "D"'`,
      ),
    ),
    right: sequence(ORDER, NOT),
  }),
  error('MODEL_SEQUENCE_MODELS', '先后的各步读预警时，要么都写明模型，要么都不写。', {
    wrong: sequence(
      '{ from: warning, where: \'event.model == "food/other"\' }',
      '¦{ from: warning, within: 14d }',
    ),
    right: sequence(ORDER, NOT),
  }),
  warning(
    'MODEL_STEP_UNUSED',
    '给一步起了名，后面没有用到。',
    {
      wrong: sequence(`{ as: ¦order, from: inspection }`, '{ from: complaint, within: 14d }'),
      right: sequence(`{ from: inspection }`, '{ from: complaint, within: 14d }'),
    },
    'mends',
  ),
  error('MODEL_PARAM_DEFAULT', '按档案取值的参数要有 default。', {
    wrong: params('¦{ by: subject.credit, A: 8, D: 3 }'),
    right: params('{ default: 5, by: subject.credit, A: 8, D: 3 }'),
  }),
  error('MODEL_PARAM_BY', '参数要按本范围档案里的文字字段取值。', {
    wrong: params('{ default: 5, by: ¦subject.credits, A: 8 }'),
    right: params('{ default: 5, by: subject.credit, A: 8 }'),
  }),
  error('MODEL_PARAM_TYPE', '一个参数的各个值要是同一类型。', {
    wrong: params('{ default: 5, by: subject.credit, D: ¦3d }'),
    right: params('{ default: 5, by: subject.credit, D: 3 }'),
  }),
  error('MODEL_PARAM_CHOICE', '档案里不会有这个值，永远选不到。', {
    wrong: params('{ default: 5, by: subject.credit, ¦E: 3 }'),
    right: params('{ default: 5, by: subject.credit, D: 3 }'),
  }),
  warning(
    'MODEL_PARAM_SAME',
    '选出来的值与默认值一样，写了等于没写。',
    {
      wrong: params('{ default: 5, by: subject.credit, ¦B: 5, D: 3 }'),
      right: params('{ default: 5, by: subject.credit, D: 3 }'),
    },
    'mends',
  ),
  warning('MODEL_PARAM_ORDER', '参数随信用等级忽高忽低。', {
    wrong: params('{ default: 5, by: subject.credit, B: 8, D: 6 }').replace('many:', '¦many:'),
    right: params('{ default: 5, by: subject.credit, A: 8, D: 3 }'),
  }),
  warning('MODEL_PARAM_LENIENT', '信用差的门槛反而宽。', {
    wrong: params('{ default: 5, by: subject.credit, A: 3, D: 8 }').replace('many:', '¦many:'),
    right: params('{ default: 5, by: subject.credit, A: 8, D: 3 }'),
  }),
  warning('MODEL_PARAM_UNUSED', '参数没有用到。', { wrong: 'params:\n  ¦many: 5\n', right: '' }, 'mends'),
  warning('MODEL_INDICATOR_TWICE', '两个指标算的是同一个数。', {
    wrong: `indicators:\n  complaints: ${COUNTED}\n  ¦again: ${COUNTED}\n`,
    right: `indicators:\n  complaints: ${COUNTED}\n  fined: ${SUM.replace('over', 'basis: arrival, over')}\n`,
  }),
];

/** A model that reads warnings itself. */
function jointBeside(): { readonly [path: string]: string } {
  return {
    'food/other.yaml': `model: food/other\ntitle: 检查不合格\nsummary: 检查不合格。\nitem: food-operation\nindicators:\n  failures: { from: inspection, where: 'event.result == "fail"', count: '*', over: 180d }\nlevels:\n  yellow: 'failures > 0'\nplan: food-check\nadvise: 复查。\n`,
    'food/other.test.yaml': 'model: food/other\ncases: [{ name: 没有检查, events: [], expect: [] }]\n',
    'food/joint.yaml': `model: food/joint\ntitle: 多次预警\nsummary: 多次预警。\nitem: food-operation\nindicators:\n  found: { from: warning, where: 'event.model == "food/other"', count: '*', over: 30d }\nlevels:\n  yellow: 'found > 1'\nplan: food-check\nadvise: 复查。\n`,
    'food/joint.test.yaml': 'model: food/joint\ncases: [{ name: 没有预警, events: [], expect: [] }]\n',
  };
}

// What the keys of a model mean, for authors: every key of the shape has its words, or this does not compile.
import type { Words } from '../operators/operator.js';
import type { WindowKey } from '../operators/operators.js';
import type { MODEL_SHAPE, SHAPE_PARTS } from '../shape.js';

/** Words for each key of a shape, with values to choose from or to begin with. */
export type KeyWords<Key extends string> = {
  readonly [key in Key]: Words & { readonly examples?: readonly unknown[] };
};

/** Takes words down on one line. */
export function w(zh: string, en: string, examples?: readonly unknown[]): KeyWords<string>[string] {
  return { zh, en, ...(examples === undefined ? {} : { examples }) };
}

type KeysOf<S extends { readonly shape: object }> = keyof S['shape'] & string;

export const MODEL_WORDS: KeyWords<KeysOf<typeof MODEL_SHAPE>> = {
  model: w('名称，就是它在 rules 下的路径，不带扩展名。', 'Its path under rules/ without extension.', [
    'food/repeat-complaints',
  ]),
  title: w('预警的标题。', 'The title of its warnings.', ['同一食品经营者短期内被反复投诉']),
  summary: w('一两句话说明什么情况下预警。', 'In a sentence or two, when it warns.'),
  item: w(
    '监管事项，catalogue/items.yaml 里的代码，决定推给哪些部门、依据哪部法律。',
    'The item of catalogue/items.yaml: departments and legal basis.',
  ),
  scope: w(
    '对谁预警：监管对象 subject（不写就是它）、设备 device、场所 place、区域 region、行业 industry，或者 [region, industry]。',
    'Whom it speaks about: subject (the default), device, place, region, industry, or [region, industry].',
    ['subject', ['region', 'industry']],
  ),
  where: w('只管哪些对象，读档案的条件。', 'Which keys it speaks about, a condition over the profile.', [
    '"食品经营" in subject.tags',
  ]),
  params: w(
    '参数，表达式里写 params.名称；可以按档案的字段取不同的值。',
    'Parameters, read as params.<name>; a field of the profile may choose the value.',
    [{ many: { default: '5', by: 'subject.credit', A: '8', D: '3' } }],
  ),
  indicators: w('指标：从事件里数什么、算什么。', 'Indicators: what is counted or computed of the events.'),
  score: w('打分：几项加权，等级里写 score。', 'A weighted sum that levels read as score.'),
  levels: w('等级：到什么程度预警，用到几级写几级。', 'Levels: when it warns, as many as are used.'),
  for: w(
    '条件持续多久才预警，不写是立即。',
    'How long the condition must hold before it warns; at once if left out.',
    ['1h'],
  ),
  hold: w(
    '条件消失多久才解除，不写是立即。',
    'How long the condition must be gone before it ends; at once if left out.',
    ['1d'],
  ),
  clear: w(
    '另外的解除条件，按等级写；满足时才能解除。',
    'Further conditions, by level, that must hold before it ends.',
  ),
  plan: w('处置预案，catalogue/plans.yaml 里的代码。', 'The response plan of catalogue/plans.yaml.'),
  advise: w('给承办人的建议：到现场查什么。', 'Advice to who handles it: what to look at.'),
  task: w(
    '把各部门的预警合成一个联合检查任务，只能写在读预警的模型里。',
    'Makes a joint inspection task of the warnings that it reads.',
    [{ merge: 'items', within: '10 workdays' }],
  ),
  expect: w(
    '多久至少应有一次数据，断了另发预警。',
    'How often data must come; a warning of its own where it stops.',
    [{ from: 'sensor-reading', every: '10m', of: 'device' }],
  ),
  status: w(
    'active 运行（不写就是它），shadow 试运行：照常计算和记录，不推送，off 停用。',
    'active (the default), shadow (runs and is recorded, told to nobody), or off.',
  ),
  tags: w('标签，供查找。', 'Tags, to search by.'),
  lint: w('不适用的提醒，写明理由放过。', 'Warnings of the check that do not apply, each with a reason.', [
    { allow: 'MODEL_DELAY', because: '数据当日就到' },
  ]),
};

export const INDICATOR_WORDS: KeyWords<WindowKey> = {
  from: w('读哪个数据流，可以写几个。', 'The stream that it reads, or a list of them.', ['complaint']),
  where: w('挑选哪些事件，对每件事件判断一次。', 'Which events count, decided once for each.', [
    'event.category.startsWith("食品")',
  ]),
  over: w(
    '时间窗口：最近多久。单位 s 秒、m 分、h 时、d 日、w 周。',
    'The window: how far back it looks, in s, m, h, d, w.',
    ['7d'],
  ),
  basis: w(
    '按发生时间 time（不写就是它）还是收到时间 arrival 算进窗口。',
    'Which time places an event in the window: time (the default) or arrival.',
  ),
  q: w('quantile 取哪个分位，从 0 到 1。', 'Which quantile, 0 to 1.', [0.95]),
  every: w(
    '窗口分格的大小，整日或能整除一日的时间；value 的取样间隔。',
    'The size of panes, whole days or an even part of one; for value, how often it is sampled.',
    ['1d'],
  ),
  approx: w('distinct 用估计，可以数更多。', 'distinct by estimate, which can count more.'),
  baseline: w(
    '与这个对象自己的往常比，得到 now、expected、spread、score。',
    'Compares the last closed pane with those before: now, expected, spread, score.',
    [{ over: '90d', every: '1d', season: 'weekday', method: 'zscore' }],
  ),
  versus: w(
    '与前一个同样长的窗口比，得到 now、before、change、ratio。',
    'Compares with the window before it: now, before, change, ratio.',
  ),
  densest: w(
    '窗口里任何这么长一段时间中最大的值，适合成批补录、到得晚的数据。',
    'The largest value in any span of this length inside the window.',
    ['3d'],
  ),
};

export const STEP_WORDS: KeyWords<KeysOf<(typeof SHAPE_PARTS)['step']>> = {
  from: w('等哪个数据流的事。', 'The stream whose event is waited for.'),
  not: w('不该发生的事在哪个数据流，与 until 一起写。', 'The stream of what must not come; with until.'),
  as: w('给这一步起名，后面的步骤用它读字段。', 'A name by which later steps read its fields.', ['order']),
  where: w('要满足的条件，可以读前面步骤的字段。', 'A condition; it may read earlier steps.'),
  within: w('离上一步最多多久，不写是 over 那么长。', 'How long after the step before at most.', ['14d']),
  until: w(
    '等到什么时候没有发生算完成：时长，或者前面某一步里的时刻。',
    'Until when nothing may come: a duration, or an instant of an earlier step.',
    ['10d', 'order.deadline'],
  ),
};

export const BASELINE_WORDS: KeyWords<KeysOf<(typeof SHAPE_PARTS)['baseline']>> = {
  over: w('往前看多久。', 'How far back it compares.', ['90d']),
  every: w('一格多长。', 'The size of a pane.', ['1d']),
  season: w('weekday 只比同是星期几的格。', 'weekday compares panes of the same day of the week only.'),
  method: w('怎样比。', 'How it compares.'),
  min: w('至少要有几格才比，不写是 7。', 'How many panes there must be; 7 if left out.', [7]),
};

export const SCORE_WORDS: KeyWords<KeysOf<(typeof SHAPE_PARTS)['scoreLine']>> = {
  name: w('这一项的名称，写进预警。', 'The name of the line, shown in the warning.'),
  weight: w('满分多少，各项合计一百。', 'What it counts at most; all lines sum to 100.', [30]),
  of: w('按哪个数打分，配 low、high 或者 bands。', 'The number it goes by, with low and high, or bands.'),
  if: w('满足这个条件得满分，否则不得分。', 'The condition on which it counts wholly.'),
  low: w('到这个数为止不得分。', 'Up to here it counts nothing.', [0]),
  high: w('从这个数起得满分。', 'From here on it counts wholly.', [10]),
  bands: w('分段：[从多少起, 得几成]，逐段升高。', 'Bands [from, part], rising.', [[[10000, 0.5]]]),
};

export const EXPECT_WORDS: KeyWords<KeysOf<(typeof SHAPE_PARTS)['expect']>> = {
  from: w('哪个数据流。', 'The stream.'),
  every: w('多久至少一次，从 1m 到 31d。', 'At least once in so long, 1m to 31d.', ['10m']),
  of: w('谁上报。', 'Who sends it.'),
};

export const TASK_WORDS: KeyWords<KeysOf<(typeof SHAPE_PARTS)['task']>> = {
  merge: w('合并各条预警的事项，写 items。', 'items: those of every warning involved.'),
  within: w('几个工作日内完成。', 'In how many working days it is to be done.', ['10 workdays']),
};

export const LEVEL_WORDS: KeyWords<'red' | 'orange' | 'yellow' | 'blue'> = {
  red: w('红色的条件，最重。', 'The condition of red, the gravest.'),
  orange: w('橙色的条件。', 'The condition of orange.'),
  yellow: w('黄色的条件。', 'The condition of yellow.'),
  blue: w('蓝色的条件，最轻。', 'The condition of blue, the lightest.'),
};

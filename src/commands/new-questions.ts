// The questions of fenghuo new, in Chinese, to a person at a terminal.
import * as prompts from '@clack/prompts';
import {
  withDefaults,
  type GivenAnswers,
  type NewModelAnswers,
  type NewModelPlace,
} from '../app/new-model.js';
import { parseDuration } from '../catalogue/duration.js';
import { STREAMS } from '../events/event.js';
import { OFFERED_NAMES, offerOf, type OfferedOperator } from '../model/editor/draft.js';
import { STREAM_WORDS } from '../model/editor/test-words.js';
import { OPERATORS } from '../model/operators/operators.js';
import { parseNumber } from '../model/scalar.js';
import { SINGLE_SCOPES } from '../model/shape.js';

const SCOPE_WORDS: { readonly [scope: string]: string } = {
  subject: '监管对象',
  device: '设备',
  place: '场所',
  region: '区域',
  industry: '行业',
};
const LEVEL_WORDS = { blue: '蓝色', yellow: '黄色', orange: '橙色', red: '红色' } as const;
const THRESHOLD_WORDS = {
  whole: '整数，如 3',
  number: '大于零的数，如 10000',
  part: '零到一的比例，如 0.5',
  duration: '整小时或整日，如 30d',
} as const;

/** Thrown by a question that the person leaves with Ctrl-C. */
class GivenUp extends Error {}

/** Asks for what is not given. @returns null where the person gives up */
export async function ask(place: NewModelPlace, given: GivenAnswers): Promise<NewModelAnswers | null> {
  try {
    prompts.intro('新的预警模型');
    const answers = await asked(place, given);
    if (answers !== null) prompts.outro('写好以后，用 fenghuo check 和 fenghuo test 核对。');
    return answers;
  } catch (error) {
    if (!(error instanceof GivenUp)) throw error;
    prompts.cancel('已取消');
    return null;
  }
}

async function asked(place: NewModelPlace, given: GivenAnswers): Promise<NewModelAnswers | null> {
  const { items, plans } = place.catalogue;
  const name =
    given.name ??
    (await line('名称，写成 领域/行为，小写字母、数字和连字符', (text) => place.nameFault(text)));
  const title = given.title ?? (await line('标题：预警叫什么', needed));
  const item = given.item ?? (await chosen('监管事项', entriesOf(items)));
  const scope =
    given.scope ??
    (await chosen(
      '对谁预警',
      SINGLE_SCOPES.map((one) => [one, SCOPE_WORDS[one] ?? one]),
    ));
  const stream =
    given.stream ??
    (await chosen(
      '读哪个数据流',
      STREAMS.map((one) => [one, STREAM_WORDS[one].zh]),
    ));
  const operator = (given.operator ??
    (await chosen(
      '算什么',
      OFFERED_NAMES.map((one) => [one, OPERATORS[one].name.zh]),
    ))) as OfferedOperator;
  const of = given.of ?? (await argument(operator));
  const where =
    given.where ?? (await line('只算哪些事件（条件，如 event.result == "fail"），全部就直接回车'));
  const over = given.over ?? (await line('最近多久以内，如 7d', isDuration));
  const levels = (given.levels ?? []).length > 0 ? (given.levels ?? []) : await thresholds(operator);
  const plan = given.plan ?? (await chosen('处置预案', [...entriesOf(plans), ['', '暂时不写']]));
  const all = withDefaults({
    ...given,
    name,
    title,
    item,
    scope,
    stream,
    operator,
    of,
    where,
    over,
    levels,
    plan,
  });
  const isSure = await answer(
    prompts.confirm({ message: `写入 ${name}.yaml 和 ${name}.test.yaml？`, active: '是', inactive: '否' }),
  );
  return isSure ? all : null;
}

function entriesOf(map: ReadonlyMap<string, { readonly title: string }>): [string, string][] {
  return [...map].map(([id, { title }]) => [id, title]);
}

/** What the operator is of, where it takes an expression. */
async function argument(operator: OfferedOperator): Promise<string> {
  const takes = OPERATORS[operator].argument;
  if (takes.kind !== 'expression' || takes.all === true) return '';
  const example = { bool: 'event.result == "fail"', number: 'event.amount', any: 'event.complainant' }[
    takes.type
  ];
  const what = takes.type === 'bool' ? '要满足的条件' : '对哪个字段';
  return line(`${what}，如 ${example}`, needed);
}

async function thresholds(operator: OfferedOperator): Promise<string[]> {
  const { threshold } = offerOf(operator);
  const levels = await answer(
    prompts.multiselect({
      message: threshold === 'none' ? '成立时是什么等级（选一个）' : '用哪几级（空格选中，回车确定）',
      options: Object.entries(LEVEL_WORDS).map(([value, label]) => ({ value, label })),
      required: true,
    }),
  );
  if (threshold === 'none') return levels.slice(0, 1);
  const told: string[] = [];
  for (const level of levels) {
    const word = LEVEL_WORDS[level as keyof typeof LEVEL_WORDS];
    const compared = offerOf(operator).falls === true ? '不超过' : '达到';
    const fits = (text: string) =>
      parseNumber(text) === null && parseDuration(text) === null ? THRESHOLD_WORDS[threshold] : undefined;
    told.push(`${level}=${await line(`${compared}多少是${word}（${THRESHOLD_WORDS[threshold]}）`, fits)}`);
  }
  return told;
}

function needed(text: string): string | undefined {
  return text.trim() === '' ? '请填写' : undefined;
}

function isDuration(text: string): string | undefined {
  return (parseDuration(text) ?? 0) > 0 ? undefined : '写成 90s、15m、12h、7d、4w 这样';
}

async function line(
  message: string,
  fault: (text: string) => string | undefined = () => undefined,
): Promise<string> {
  const text = await answer(prompts.text({ message, validate: (value) => fault((value ?? '').trim()) }));
  return text.trim();
}

/** One of a list, found by typing a part of it. */
async function chosen(message: string, entries: readonly (readonly [string, string])[]): Promise<string> {
  const options = entries.map(([value, label]) => ({
    value,
    label: value === '' ? label : `${label} ${value}`,
  }));
  return answer(prompts.autocomplete({ message, options, maxItems: 12 }));
}

async function answer<T>(question: Promise<T>): Promise<Exclude<T, symbol>> {
  const given = await question;
  if (prompts.isCancel(given)) throw new GivenUp();
  return given as Exclude<T, symbol>;
}

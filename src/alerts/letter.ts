// A message as officials read it on any channel: a title, then what, figures, law, action, deadline, each on its line.
import { utf8ToBytes } from '@noble/hashes/utils.js';
import { parseTerm } from '../catalogue/duration.js';
import type { DutyKind } from './duty.js';
import { DUTY_NAMES } from './notices.js';

/** What a person reads of a delivery, part by part. */
export interface Letter {
  readonly title: string;
  /** none, blue, yellow, orange or red. */
  readonly level: string;
  readonly lines: readonly { readonly label: string; readonly text: string }[];
  /** Where the warning can be looked at; null where no address is configured. */
  readonly link: string | null;
}

/** Writes a letter as one kind of receiver shows it. */
export type Layout = (letter: Letter) => string;

const TITLE_MAX = 120;
const FIGURES_MAX = 10;
const LAWS_MAX = 6;
/** A text is not shortened below this many characters; then whole lines go. */
const SHORTEST = 20;

const TEST_MARK = '【测试】';
const TEST_NOTE = '这是一条测试消息，用于检查推送渠道，不涉及任何监管对象，无需处置。';

/** The body of a delivery; what it lacks is left out. */
type Body = { readonly [name: string]: unknown };

/**
 * The letter of a message as `messageOf` made it, or of any body with a sentence in `message`.
 * @param link where the warning can be looked at
 * @param attempt above 1 it says that it may have come before
 * @param isTest marks it as a trial that asks for nothing
 */
export function letterOf(body: Body, link: string | null, attempt: number, isTest: boolean): Letter {
  const sentence = textOf(body['message']) || textOf(body['title']) || textOf(body['warning']);
  // A reminder stands before the sentence of its warning.
  const end = sentence.indexOf('。', Math.max(0, sentence.indexOf('【')));
  const head = end < 0 ? sentence : sentence.slice(0, end);
  const isWhole = head.length <= TITLE_MAX;
  const title = isWhole ? head : `${head.slice(0, TITLE_MAX)}…`;
  const rest = isWhole ? sentence.slice(head.length + 1) : sentence;
  const lines = [
    { label: '说明', text: isTest ? TEST_NOTE : '' },
    { label: '重发', text: attempt > 1 ? `第 ${attempt} 次发送；已收到同一编号消息的，不必重复处置。` : '' },
    { label: '情况', text: [rest, textOf(body['summary'])].filter((text) => text !== '').join('') },
    { label: '对象', text: subjectOf(body) },
    { label: '事项', text: textOf(recordOf(body['item'])['title']) },
    { label: '数据', text: figuresOf(body['indicators']) },
    { label: '依据', text: lawsOf(body['legal']) },
    { label: '处置', text: actionOf(body) },
    { label: '时限', text: deadlinesOf(body) },
    { label: '时间', text: textOf(body['at']) },
    { label: '编号', text: textOf(body['warning']) },
  ];
  return {
    title: onOneLine(isTest ? `${TEST_MARK}${title}` : title),
    level: textOf(body['level']) || 'none',
    lines: lines
      .map(({ label, text }) => ({ label, text: onOneLine(text) }))
      .filter(({ text }) => text !== ''),
    link,
  };
}

/**
 * A text that stays on its line and reads as it is written: no name can look like a further line of the letter, such as
 * another address to look at. Format characters are seen by nobody, and some turn round what follows them.
 */
function onOneLine(text: string): string {
  return text
    .replace(/\p{Cf}+/gu, '')
    .replace(/[\p{Cc}\u2028\u2029]+/gu, ' ')
    .trim();
}

/**
 * A letter without characters that mark up, mention or link in any dialect of Markdown: full-width ones stand for
 * them, since none of the robots knows an escape that all of them understand.
 */
export function neutral(letter: Letter): Letter {
  const lines = letter.lines.map(({ label, text }) => ({ label, text: neutralText(text) }));
  return { ...letter, title: neutralText(letter.title), lines };
}

/** Lays a letter out; the longest lines are shortened, then the last ones left out, until it fits. */
export function fitted(letter: Letter, layout: Layout, maxBytes: number): string {
  let fitting = letter;
  for (;;) {
    const text = layout(fitting);
    if (byteLength(text) <= maxBytes) return text;
    const less = shortened(fitting);
    if (less === null) return cut(text, maxBytes);
    fitting = less;
  }
}

/** One step shorter, or null where nothing but a short title is left. */
function shortened(letter: Letter): Letter | null {
  const longest = letter.lines.reduce((most, { text }) => Math.max(most, text.length), 0);
  if (longest > SHORTEST) {
    const index = letter.lines.findIndex(({ text }) => text.length === longest);
    const lines = letter.lines.map((line, at) => (at === index ? { ...line, text: half(line.text) } : line));
    return { ...letter, lines };
  }
  if (letter.lines.length > 0) return { ...letter, lines: letter.lines.slice(0, -1) };
  return letter.title.length > SHORTEST ? { ...letter, title: half(letter.title) } : null;
}

function half(text: string): string {
  return `${[...text].slice(0, Math.max(SHORTEST / 2, Math.floor([...text].length / 2) - 1)).join('')}…`;
}

function byteLength(text: string): number {
  return utf8ToBytes(text).length;
}

/** The beginning of a text, whole characters. */
function cut(text: string, maxBytes: number): string {
  let bytes = 0;
  let end = 0;
  for (const character of text) {
    bytes += byteLength(character);
    if (bytes > maxBytes) break;
    end += character.length;
  }
  return text.slice(0, end);
}

const MARKS: { readonly [character: string]: string } = {
  '*': '＊',
  _: '＿',
  '`': '｀',
  '~': '～',
  '#': '＃',
  '>': '＞',
  '<': '＜',
  '[': '［',
  ']': '］',
  '(': '（',
  ')': '）',
  '!': '！',
  '|': '｜',
  '\\': '＼',
  '@': '＠',
  '&': '＆',
};

/** A bare address is a link for every robot, so its colon goes as well. */
function neutralText(text: string): string {
  return text
    .replace(/[*_`~#><[\]()!|\\@&]/g, (character) => MARKS[character] ?? ' ')
    .replace(/:\/\//g, '：//');
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value.trim() : '';
}

function recordOf(value: unknown): Body {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Body) : {};
}

function subjectOf(body: Body): string {
  const name = textOf(body['name']);
  const region = textOf(body['region_name']);
  return name === '' || region === '' || name === region ? name : `${name}（${region}）`;
}

function figuresOf(value: unknown): string {
  const figures = Object.entries(recordOf(value));
  const shown = figures.slice(0, FIGURES_MAX).map(([name, figure]) => `${name} ${figureOf(figure)}`);
  const more = figures.length > FIGURES_MAX ? `等 ${figures.length} 项` : '';
  return `${shown.join('，')}${more}`;
}

/** To two decimals; whole numbers as they are. */
function figureOf(figure: unknown): string {
  if (typeof figure === 'number') return String(Math.round(figure * 100) / 100);
  if (typeof figure === 'string') return figure;
  if (typeof figure === 'boolean') return figure ? '是' : '否';
  return figure === null ? '无数据' : '无法计算';
}

/** Bases in force; others are named as such, never passed over. */
function lawsOf(value: unknown): string {
  if (!Array.isArray(value)) return '';
  return value
    .slice(0, LAWS_MAX)
    .map((one: unknown) => {
      const { law, article, in_force } = recordOf(one);
      const name = textOf(law);
      const titled = name.startsWith('《') ? name : `《${name}》`;
      return `${titled}${textOf(article)}${in_force === false ? '（已失效）' : ''}`;
    })
    .join('；');
}

function actionOf(body: Body): string {
  const action = textOf(recordOf(body['plan'])['action']);
  const advise = textOf(body['advise']);
  return [action, advise].filter((text) => text !== '').join(' ');
}

/** What the department owes by when; before anything is owed, the terms of the plan. */
function deadlinesOf({ deadlines, department, plan }: Body): string {
  const owed = (Array.isArray(deadlines) ? deadlines : []).map(recordOf);
  const own = owed.filter((one) => one['department'] === department && textOf(one['due']) !== '');
  if (own.length > 0) {
    return own.map(({ kind, due }) => `${textOf(due)} 前${DUTY_NAMES[textOf(kind) as DutyKind]}`).join('，');
  }
  const steps = [
    [DUTY_NAMES.sign, recordOf(plan)['sign_within']],
    [DUTY_NAMES.feedback, recordOf(plan)['feedback_within']],
    [DUTY_NAMES.close, recordOf(plan)['close_within']],
  ] as const;
  return steps
    .flatMap(([name, term]) => (textOf(term) === '' ? [] : [`${termText(textOf(term))}内${name}`]))
    .join('，');
}

/** `2h` as 2 小时, `3 workdays` as 3 个工作日. */
function termText(text: string): string {
  const term = parseTerm(text);
  if (term === null) return text;
  if (term.unit === 'workdays') return `${term.days} 个工作日`;
  if (term.unit === 'workhours') return `${term.hours} 个工作小时`;
  let rest = term.seconds;
  const parts: string[] = [];
  for (const [seconds, unit] of [
    [86_400, '天'],
    [3_600, '小时'],
    [60, '分钟'],
    [1, '秒'],
  ] as const) {
    const count = Math.floor(rest / seconds);
    rest -= count * seconds;
    if (count > 0) parts.push(`${count} ${unit}`);
  }
  return parts.join(' ') || text;
}

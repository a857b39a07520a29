// The words of explanations: values, conditions and what is missing, as officials say them.
import { localTime } from '../alerts/wording.js';
import { STREAM_NAMES } from '../alerts/evidence-page.js';
import type { Field } from '../events/fields.js';
import { profileFields } from '../events/profile.js';
import { sourceFields } from '../events/sources.js';
import { SOURCES, type Json, type SourceName } from '../events/event.js';
import type {
  ExplainedCondition,
  ExplainedIndicator,
  ExplainedNeed,
  ExplainedSide,
} from '../pipeline/explain/explanation.js';

const VALUE_LENGTH_MAX = 80;

const SPAN_UNITS = [
  ['日', 86_400_000],
  ['小时', 3_600_000],
  ['分钟', 60_000],
  ['秒', 1_000],
] as const;

/** A span as officials write it, to two units: `7 日`, `1 日 12 小时`. */
export function spanText(ms: number): string {
  const parts: string[] = [];
  let rest = Math.round(Math.abs(ms));
  for (const [unit, size] of SPAN_UNITS) {
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (count > 0 && parts.length < 2) parts.push(`${count} ${unit}`);
  }
  return parts.length === 0 ? '不到 1 秒' : parts.join(' ');
}

/** An instant of an explanation in local time. */
export function instantText(instant: string, zone: string): string {
  return localTime(Date.parse(instant), zone);
}

/** To nine digits: what is written here is read, not reckoned with. */
function numberText(value: number): string {
  return String(Number(value.toPrecision(9)));
}

export function valueText(value: Json | undefined, type: string, unit: string | null, zone: string): string {
  if (value === null || value === undefined) return '无值';
  if (typeof value === 'number') {
    if (type === 'duration') return (value < 0 ? '负 ' : '') + spanText(value * 1000);
    if (type === 'timestamp') return localTime(value * 1000, zone);
    return unit === null ? numberText(value) : `${numberText(value)} ${unit}`;
  }
  if (typeof value === 'boolean') return value ? '是' : '否';
  if (isFailure(value)) return `算不出来（${value.error}）`;
  return shortened(typeof value === 'string' ? `“${value}”` : JSON.stringify(value));
}

function isFailure(value: Json): value is { error: string } {
  return (
    typeof value === 'object' && value !== null && !Array.isArray(value) && typeof value['error'] === 'string'
  );
}

export function shortened(text: string): string {
  return text.length <= VALUE_LENGTH_MAX ? text : `${text.slice(0, VALUE_LENGTH_MAX)}…`;
}

export function streamText(streams: readonly string[]): string {
  return streams.map(streamName).join('、');
}

function streamName(stream: string): string {
  return stream === 'warning' ? '预警' : (STREAM_NAMES[stream as keyof typeof STREAM_NAMES] ?? stream);
}

/** A field of an event with its value, by its Chinese name: `整改期限=2026-03-21 00:00:00`. */
export function fieldText(stream: string, name: string, value: Json, zone: string): string {
  const source: SourceName | undefined = SOURCES.find((one) => one === stream);
  return declaredText(name, source === undefined ? undefined : sourceFields(source)[name], value, zone);
}

/** A fact of a profile with its value, by its Chinese name. */
export function factText(name: string, value: Json, zone: string): string {
  return declaredText(name, profileFields[name], value, zone);
}

/** What a fact of a profile is called in Chinese. */
export function factName(name: string): string {
  return chineseOf(profileFields[name]) ?? name;
}

/** A description begins with the Chinese name, and names a unit in brackets. */
function chineseOf(field: Field | undefined): string | undefined {
  return field?.description?.split(' ')[0]?.replace(/（.*/, '');
}

function declaredText(name: string, field: Field | undefined, value: Json, zone: string): string {
  const unit = /（(元|秒)）/.exec(field?.description ?? '')?.[1] ?? null;
  const type = unit === '秒' ? 'duration' : (field?.type.type ?? 'dyn');
  // In an event an instant is a text, in a profile a number of seconds.
  const instant = type === 'timestamp' && typeof value === 'string' ? Date.parse(value) / 1000 : NaN;
  const shown = Number.isNaN(instant) ? value : instant;
  return `${chineseOf(field) ?? name}=${valueText(shown, type, unit === '秒' ? null : unit, zone)}`;
}

/** Whether a condition holds, in a word. */
export function verdictText(value: Json): string {
  if (value === true) return '成立';
  if (value === false) return '不成立';
  return value === null ? '无值，按不成立' : `无法判断（${(value as { error?: string }).error ?? ''}）`;
}

/** A condition and what it is made of, a line each. */
export function conditionLines(condition: ExplainedCondition, zone: string, indent: string): string[] {
  const { kind, text, value, parts = [] } = condition;
  const verdict = verdictText(value);
  const below = (shown: readonly ExplainedCondition[]) =>
    shown.flatMap((part) => conditionLines(part, zone, `${indent}  `));
  switch (kind) {
    case 'and':
      return [`${indent}须全部成立：${verdict}`, ...below(parts)];
    case 'or':
      return [`${indent}有一项成立即可：${verdict}`, ...below(parts)];
    case 'not':
      return [`${indent}须不成立：${verdict}`, ...below(parts)];
    case 'named':
      return [`${indent}${text}：${verdict}`, ...below(parts)];
    case 'choice':
      return [`${indent}视情况而定（先看第一项，成立则看第二项，否则看第三项）：${verdict}`, ...below(parts)];
    case 'test':
      return [`${indent}${text}：${verdict}`];
    case 'comparison':
      return [`${indent}${comparisonText(condition, zone)}`];
  }
}

const SIGNS: { readonly [operator: string]: string } = {
  '>=': '≥',
  '>': '>',
  '<=': '≤',
  '<': '<',
  '==': '=',
  '!=': '≠',
  in: '属于',
};

function comparisonText(
  { text, value, operator = '', left, right, difference }: ExplainedCondition,
  zone: string,
) {
  const sides = `${sideText(left, zone)} ${SIGNS[operator] ?? operator} ${sideText(right, zone)}`;
  const gap =
    difference === null || difference === undefined ? '' : gapText(operator, difference, left, zone);
  return `${text}：${sides}，${verdictText(value)}${gap === '' ? '' : `，${gap}`}`;
}

function sideText(side: ExplainedSide | undefined, zone: string): string {
  return side === undefined ? '' : valueText(side.value, side.type, side.unit, zone);
}

/** How far a comparison is from turning: `还差 2 件`, `超出 30000 元`. */
function gapText(
  operator: string,
  difference: number,
  left: ExplainedSide | undefined,
  zone: string,
): string {
  const isSpan = left?.type === 'duration' || left?.type === 'timestamp';
  const shown = valueText(Math.abs(difference), isSpan ? 'duration' : 'number', left?.unit ?? null, zone);
  if (operator === '>=' || operator === '>') {
    if (difference === 0) return operator === '>=' ? '恰好达到' : '刚好相等，须再多';
    return difference > 0 ? `超出 ${shown}` : `还差 ${shown}`;
  }
  if (operator !== '<=' && operator !== '<') return '';
  if (difference === 0) return operator === '<=' ? '恰好在界上' : '刚好相等，须再少';
  return difference < 0 ? `低 ${shown}` : `高出 ${shown}`;
}

/** What would have to come, as a demand: `再有 2 件投诉举报（complaints，7 日内）`. */
export function needText(
  need: ExplainedNeed,
  indicators: readonly ExplainedIndicator[],
  zone: string,
): string {
  const { text, wanted, operator = '', left, right, by, indicator } = need;
  const own = indicators.find(({ name }) => name === indicator);
  const brought = own === undefined || by === null ? null : broughtText(own, operator, by, left, zone);
  if (brought !== null) return brought;
  if (left === undefined || right === undefined) {
    if (own?.operator === 'absent') return absentText(own, wanted, zone);
    return wanted ? `${text} 成立` : `${text} 不再成立`;
  }
  if (left.text === 'now' && typeof right.value === 'number' && (operator === '>=' || operator === '>'))
    return `等到 ${sideText(right, zone)}（还差 ${amountText(by ?? 0, left, zone)}）`;
  const isNever = own?.value === null || left.value === null;
  const now = isNever ? '现无值' : `现为 ${sideText(left, zone)}`;
  const missing =
    by === null || by === 0 ? '' : `，${by > 0 ? '还差' : '须减少'} ${amountText(by, left, zone)}`;
  return `${left.text} ${SIGNS[operator] ?? operator} ${sideText(right, zone)}（${now}${missing}）`;
}

function amountText(by: number, left: ExplainedSide | undefined, zone: string): string {
  const isSpan = left?.type === 'duration' || left?.type === 'timestamp';
  return valueText(Math.abs(by), isSpan ? 'duration' : 'number', left?.unit ?? null, zone);
}

/** What events would bring about; null where it is not for more of them to come. */
function broughtText(
  own: ExplainedIndicator,
  operator: string,
  by: number,
  left: ExplainedSide | undefined,
  zone: string,
): string | null {
  // More events raise the densest span only where they lie close enough together.
  if (by < 0 || operator === '==' || operator === '!=' || own.type === 'object' || own.densest_ms !== null)
    return null;
  const more = operator === '>' && by === 0 ? '更多' : amountText(by, left, zone);
  const what = streamText(own.from);
  const span = own.over_ms === null ? '' : `，${spanText(own.over_ms)}内`;
  const where = own.where === null ? '' : `，条件 ${shortened(own.where)}`;
  const place = `（${own.name}${span}${where}）`;
  switch (own.operator) {
    case 'count':
      return `再有 ${more}${what}${place}`;
    case 'distinct':
      return `再有 ${more}不同的 ${own.expression ?? ''}（${own.name}，${what}${span}）`;
    case 'streak':
      return `再连续 ${more}${what}满足 ${own.expression ?? ''}${place}`;
    case 'sequence':
      return `再有 ${more}完整的先后过程${place}`;
    case 'sum':
      return `${own.expression ?? ''} 合计再增加 ${more}${place}`;
    case 'since':
      return `再过 ${more}没有变化（${own.name}，${what}）`;
    default:
      return null;
  }
}

function absentText(own: ExplainedIndicator, wanted: boolean, zone: string): string {
  const what = `${spanText(own.over_ms ?? 0)}没有${streamText(own.from)}（${own.name}）`;
  if (!wanted) return `来一件${streamText(own.from)}（${own.name}）`;
  return own.next_change === null ? what : `${what}，如无新情况 ${instantText(own.next_change, zone)} 满`;
}

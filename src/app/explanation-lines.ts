// An explanation as lines of Chinese: what stands, why, what is missing for more, and when it ends.
import { LEVEL_NAMES, REASON_NAMES } from '../alerts/wording.js';
import { KEY_SCOPES, type Json } from '../events/event.js';
import type { Level } from '../model/model.js';
import type {
  ExplainedEvent,
  ExplainedIndicator,
  ExplainedLevel,
  ExplainedTransition,
  Explanation,
} from '../pipeline/explain/explanation.js';
import {
  conditionLines,
  factName,
  factText,
  fieldText,
  instantText,
  needText,
  shortened,
  spanText,
  streamText,
  valueText,
  verdictText,
} from './explained-words.js';
import type { ExplainResult } from './explaining.js';

/** @returns lines to read, of which each is to be made fit for the terminal */
export function explanationLines({ explanation, status, ran, awaited }: ExplainResult): string[] {
  const sections: (readonly string[])[] = [
    [...head(explanation, status, ran), ...awaitedLines(explanation, awaited)],
    conclusion(explanation),
    profileLines(explanation),
    whereLines(explanation),
    indicatorLines(explanation),
    scoreLines(explanation),
    levelLines(explanation),
    historyLines(explanation),
  ];
  return sections.filter((one) => one.length > 0).flatMap((one, index) => (index === 0 ? one : ['', ...one]));
}

function head(
  { model, key, at, zone, revision }: Explanation,
  status: ExplainResult['status'],
  ran: ExplainResult['ran'],
): string[] {
  const isRegistrable = KEY_SCOPES.some((scope) => scope === key.scope);
  const registered = key.registered === null ? '没有登记' : `登记于 ${instantText(key.registered, zone)}`;
  return [
    `模型  ${model.name}  ${model.title}`,
    `      ${model.summary}`,
    `对象  ${key.name}（${key.scope}:${key.id}）${isRegistrable ? `，${registered}` : ''}`,
    `时点  ${instantText(at, zone)}（${zone}）；规则版本 ${revision}`,
    ...(ran === null || ran === revision
      ? []
      : [`注意  系统运行的是另一版规则（${ran}），以下按 --rules 的规则说明，结论可能不同。`]),
    ...(status === 'active' ? [] : [STATUS_NOTES[status]]),
    ...(key.known ? [] : ['注意  到这个时点为止，没有读到这个对象的任何事件；请核对 --subject 和数据。']),
  ];
}

/** What the deployment does not know yet, and what it waits for. */
function awaitedLines({ model, zone }: Explanation, awaited: ExplainResult['awaited']): string[] {
  if (awaited === null) return [];
  const named = awaited.indicators.map(({ model: of, name, from, history_from: begin }) => {
    const shown = of === model.name ? name : `${of} 的 ${name}`;
    return `      ${shown}：等待 ${instantText(begin, zone)} 以来的${streamText(from)}`;
  });
  return [
    `注意  系统 ${instantText(awaited.since, zone)} 换了规则，以下指标还在读入此前的历史，读完以前是未知，级别不升不降：`,
    ...named,
    '      下面的数字和结论是读完以后的。',
  ];
}

const STATUS_NOTES = {
  off: '注意  这个模型已停用（status: off），不会预警；以下是假设它启用时的情况。',
  shadow: '注意  这个模型在试运行（status: shadow），它的预警只记录，不推送。',
} as const;

const levelText = (level: string): string => (level === 'none' ? '无预警' : LEVEL_NAMES[level as Level]);

function conclusion(explanation: Explanation): string[] {
  const { applies, level, since, episode, transitions, zone } = explanation;
  const last = transitions.newest.at(-1);
  const when = since === null ? '从未预警' : `${instantText(since, zone)} 起，${reasonText(last)}`;
  return [
    `结论  ${levelText(level)}（${when}）`,
    ...(episode === null
      ? []
      : [
          `      预警编号 ${episode.warning}，${instantText(episode.raised, zone)} 首次发出${episode.quiet ? '；由补录的历史引起，不推送' : ''}`,
        ]),
    ...(applies === 'true'
      ? []
      : [
          applies === 'false'
            ? '      模型不适用于这个对象（见“适用范围”），所以不预警。'
            : '      无法判断模型是否适用，级别不变。',
        ]),
    ...nextLines(explanation),
    ...outlookLines(explanation),
    ...feedLines(explanation),
  ];
}

function reasonText(last: ExplainedTransition | undefined): string {
  if (last === undefined) return '';
  return REASON_NAMES[last.reason as keyof typeof REASON_NAMES];
}

/** What is missing for the next graver level; of the others it is said beside them. */
function nextLines({ levels, indicators, zone }: Explanation): string[] {
  const next = levels.findLast(({ needs }) => needs !== undefined);
  if (next === undefined) return [];
  return [`      距${levelText(next.level)}：${needsText(next, indicators, zone)}`];
}

function needsText(
  { needs, timer, holds }: ExplainedLevel,
  indicators: readonly ExplainedIndicator[],
  zone: string,
): string {
  if (needs === undefined || needs === null) return '条件里有不会改变的部分，来什么都不成立';
  if (needs.length > 0) return needs.map((need) => needText(need, indicators, zone)).join('；并且 ');
  if (timer !== null) return `条件已成立，持续到 ${instantText(timer.until, zone)} 即发出`;
  return holds === 'unknown' ? '条件无法判断' : '条件已成立';
}

function outlookLines({ outlook, level, zone }: Explanation): string[] {
  const { transitions, until, complete } = outlook;
  const steps = transitions.map(
    (one) =>
      `${instantText(one.clock, zone)} ${one.level === 'none' ? '解除' : levelText(one.level)}（${reasonText(one)}）`,
  );
  const far = until === null ? '' : `（推算到 ${instantText(until, zone)}）`;
  if (steps.length > 0) return [`      如无新情况：${steps.join('，')}${complete ? '' : far}`];
  const none = level === 'none' ? '不会预警' : '级别不会变';
  return [`      如无新情况：${none}${far}`];
}

function feedLines({ gaps, rests_on: restsOn, silent_sources: silent, zone }: Explanation): string[] {
  const isSilent = new Map(silent.map(({ source, since }) => [source, since]));
  return [
    ...restsOn.map((source) => {
      const since = isSilent.get(source);
      const state = since === undefined ? '现在正常' : `自 ${instantText(since, zone)} 起中断，期间暂缓推送`;
      return `      依据“没有消息”，消息来自 ${source}：${state}`;
    }),
    ...gaps.map(
      ({ from, to }) =>
        `      ${instantText(from, zone)} 至 ${instantText(to, zone)} 系统没有接收，不计入“没有消息”的时长`,
    ),
  ];
}

function profileLines({ profile, params, zone }: Explanation): string[] {
  const facts = Object.entries(profile).map(([field, value]) => factText(field, value, zone));
  const chosen = params.map(({ name, value, type, by, chosen_by: choice }) => {
    const why = by === null ? '' : `（按${factName(by)} ${valueText(choice, 'dyn', null, zone)}）`;
    return `params.${name} = ${valueText(value, type, null, zone)}${why}`;
  });
  return [
    ...(facts.length === 0 ? [] : [`对象情况  ${facts.join('，')}`]),
    ...(chosen.length === 0 ? [] : [`参数      ${chosen.join('，')}`]),
  ];
}

function whereLines({ where, applies, zone }: Explanation): string[] {
  if (where === null) return [];
  const verdict = applies === 'true' ? '适用' : applies === 'false' ? '不适用' : '无法判断';
  return [`适用范围：${verdict}`, ...conditionLines(where, zone, '  ')];
}

function indicatorLines({ indicators, key, zone }: Explanation): string[] {
  return ['指标', ...indicators.flatMap((one) => oneIndicator(one, indicators, key, zone))];
}

/** Figures by name, each as its type has it. */
function figuresText(
  figures: { readonly [name: string]: Json },
  indicators: readonly ExplainedIndicator[],
  zone: string,
): string {
  const shown = Object.entries(figures).map(([name, figure]) => {
    const type = indicators.find((one) => one.name === name)?.type ?? 'dyn';
    return `${name}=${valueText(figure, type, null, zone)}`;
  });
  return shown.join('，');
}

function oneIndicator(
  indicator: ExplainedIndicator,
  indicators: readonly ExplainedIndicator[],
  key: Explanation['key'],
  zone: string,
): string[] {
  const { name, operator, value, type, unit, unprimed, expression, reads } = indicator;
  const shown = unprimed ? '未知（历史还在读入）' : valueText(value, type, unit, zone);
  if (operator === 'value') {
    const read = figuresText(reads, indicators, zone);
    return [`  ${name} = ${shown}`, `    由 ${expression ?? ''} 算出${read === '' ? '' : `：${read}`}`];
  }
  return [
    `  ${name} = ${shown}（${operator}${expression === null ? '' : ` ${shortened(expression)}`}）`,
    `    ${windowText(indicator, zone)}`,
    ...(operator === 'absent' ? absenceLines(indicator, key, zone) : eventLines(indicator, indicators, zone)),
    ...openLines(indicator, zone),
    ...paneLines(indicator, zone),
    ...(indicator.next_change === null
      ? []
      : [`    如无新情况，下次变化 ${instantText(indicator.next_change, zone)}`]),
  ];
}

function windowText(
  {
    from,
    window,
    over_ms: overMs,
    basis,
    where,
    every_ms: everyMs,
    densest_ms: densestMs,
  }: ExplainedIndicator,
  zone: string,
) {
  const span = window === null ? '' : `${instantText(window.from, zone)} 至 ${instantText(window.to, zone)}`;
  return [
    `${streamText(from)}，${spanText(overMs ?? 0)}（${span}，按${basis === 'arrival' ? '到达' : '发生'}时间）`,
    ...(densestMs === null ? [] : [`取其中最密的 ${spanText(densestMs)}`]),
    ...(everyMs === null ? [] : [`每 ${spanText(everyMs)}一段`]),
    ...(where === null ? [] : [`条件 ${where}`]),
  ].join('；');
}

function eventLines(
  indicator: ExplainedIndicator,
  indicators: readonly ExplainedIndicator[],
  zone: string,
): string[] {
  const { events, operator, value, panes } = indicator;
  const { total, newest } = events;
  if (total === 0) return panes === null ? ['    没有计入的事件'] : [];
  const inStreak = operator === 'streak' && typeof value === 'number' ? newest.length - value : Infinity;
  const before = indicators.slice(0, indicators.indexOf(indicator));
  const same = before.find((one) => one.events.total === total && hasSame(one, indicator));
  if (same !== undefined && inStreak === Infinity) return [`    计入 ${total} 件，与 ${same.name} 相同`];
  const more = total > newest.length ? `，以下是最近 ${newest.length} 件` : '';
  return [
    `    计入 ${total} 件${more}：`,
    ...newest.map((event, index) => `      ${eventText(event, zone)}${index >= inStreak ? '  ←连续' : ''}`),
  ];
}

/** Whether all that would be shown of the events was shown before. */
function hasSame(before: ExplainedIndicator, { events, operator }: ExplainedIndicator): boolean {
  return (
    before.operator !== 'absent' &&
    operator !== 'absent' &&
    events.newest.every(({ id, fields }, index) => {
      const other = before.events.newest[index];
      const shown = Object.keys(other?.fields ?? {});
      return other?.id === id && Object.keys(fields ?? {}).every((name) => shown.includes(name));
    })
  );
}

/** From when an absence is counted: the last event, or the registration where that is later. */
function absenceLines(
  { events, basis }: ExplainedIndicator,
  key: Explanation['key'],
  zone: string,
): string[] {
  const last = events.newest.at(-1);
  const placed = last === undefined ? null : basis === 'arrival' ? last.at : last.time;
  const isByRegistration = key.registered !== null && (placed === null || placed < key.registered);
  const from = isByRegistration ? key.registered : placed;
  return [
    ...(last === undefined ? ['    从来没有消息'] : [`    最后一件：${eventText(last, zone)}`]),
    ...(from === null
      ? ['    没有消息也没有登记，无从算起']
      : [
          `    从 ${instantText(from, zone)}${isByRegistration ? '（登记）' : ' '}算起，系统没有接收的时间不算`,
        ]),
  ];
}

function eventText({ id, stream, time, at, key, fields }: ExplainedEvent, zone: string): string {
  const arrived = at === time ? '' : `（${instantText(at, zone)} 到达）`;
  const read = Object.entries(fields ?? {}).map(([name, value]) => fieldText(stream, name, value, zone));
  const shown = fields === null ? '内容太久，未保留' : read.join('，');
  return `${instantText(time, zone)}${arrived}  ${id}${key === null ? '' : `  ${key}`}${shown === '' ? '' : `  ${shown}`}`;
}

function openLines({ open }: ExplainedIndicator, zone: string): string[] {
  if (open === null || open.total === 0) return [];
  const more = open.total > open.newest.length ? `，以下是最近 ${open.newest.length} 条` : '';
  return [
    `    已开始、未完成 ${open.total} 条${more}：`,
    ...open.newest.map(({ first, step, not, until }) => {
      const waits = not
        ? `第 ${step} 步的事件若不来，${instantText(until, zone)} 完成`
        : `等第 ${step} 步，最迟 ${instantText(until, zone)}`;
      return `      ${eventText(first, zone)}  ${waits}`;
    }),
  ];
}

const PANES_SHOWN = 14;

function paneLines({ panes, unit }: ExplainedIndicator, zone: string): string[] {
  if (panes === null || panes.total === 0) return [];
  const shown = panes.panes
    .slice(-PANES_SHOWN)
    .map(
      ({ start, figure }) =>
        `${instantText(new Date(start).toISOString(), zone)} ${valueText(figure, 'dyn', unit, zone)}`,
    );
  return [`    有数的分段共 ${panes.total} 段，最近：${shown.join('，')}`];
}

function scoreLines({ score, zone }: Explanation): string[] {
  if (score === null) return [];
  return [
    `评分  ${valueText(score.value, 'number', '分', zone)}`,
    ...score.lines.map(({ name, weight, contribution, missing }) => {
      const part = missing ? '缺数据，0 分' : valueText(contribution, 'number', '分', zone);
      return `  ${name}：${part}（满分 ${weight}），${score.sources[name] ?? ''}`;
    }),
  ];
}

function levelLines({ levels, level: shown, model, indicators, zone }: Explanation): string[] {
  const spans = [
    ...(model.for_ms > 0 ? [`条件持续 ${spanText(model.for_ms)}才发出`] : []),
    ...(model.hold_ms > 0 ? [`条件不成立满 ${spanText(model.hold_ms)}才解除`] : []),
  ];
  return [
    `级别${spans.length === 0 ? '' : `（${spans.join('，')}）`}`,
    ...levels.flatMap((one) => oneLevel(one, shown, indicators, zone)),
  ];
}

function oneLevel(
  level: ExplainedLevel,
  shown: string,
  indicators: readonly ExplainedIndicator[],
  zone: string,
): string[] {
  const { on, condition, holds, clear, timer, unknown_since: unknownSince, needs } = level;
  const own = verdictText(condition.value);
  // The condition of a graver level is enough.
  const graver = holds === 'true' && condition.value !== true ? '，由更重的级别带动' : '';
  const state = on ? (level.level === shown ? '现为此级' : '已达到') : '未达到';
  return [
    `  ${levelText(level.level)}：${state}；条件${own}${graver}`,
    ...conditionLines(condition, zone, '    '),
    ...(clear === null ? [] : ['    解除还要：', ...conditionLines(clear, zone, '      ')]),
    ...(timer === null
      ? []
      : [
          timer.kind === 'hold'
            ? `    条件已不成立，保持到 ${instantText(timer.until, zone)}`
            : `    条件已成立，持续到 ${instantText(timer.until, zone)} 发出`,
        ]),
    ...(unknownSince === null ? [] : [`    自 ${instantText(unknownSince, zone)} 起无法判断，级别不变`]),
    ...(needs === undefined ? [] : [`    还要：${needsText(level, indicators, zone)}`]),
  ];
}

function historyLines({ transitions, indicators, zone }: Explanation): string[] {
  const { total, newest } = transitions;
  if (total === 0) return ['经过  没有过预警'];
  const more = total > newest.length ? `，以下是最近 ${newest.length} 次` : '';
  return [
    `经过  共变化 ${total} 次${more}`,
    ...newest.map((one) => {
      const figures = figuresText(one.indicators, indicators, zone);
      return `  ${instantText(one.clock, zone)}  ${levelText(one.previous)} → ${levelText(one.level)}  ${reasonText(one)}  ${figures}`;
    }),
  ];
}

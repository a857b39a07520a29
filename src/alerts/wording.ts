// The words that officials read: levels, reasons, and the sentence that says what happened.
import type { Catalogue, Item, Plan } from '../catalogue/catalogue.js';
import { basesInForce } from '../catalogue/catalogue.js';
import type { DrawnTask, JointTask, ScoreEvidence, Transition, TransitionReason } from '../engine/output.js';
import type { Json } from '../events/event.js';
import type { Level, Model } from '../model/model.js';
import { drawnDepartments, planOf, titleOf } from './drawn-task.js';
import { isOpen, planStep, type Duty } from './duty.js';
import type { WithheldReason } from './silence.js';

export const LEVEL_NAMES: { readonly [level in Level]: string } = {
  none: '解除',
  blue: '蓝色预警',
  yellow: '黄色预警',
  orange: '橙色预警',
  red: '红色预警',
};

/** Stands for the level of what was drawn. */
export const DRAWN_NAME = '双随机抽查';

/** What stands in the place of a level's name. */
export function levelName(level: Level, { draw }: Pick<Transition, 'draw'>): string {
  return draw === undefined ? LEVEL_NAMES[level] : DRAWN_NAME;
}

export const REASON_NAMES: { readonly [reason in TransitionReason]: string } = {
  raised: '新发预警',
  escalated: '预警升级',
  'de-escalated': '预警降级',
  cleared: '预警解除',
  withdrawn: '依据撤回',
  'not-applicable': '不再适用',
  'model-removed': '模型停用',
  drawn: '随机抽中',
};

/** An instant as officials write it, in a zone: `2026-09-16 10:00:00`. */
export function localTime(epochMs: number, zone: string): string {
  const second = Math.floor(epochMs / 1_000);
  const { texts } = (zones[zone] ??= { texts: new Map(), offsets: new Map(), formatter: formatterOf(zone) });
  const known = texts.get(second);
  if (known !== undefined) return known;
  const local = new Date(second * 1_000 + offsetOf(zone, Math.floor(epochMs / QUARTER_MS)));
  const iso = local.toISOString();
  const text = `${iso.slice(0, 10)} ${iso.slice(11, 19)}`;
  // Many warnings fall due at the close of the same few days.
  if (texts.size >= TEXTS_MAX) texts.clear();
  texts.set(second, text);
  return text;
}

/** How far a zone is ahead of UTC in a quarter hour since the epoch, ms; zones change their offset on these only. */
function offsetOf(zone: string, quarter: number): number {
  const known = zones[zone] as LocalZone;
  const offset = known.offsets.get(quarter);
  if (offset !== undefined) return offset;
  const start = quarter * QUARTER_MS;
  const found = Date.parse(`${known.formatter.format(start).replace(' ', 'T')}Z`) - start;
  if (known.offsets.size >= OFFSETS_MAX) known.offsets.clear();
  known.offsets.set(quarter, found);
  return found;
}

function formatterOf(zone: string): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'medium' });
}

const QUARTER_MS = 900_000;
const OFFSETS_MAX = 8_192;
const TEXTS_MAX = 1_024;

interface LocalZone {
  /** Texts by second since the epoch. */
  readonly texts: Map<number, string>;
  /** By quarter hour since the epoch. */
  readonly offsets: Map<number, number>;
  readonly formatter: Intl.DateTimeFormat;
}

const zones: { [zone: string]: LocalZone } = {};

/** What officials call the key: its own name, of a wider one that of its region and the code of its industry. */
export function nameOf(
  { scope, key, profile }: Pick<Transition, 'scope' | 'key' | 'profile'>,
  catalogue: Catalogue,
): string {
  if (scope === 'source') return `数据源 ${key}`;
  const { name, region, industry } = profile;
  if (typeof name === 'string') return name;
  const place = typeof region === 'string' ? (catalogue.regions.get(region) ?? region) : null;
  if (scope === 'region' && place !== null) return place;
  if (scope === 'region+industry' && place !== null && typeof industry === 'string')
    return `${place}行业${industry}`;
  if (scope === 'industry' && typeof industry === 'string') return `行业${industry}`;
  return key;
}

/** After the message of a warning that was withheld, by the reason. */
export const SENT_LATE: { readonly [reason in WithheldReason]: string } = {
  'source-silent': '数据源中断期间暂缓推送，现数据源已恢复，预警仍然成立，予以补发。',
  muted: '静默期间暂缓推送，现静默已结束，预警仍然成立，予以补发。',
  inhibited: '同一对象红色预警期间暂缓推送，现红色预警已降级或者解除，本预警仍然成立，予以补发。',
};

/** The message of one transition; the same for every department but for its role. */
export function messageOf(
  transition: Transition,
  model: Model | undefined,
  item: Item | undefined,
  catalogue: Catalogue,
  duties: readonly Duty[] = [],
): { readonly message: string; readonly [name: string]: unknown } {
  const { profile } = transition;
  const { zone } = catalogue.calendar;
  const name = shorten(nameOf(transition, catalogue));
  const region = typeof profile['region'] === 'string' ? profile['region'] : null;
  const day = localTime(transition.clock, zone).slice(0, 10);
  const plan = planOf(transition, model, catalogue);
  const title = titleOf(transition, model);
  return {
    warning: transition.warning,
    ordinal: transition.ordinal,
    level: transition.level,
    previous: transition.previous,
    reason: transition.reason,
    message: sentence(transition, name, title, catalogue),
    title,
    summary: model?.summary ?? '',
    model: transition.model,
    scope: transition.scope,
    key: transition.key,
    name,
    region,
    region_name: region === null ? null : (catalogue.regions.get(region) ?? null),
    item: { id: transition.item, title: item?.title ?? null, domain: item?.domain ?? null },
    legal: legalOf(item, day),
    plan: planStepOf(plan, transition),
    deadlines: deadlinesOf(duties, zone),
    advise: model?.advise ?? '',
    indicators: shortened(transition.indicators),
    ...(transition.score === undefined ? {} : { score: transition.score }),
    ...(transition.restsOn === undefined ? {} : { rests_on: transition.restsOn }),
    ...(transition.task === undefined ? {} : { task: taskView(transition.task, catalogue, day) }),
    ...(transition.draw === undefined ? {} : { draw: drawView(transition.draw, catalogue) }),
    raised: localTime(transition.raised, zone),
    at: localTime(transition.clock, zone),
    clock: new Date(transition.clock).toISOString(),
    revision: transition.revision,
  };
}

/** Messages stay small whatever was sent: long texts and objects are shown by their beginning; the evidence has them whole. */
const SHOWN_MAX = 200;

function shorten(text: string): string {
  return text.length <= SHOWN_MAX ? text : `${text.slice(0, SHOWN_MAX)}…`;
}

function shortened(figures: Transition['indicators']): { [name: string]: Json } {
  return Object.fromEntries(
    Object.entries(figures).map(([name, value]) => {
      if (typeof value === 'string') return [name, shorten(value)];
      return [name, typeof value === 'object' && value !== null ? shorten(JSON.stringify(value)) : value];
    }),
  );
}

function sentence(transition: Transition, name: string, title: string, catalogue: Catalogue): string {
  const { level, previous, reason, task, draw } = transition;
  if (draw !== undefined && task !== undefined) return drawnText(draw, task, name, catalogue);
  const score = transition.score === undefined ? '' : scoreText(transition.score);
  if (level === 'none')
    return `【预警解除】${name}：${title}，原${LEVEL_NAMES[previous]}，${REASON_NAMES[reason]}。${score}${task === undefined ? '' : '联合检查任务随之终止。'}`;
  const change = previous === 'none' ? '' : `（原${LEVEL_NAMES[previous]}）`;
  return `【${LEVEL_NAMES[level]}】${name}：${title}。${REASON_NAMES[reason]}${change}。${score}${task === undefined ? '' : taskText(task, catalogue)}`;
}

/** Items and departments that a sentence names before it counts the rest. */
const NAMED_MAX = 5;

/** Ids in a message; the evidence has all. */
const WARNINGS_SHOWN_MAX = 100;

/** What a joint task asks for, in a sentence of its own; nothing where no item is left in it. */
function taskText({ items, withinWorkdays }: JointTask, catalogue: Catalogue): string {
  const found = items.flatMap((id) => catalogue.items.get(id) ?? []);
  if (found.length === 0) return '';
  const leads = [...new Set(found.map(({ lead }) => catalogue.departments.get(lead)?.name ?? lead))];
  const by = leads.length === 1 ? `由${leads[0] ?? ''}牵头` : `由${listed(leads, '个部门')}共同牵头`;
  const titles = found.map(({ title }) => title);
  return `联合检查任务：涉及${listed(titles, '个事项')}，${by}，请于 ${withinWorkdays} 个工作日内一次上门完成。`;
}

/** Why it was drawn, and what departments are to do together. */
function drawnText(
  draw: DrawnTask,
  { items, withinWorkdays }: JointTask,
  name: string,
  catalogue: Catalogue,
) {
  const [lead, ...others] = drawnDepartments(draw, catalogue).map((one) => one.name);
  const titles = items.map((id) => catalogue.items.get(id)?.title ?? id);
  return (
    `【${DRAWN_NAME}】${name}：抽中联合检查。${draw.reason}。由${lead ?? ''}牵头，${listed(others, '个部门')}参加，` +
    `请一次上门查完${listed(titles, '个事项')}，于 ${withinWorkdays} 个工作日内各自反馈。`
  );
}

/** A draw as data: what is needed to find the place of the subject in it again. */
function drawView(draw: DrawnTask, catalogue: Catalogue): unknown {
  const { digest, seed, tags, credit, place, hash, reason } = draw;
  return { digest, seed, tags, credit, place, hash, reason, departments: drawnDepartments(draw, catalogue) };
}

/** `甲、乙`; of many the first, and how many there are. */
function listed(names: readonly string[], unit: string): string {
  const shown = names.slice(0, NAMED_MAX).join('、');
  return names.length > NAMED_MAX ? `${shown}等 ${names.length} ${unit}` : shown;
}

/** The joint task as data: each item with who leads, who cooperates, and on what legal basis. */
function taskView(task: JointTask, catalogue: Catalogue, day: string): unknown {
  const named = (id: string) => ({ id, name: catalogue.departments.get(id)?.name ?? null });
  return {
    within_workdays: task.withinWorkdays,
    items: task.items.map((id) => {
      const item = catalogue.items.get(id);
      return {
        id,
        title: item?.title ?? null,
        domain: item?.domain ?? null,
        lead: item === undefined ? null : named(item.lead),
        cooperating: (item?.cooperating ?? []).map(named),
        checklist: checklistOf(item),
        legal: legalOf(item, day),
      };
    }),
    warnings: task.warnings.slice(0, WARNINGS_SHOWN_MAX),
    warnings_total: task.warnings.length,
  };
}

/** What an inspection of an item checks; where nobody wrote it down, how it is inspected. */
export function checklistOf(item: Item | undefined): string[] {
  if (item === undefined) return [];
  return item.checklist.length > 0 ? [...item.checklist] : [item.method];
}

/** A score and its lines, for example `评分 72（投诉 30/30，检查 40/40，处罚 2/30）。` */
function scoreText({ value, lines }: ScoreEvidence): string {
  const parts = lines.map(({ name, weight, contribution, missing }) =>
    missing ? `${name} 缺数据` : `${name} ${figureText(contribution)}/${figureText(weight)}`,
  );
  return `评分 ${figureText(value)}（${parts.join('，')}）。`;
}

/** To one decimal, rounded down, so that nothing looks reached that is not; what is no number could not be computed. */
function figureText(value: Json): string {
  return typeof value === 'number' ? String(Math.floor(value * 10) / 10) : '无法计算';
}

/** A basis that is not in force is shown as such, never passed over. */
function legalOf(item: Item | undefined, day: string): unknown[] {
  if (item === undefined) return [];
  const inForce = new Set(basesInForce(item, day));
  return item.legal.map((basis) => ({
    law: basis.law,
    article: basis.article,
    in_force: inForce.has(basis),
  }));
}

/** What is owed by when, in local time; null where the calendar does not know the year. */
function deadlinesOf(duties: readonly Duty[], zone: string): unknown[] {
  return duties.filter(isOpen).map(({ kind, department, due }) => ({
    kind,
    department,
    due: due === null ? null : localTime(due, zone),
  }));
}

/** The plan's step for the level, or for the gravest level below it that has one. */
function planStepOf(plan: Plan | undefined, { level }: Transition): unknown {
  const step = planStep(plan, level);
  if (plan === undefined || step === undefined) return null;
  const { action, signWithin, feedbackWithin, closeWithin } = step;
  return {
    id: plan.id,
    title: plan.title,
    action,
    sign_within: signWithin,
    feedback_within: feedbackWithin,
    close_within: closeWithin,
  };
}

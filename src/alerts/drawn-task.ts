// A joint inspection that a random draw called for, as the alert side has it: a joint task whose reason is the draw.
// It stands at the mildest level, by which it is listed and ranked, and is done once every department has fed back.
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import type { Catalogue, Plan } from '../catalogue/catalogue.js';
import { parseDue, USUAL_DRAW } from '../catalogue/draw-rules.js';
import type { DrawnTask, Transition } from '../engine/output.js';
import { DRAWN_MODEL, type Draw, type DrawTask } from '../evidence/draw.js';
import type { Model } from '../model/model.js';
import { fulfil } from './duty.js';
import { stageOf } from './party.js';
import { isOver, leadOf, type AlertState } from './state.js';

export const DRAWN_TITLE = '双随机联合检查';

const LEVEL = 'blue';
const CONCLUSION = '各部门均已反馈，任务自动办结。';
/** SHA-256 over no ids at all. */
const OF_NOTHING = bytesToHex(sha256(utf8ToBytes('')));

/** What a draw calls for, one for each subject that was drawn; the same draw always gives the same ones. */
export function drawnTransitions(draw: Draw): Transition[] {
  const { digest, seed, tags, due, revision } = draw;
  const places = new Map(draw.drawn.map((one) => [one.subject, one]));
  const clock = Date.parse(draw.at);
  return draw.tasks.flatMap((task): Transition[] => {
    const { subject, name, region, items, reason } = task;
    const drawn = places.get(subject);
    const departments = leadFirst(task);
    const lead = items.find(({ department }) => department === departments[0]);
    if (drawn === undefined || lead === undefined) return [];
    const { credit, place, hash } = drawn;
    return [
      {
        kind: 'transition',
        warning: taskId(digest, subject),
        ordinal: 0,
        model: DRAWN_MODEL,
        scope: 'subject',
        key: subject,
        level: LEVEL,
        previous: 'none',
        clock,
        raised: clock,
        indicators: {},
        params: {},
        profile: { name, credit: credit === 'unknown' ? null : credit, region },
        reason: 'drawn',
        revision,
        item: lead.id,
        quiet: false,
        contributions: { events: [], total: 0, hash: OF_NOTHING },
        task: { withinWorkdays: workdaysOf(due), items: items.map(({ id }) => id).sort(), warnings: [] },
        draw: { digest, seed, tags, credit, place, hash, departments, reason },
      },
    ];
  });
}

function taskId(digest: string, subject: string): string {
  return bytesToHex(sha256(utf8ToBytes(`draw ${digest}\n${subject}`))).slice(0, 32);
}

/** Who has the most items leads, of equal ones the first by id; the others follow by id. */
function leadFirst({ departments, items }: DrawTask): string[] {
  const count = (id: string) => items.filter(({ department }) => department === id).length;
  const ids = departments.map(({ id }) => id).sort();
  const lead = ids.reduce((most, id) => (count(id) > count(most) ? id : most), ids[0] ?? '');
  return [lead, ...ids.filter((id) => id !== lead)];
}

function workdaysOf(due: string): number {
  return parseDue(due) ?? (parseDue(USUAL_DRAW.due) as number);
}

/** By what plan a warning is handled; a task that was drawn has its own, from the rules of the draws. */
export function planOf(
  { draw, task }: Pick<Transition, 'draw' | 'task'>,
  model: Model | undefined,
  { plans, draws }: Pick<Catalogue, 'plans' | 'draws'>,
): Plan | undefined {
  if (draw === undefined) return typeof model?.plan === 'string' ? plans.get(model.plan) : undefined;
  const due = `${task?.withinWorkdays ?? workdaysOf(draws.due)} workdays`;
  const action =
    '约定时间，一次上门查完各部门事项，各自反馈检查结果和措施：发现问题的选属实，没有发现的选不属实。';
  const step = { action, signWithin: draws.sign, feedbackWithin: due, closeWithin: due };
  return { id: 'draws', title: DRAWN_TITLE, levels: { [LEVEL]: step }, urge: draws.urge };
}

/** What a warning is called by: the title of its model, or that it was drawn. */
export function titleOf({ model: name }: Pick<Transition, 'model'>, model: Model | undefined): string {
  return name === DRAWN_MODEL ? DRAWN_TITLE : (model?.title ?? name);
}

/** The state once nothing is left to wait for: a task that was drawn is closed by the last feedback. */
export function closedByFeedback(state: AlertState, at: number): AlertState {
  const { latest, parties, judgement, suspended } = state;
  if (latest.transition.draw === undefined || isOver(state) || suspended !== undefined) return state;
  const isJudged = judgement !== undefined && judgement.concluded === undefined;
  const isLeft = !parties.some(({ acting }) => acting) || stageOf(parties) !== 'fed-back';
  if (isJudged || isLeft) return state;
  const by = leadOf(state)?.department ?? '';
  return {
    ...state,
    // It is over, and nothing will clear it as a warning is cleared.
    level: 'none',
    closed: { at, by, conclusion: CONCLUSION, level: state.level },
    duties: fulfil(state.duties, at, ({ kind }) => kind !== 'transfer'),
  };
}

/** The departments of a task by name, the one that leads first. */
export function drawnDepartments({ departments }: DrawnTask, catalogue: Catalogue) {
  return departments.map((id) => ({ id, name: catalogue.departments.get(id)?.name ?? id }));
}

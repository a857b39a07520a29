// Who may be drawn for a double-random inspection, and the joint task of each who is.
import { basesInForce, type Catalogue, type Item } from '../catalogue/catalogue.js';
import { DRAW_CLASSES } from '../catalogue/draw-rules.js';
import { parseTerm } from '../catalogue/duration.js';
import { deadline } from '../catalogue/working-time.js';
import type { TagTest } from '../catalogue/tag-expression.js';
import type { Candidate, Drawn, DrawTask, Stratum } from '../evidence/draw.js';
import type { Json } from '../events/event.js';
import { checklistOf, localTime } from './wording.js';

type Profile = { readonly [name: string]: Json };

/** Items that a subject is supervised under: those whose `subjects` take its tags or its industry. */
export function itemsOver(profile: Profile, catalogue: Catalogue): Item[] {
  const tags = tagsOf(profile);
  const { industry } = profile;
  return [...catalogue.items.values()].filter(({ subjects }) => {
    if (subjects === undefined) return false;
    const takesTags = subjects.test?.(tags) === true;
    const takesIndustry = subjects.industry.some(
      (prefix) => typeof industry === 'string' && industry.startsWith(prefix),
    );
    return takesTags || takesIndustry;
  });
}

export function tagsOf({ tags }: Profile): ReadonlySet<string> {
  return new Set(Array.isArray(tags) ? tags.filter((tag): tag is string => typeof tag === 'string') : []);
}

/** Fewer departments need no joint inspection. */
const DEPARTMENTS_LEAST = 2;

/**
 * A subject as a candidate; null where it is none: it lacks the tags, is not in business, or fewer than two departments
 * lead the items that it is supervised under.
 */
export function candidateOf(
  subject: string,
  profile: Profile,
  takes: TagTest,
  catalogue: Catalogue,
): Candidate | null {
  const { name, credit, region, status } = profile;
  const isActive = status === null || status === undefined || status === 'active';
  if (!isActive || !takes(tagsOf(profile))) return null;
  const items = itemsOver(profile, catalogue);
  const departments = [...new Set(items.map(({ lead }) => lead))].sort();
  if (departments.length < DEPARTMENTS_LEAST) return null;
  return {
    subject,
    name: typeof name === 'string' ? name : null,
    credit: DRAW_CLASSES.find((one) => one === credit) ?? 'unknown',
    region: typeof region === 'string' ? region : null,
    departments,
    items: items.map(({ id }) => id).sort(),
  };
}

/** The task of a subject that was drawn. @param at the draw, epoch ms @param term until it is to be done */
export function drawTask(
  { subject, credit, place, hash }: Drawn,
  { name, region, departments, items }: Candidate,
  { candidates, share, drawn }: Stratum,
  { at, term, catalogue }: { readonly at: number; readonly term: string; readonly catalogue: Catalogue },
): DrawTask {
  const { zone } = catalogue.calendar;
  const parsed = parseTerm(term);
  const due = parsed === null ? null : deadline(catalogue.calendar, at, parsed);
  const named = departments.map((id) => ({ id, name: catalogue.departments.get(id)?.name ?? id }));
  const grade = credit === 'unknown' ? '信用等级不明' : `信用等级 ${credit}`;
  return {
    subject,
    name,
    region,
    departments: named,
    items: items.flatMap((id) => {
      const item = catalogue.items.get(id);
      return item === undefined ? [] : [taskItem(item, localTime(at, zone).slice(0, 10))];
    }),
    due: due === null ? null : localTime(due, zone).slice(0, 16),
    reason:
      `由${named.map((one) => one.name).join('、')}共同监管；${grade}，同级候选 ${candidates} 家，` +
      `按 ${share}% 抽 ${drawn} 家（有小数的进一），本次排第 ${place}，抽签值 ${hash.slice(0, 12)}`,
  };
}

function taskItem(item: Item, day: string): DrawTask['items'][number] {
  const { id, title, lead } = item;
  return {
    id,
    title,
    department: lead,
    checklist: checklistOf(item),
    legal: basesInForce(item, day).map(({ law, article }) => `${law}${article}`),
  };
}

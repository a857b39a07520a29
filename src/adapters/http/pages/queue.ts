// The open warnings of a department in the order in which to deal with them, and why.
import type { Queue } from '../figures.js';
import { frame, type Visitor } from './frame.js';
import { html, type Html, type Part } from './html.js';
import { filter, pager } from './listing.js';

/** The page. @param queue null where no department is chosen yet */
export function queuePage(queue: Queue | null, offset: number, visitor: Visitor): string {
  const department = queue?.department.id ?? null;
  return frame(
    '办理顺序',
    visitor,
    html`<h1>办理顺序</h1>
      ${filter('/queue', department, visitor, queue === null ? '选择部门' : null)}
      ${queue === null ? html`<p>请选择部门。</p>` : ranked(queue, offset)}`,
  );
}

function ranked(queue: Queue, offset: number): Part {
  const { department, total, suspended, items } = queue;
  return html`<p>${department.name ?? department.id}：${weekText(queue)}</p>
    <p class="faint">
      待办 ${total}
      条${suspended === 0 ? null : `，另有 ${suspended} 条中止计时，不参加排序`}。同一对象的几条预警，一次上门一并核查，算一家。
    </p>
    ${
      items.length === 0
        ? html`<p>目前没有待办的预警。</p>`
        : html`<ul class="cards">
            ${items.map(line)}
          </ul>`
    }${pager('/queue', total, offset, department.id)}`;
}

function weekText({ per_week: perWeek, visited }: Queue): string {
  if (perWeek === null) return '每周可检查几家没有写明，不标注本周可查的。';
  return `每周可检查 ${perWeek} 家，本周已查 ${visited} 家，还可查 ${Math.max(0, perWeek - visited)} 家。`;
}

function line({
  rank,
  warning,
  level,
  level_name: label,
  name,
  title,
  points,
  parts,
  this_week: fits,
}: Queue['items'][number]): Html {
  const week = fits === null ? null : fits ? html` <strong>本周</strong>` : html` 本周以后`;
  return html`<li class="${level}">
    <span class="badge ${level}">${label}</span>
    <a href="/warnings/${warning}"><bdi>${name}</bdi>：${title}</a>
    <div>第 ${rank} 位，${points} 分${week}</div>
    <div class="faint">${parts.map(({ text, points: got, of }) => `${text}（${got}/${of}）`).join('；')}</div>
  </li>`;
}

// The list of warnings.
import type { Warning } from '../answers.js';
import { departmentName, frame, type Visitor } from './frame.js';
import { html, type Html, type Part } from './html.js';
import { filter, pager } from './listing.js';
import { localText } from './local-time.js';
import { DUTY_NAMES, STATUS_NAMES } from './words.js';

export interface Listed {
  readonly items: readonly Warning[];
  readonly total: number;
  /** There is more than one list looks through. */
  readonly isPart: boolean;
  readonly offset: number;
  /** The department asked for. */
  readonly department: string | null;
}

/** The page. @param now epoch ms, for what is overdue */
export function listPage(
  { items, total, isPart, offset, department }: Listed,
  visitor: Visitor,
  now: number,
): string {
  const of = department ?? visitor.caller.department;
  const shown = items.map((item) => line(item, { visitor, now, department: of }));
  return frame(
    '预警列表',
    visitor,
    html`<h1>预警列表</h1>
      ${filter('/warnings', department, visitor)}
      <p class="faint">
        共 ${total} 条${items.length === 0 ? null : `，本页第 ${offset + 1} 至 ${offset + items.length} 条`}
      </p>
      ${isPart ? html`<p class="note">范围过大，以下未能包括全部预警，请按部门筛选查看。</p>` : null}
      ${
        items.length === 0
          ? html`<p>目前没有预警。</p>`
          : html`<ul class="cards">
              ${shown}
            </ul>`
      }${pager('/warnings', total, offset, department)}`,
  );
}

interface Sight {
  readonly visitor: Visitor;
  readonly now: number;
  readonly department: string | null;
}

function line(warning: Warning, sight: Sight): Html {
  const { id, level, level_name: label, name, title, status, region_name: region, raised } = warning;
  const { zone } = sight.visitor.directory;
  return html`<li class="${level}">
    <span class="badge ${level}">${label}</span>
    <a href="/warnings/${id}"><bdi>${name}</bdi>：${title}</a>
    <div>${STATUS_NAMES[status] ?? status}${deadline(warning, sight)}</div>
    <div class="faint">${localText(raised, zone)}${region === null ? null : ` · ${region}`}</div>
  </li>`;
}

/** The next deadline of the department that is looked for; without one, of any. */
function deadline({ deadlines }: Warning, { visitor, now, department }: Sight): Part {
  const { zone } = visitor.directory;
  const open = deadlines.flatMap(({ kind, department: of, due }) =>
    due === null ? [] : [{ kind, of, due }],
  );
  const own = open.filter(({ of }) => of === department);
  const [next] = (own.length > 0 ? own : open).sort((a, b) => (a.due < b.due ? -1 : 1));
  if (next === undefined) return null;
  // Both are local times of the same form, so that the order of the texts is that of the instants.
  const isOverdue = next.due < `${localText(now, zone)}:00`;
  const by = next.of === department ? null : `${departmentName(next.of, visitor.directory)} `;
  return html` · ${by}应于 ${next.due.slice(0, 16)}
  前${DUTY_NAMES[next.kind]}${isOverdue ? html` <strong class="overdue">已超期</strong>` : null}`;
}

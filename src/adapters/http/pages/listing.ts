// What lists of warnings have in common: the choice of a department, and pages.
import { option, type Visitor } from './frame.js';
import { html, type Part } from './html.js';

export const LIST_PAGE = 50;

/** @param path of the page itself @param every what no department stands for; null where one has to be chosen */
export function filter(
  path: string,
  department: string | null,
  { directory }: Visitor,
  every: string | null = '全部',
): Part {
  const { departments, visible } = directory;
  if (visible.length < 2) return null;
  const choices = departments.filter(({ id }) => visible.includes(id));
  const all = every === null ? null : option('', every, department ?? '');
  return html`<form method="get" action="${path}">
    <div class="row">
      <select name="department" aria-label="部门">
        ${all}${choices.map(({ id, name }) => option(id, name, department ?? ''))}</select
      ><button>筛选</button>
    </div>
  </form>`;
}

export function pager(path: string, total: number, offset: number, department: string | null): Part {
  const link = (to: number, text: string) => {
    const query = new URLSearchParams({ ...(department === null ? {} : { department }), offset: String(to) });
    return html`<a href="${path}?${query.toString()}">${text}</a>`;
  };
  const before = offset > 0 ? link(Math.max(0, offset - LIST_PAGE), '上一页') : null;
  const after = offset + LIST_PAGE < total ? link(offset + LIST_PAGE, '下一页') : null;
  return before === null && after === null ? null : html`<p class="row">${before} ${after}</p>`;
}

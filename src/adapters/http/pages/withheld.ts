// The page of what departments were not told at once, and why.
import { WITHHELD_REASONS, type WithheldFilter } from '../../../events/withheld.js';
import type { Untold } from '../answers.js';
import { frame, option, type Visitor } from './frame.js';
import { html, type Html, type Part } from './html.js';
import { localText } from './local-time.js';
import { LEVEL_NAMES, UNTOLD_NAMES } from './words.js';

export const WITHHELD_PAGE_SIZE = 50;

export interface UntoldList {
  readonly items: readonly Untold[];
  readonly next: string | null;
  readonly filter: WithheldFilter;
}

/** The page. */
export function withheldPage({ items, next, filter }: UntoldList, visitor: Visitor): string {
  const { zone } = visitor.directory;
  return frame(
    '未即时推送',
    visitor,
    html`<h1>未即时推送的预警</h1>
      <p class="faint">按静默、抑制、合并、汇总、限量等规则没有当时推送的，逐条列出原因，新的在前。</p>
      ${choice(filter)}
      ${
        items.length === 0
          ? html`<p>${next === null ? '没有符合条件的记录。' : '这一段没有符合条件的记录。'}</p>`
          : html`<ul class="cards">
              ${items.map((item) => line(item, zone))}
            </ul>`
      }${next === null ? null : html`<p><a href="/withheld?${older(filter, next)}">更早</a></p>`}`,
  );
}

function choice({ reason }: WithheldFilter): Part {
  return html`<form method="get" action="/withheld">
    <div class="row">
      <select name="reason" aria-label="原因">
        ${option('', '全部原因', reason ?? '')}${WITHHELD_REASONS.map((one) => option(one, UNTOLD_NAMES[one] ?? one, reason ?? ''))}</select
      ><button>筛选</button>
    </div>
  </form>`;
}

function line(untold: Untold, zone: string): Html {
  const { at, reason, department, level, name, title, warning, due, released } = untold;
  const whom = department === null ? '各部门' : (department.name ?? department.id);
  const then =
    due !== undefined
      ? `，${localText(due, zone)} 前后推送`
      : typeof released === 'string'
        ? `，已于 ${localText(released, zone)} 补推`
        : null;
  return html`<li class="${level}">
    <span class="badge ${level}">${LEVEL_NAMES[level]}</span>
    <a href="/warnings/${warning}"><bdi>${name}</bdi>：${title}</a>
    <div>${UNTOLD_NAMES[reason] ?? reason}，${whom}未即时收到${then}</div>
    <div class="faint">${localText(at, zone)}</div>
  </li>`;
}

function older({ reason }: WithheldFilter, next: string): string {
  return new URLSearchParams({ ...(reason === undefined ? {} : { reason }), before: next }).toString();
}

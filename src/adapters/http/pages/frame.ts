// What every page has: head, who is logged in, and the choice of a department where no tokens are asked for.
import type { Caller, Directory } from '../../../ports/front.js';
import type { Login } from './logins.js';
import { html, type Html, type Part } from './html.js';
import { STYLE } from './style.js';
import { ROLE_NAMES } from './words.js';

/** Who looks at a page. */
export interface Visitor {
  readonly caller: Caller;
  readonly login: Login;
  readonly directory: Directory;
}

/** A whole page. */
export function frame(title: string, visitor: Visitor | null, content: Part): string {
  const named = html`<title>${title} · 烽火</title>`;
  const body = html`<header>
      <nav class="row">
        <a href="/warnings">烽火 预警</a
        >${visitor === null ? null : html`<a href="/queue">办理顺序</a><a href="/withheld">未即时推送</a>`}
      </nav>
      ${visitor === null ? null : who(visitor)}
    </header>
    <main>${content}</main>`;
  // The style sheet stands exactly as its hash in the headers covers it.
  return `<!doctype html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
${named.text}
<style>${STYLE}</style>
</head>
<body>
${body.text}
</body>
</html>
`;
}

function who({ caller, login, directory }: Visitor): Part {
  if (login.token === null) return acting(caller, login, directory);
  const department = caller.department === null ? null : departmentName(caller.department, directory);
  return html`<form method="post" action="/logout">
    <span>${department} ${caller.id}（${ROLE_NAMES[caller.role]}）</span>${hidden('csrf', login.csrf)}<button>
      退出
    </button>
  </form>`;
}

/** Where no tokens are asked for, whoever is at the machine says for whom he acts. */
function acting(caller: Caller, login: Login, { departments }: Directory): Part {
  return html`<form method="post" action="/acting">
    ${hidden('csrf', login.csrf)}
    <div class="row">
      <span>代表</span
      ><select name="department" aria-label="代表的部门">
        ${option('', '系统运行人员', caller.department ?? '')}${departments.map(({ id, name }) => option(id, name, caller.department ?? ''))}</select
      ><button>切换</button>
    </div>
  </form>`;
}

export function hidden(name: string, value: string): Html {
  return html`<input type="hidden" name="${name}" value="${value}" />`;
}

/** An option of a select. */
export function option(value: string, text: string, chosen: string | null): Html {
  return value === chosen
    ? html`<option value="${value}" selected>${text}</option>`
    : html`<option value="${value}">${text}</option>`;
}

/** Name of a department; its id where the catalogue no longer has it. */
export function departmentName(id: string, { departments }: Directory): string {
  return departments.find((department) => department.id === id)?.name ?? id;
}

/** A page that says why something is refused. */
export function refusalPage(text: string, visitor: Visitor | null): string {
  return frame(
    '不能完成',
    visitor,
    html`<h1>不能完成</h1>
      <p class="error" role="alert">${text}</p>
      <p><a href="/warnings">返回预警列表</a></p>`,
  );
}

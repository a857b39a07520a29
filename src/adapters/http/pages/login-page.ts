// The page that asks for a token.
import { frame, hidden } from './frame.js';
import { html } from './html.js';

const PAGE = /^\/(warnings(\/[0-9a-f]{32})?|withheld)$/;

/** Where to go after logging in: one of the pages, whatever was asked for. */
export function nextPage(asked: string | null | undefined): string {
  return typeof asked === 'string' && PAGE.test(asked) ? asked : '/warnings';
}

export function loginPage(next: string, fault: string | null): string {
  // Browsers keep the cookie back where a link of another site was followed, though not where this one is.
  return frame(
    '登录',
    null,
    html`<h1>登录</h1>
      ${fault === null ? null : html`<p class="error" role="alert">${fault}</p>`}
      <form method="post" action="/login">
        ${hidden('next', next)}<label for="token"
          >访问令牌
          <input
            id="token"
            name="token"
            type="password"
            autocomplete="current-password"
            maxlength="256"
            required
        /></label>
        <p><button class="main">登录</button></p>
      </form>
      <p class="faint">令牌由系统运行人员发放。登录十二小时后失效。</p>
      <p class="faint">从其他网站的链接进入本页、而此前已经登录的，<a href="${next}">点此继续</a>。</p>`,
  );
}

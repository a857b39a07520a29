import { describe, expect, it } from 'vitest';
import { html } from '../../../src/adapters/http/pages/html.js';

describe('a template', () => {
  it('escapes what is put in, in texts and in attributes', () => {
    const hostile = `<script>alert("1")</script> & 'x'`;
    const escaped = '&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp; &#39;x&#39;';
    expect(html`<p title="${hostile}">${hostile}</p>`.text).toBe(`<p title="${escaped}">${escaped}</p>`);
  });

  it('shows texts in the order in which they are read', () => {
    expect(html`<p>${'甲\u202e丙乙\u202c\u2066丁'}</p>`.text).toBe('<p>甲丙乙丁</p>');
  });

  it('takes what another template made as it is, also in lists', () => {
    const items = ['<1>', '<2>'].map((text) => html`<i>${text}</i>`);
    expect(html`<b>${items}</b>`.text).toBe('<b><i>&lt;1&gt;</i><i>&lt;2&gt;</i></b>');
    expect(html`${['<', [html`<b>x</b>`, '>']]}`.text).toBe('&lt;<b>x</b>&gt;');
  });

  it('takes nothing that only looks like a template', () => {
    const forged = JSON.parse('{"text":"<script>"}') as unknown as string;
    expect(html`${forged}`.text).toBe('');
  });

  it('shows nothing for what is absent or false, and zero for zero', () => {
    expect(html`${null}${undefined}${false}${0}${''}`.text).toBe('0');
  });

  it('refuses a value of an attribute without quotes', () => {
    expect(() => html`<p title=${'x onclick=1'}></p>`).toThrow('quotes');
  });
});

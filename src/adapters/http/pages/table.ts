// A table that scrolls by itself where the page is narrower than it.
import { html, type Part } from './html.js';

/** @param look `wide` keeps the columns of long texts readable on a phone */
export function table(heads: readonly string[], rows: readonly Part[], look?: 'wide'): Part {
  return html`<div class="scroll">
    <table class="${look ?? ''}">
      <thead>
        <tr>
          ${heads.map((head) => html`<th>${head}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows}
      </tbody>
    </table>
  </div>`;
}

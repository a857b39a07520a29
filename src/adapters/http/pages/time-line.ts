// Who did what: transitions of the level and actions of departments in one line of time.
import type { Directory } from '../../../ports/front.js';
import type { WarningDetail } from '../answers.js';
import { FIELDS, type Field } from './fields.js';
import { departmentName } from './frame.js';
import { html, type Html, type Part } from './html.js';
import { localText } from './local-time.js';
import { ACT_NAMES, LEVEL_NAMES, REASON_NAMES } from './words.js';

/** The section, newest last. */
export function timeLine({ history, actions }: WarningDetail, directory: Directory): Part {
  const entries = [
    ...history.map((entry) => ({ at: entry.clock, shown: transition(entry, directory) })),
    ...actions.map((entry) => ({ at: entry.at, shown: action(entry, directory) })),
  ].sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
  const lines = entries.map(
    ({ at, shown }) =>
      html`<li>
        <span class="faint">${localText(at, directory.zone)}</span>
        <div>${shown}</div>
      </li>`,
  );
  return html`<section>
    <h2>全过程记录</h2>
    <ol class="line">
      ${lines}
    </ol>
  </section>`;
}

function transition(
  { level, previous, reason, withheld, released }: WarningDetail['history'][number],
  { zone }: Directory,
): Html {
  const from = previous === 'none' ? null : `（原${LEVEL_NAMES[previous] ?? previous}）`;
  const late = released === undefined ? null : `，${localText(released, zone)} 补发`;
  return html`${REASON_NAMES[reason] ?? reason}：${LEVEL_NAMES[level]}${from}${withheld === undefined ? null : '，数据源中断，暂缓推送'}${late}`;
}

function action(entry: WarningDetail['actions'][number], directory: Directory): Html {
  const { actor, type } = entry;
  const by = actor.department === null ? null : departmentName(actor.department, directory);
  const values = entry as unknown as { readonly [name: string]: unknown };
  const said = FIELDS[type].map((field) => particular(field, values[field.name], directory));
  return html`<strong>${by}</strong> ${ACT_NAMES[type]} <span class="faint">${actor.id}</span>${said}`;
}

function particular(field: Field, value: unknown, directory: Directory): Part {
  if (value === undefined) return null;
  const texts = (Array.isArray(value) ? value : [value]).map(String).map((text) => {
    if (field.kind === 'choice') return field.choices[text] ?? text;
    if (field.kind === 'instant') return localText(text, directory.zone);
    const isDepartment =
      field.kind === 'department' || field.kind === 'departments' || field.kind === 'returned';
    return isDepartment ? departmentName(text, directory) : text;
  });
  return html`<div>${field.label}：${texts.join('、')}</div>`;
}

// The forms of a warning: one for each action that the visitor may take now.
import { randomBytes } from 'node:crypto';
import type { ActType } from '../../../events/act.js';
import type { WarningDetail } from '../answers.js';
import { FIELDS, type Field } from './fields.js';
import { departmentName, hidden, option, type Visitor } from './frame.js';
import { html, type Html, type Part } from './html.js';
import { inputText } from './local-time.js';
import { ACT_NAMES } from './words.js';

const TEXT_MAX = 2_000;

/** A form as it came back refused: it is shown open, with what was typed. */
export interface Returned {
  readonly form: URLSearchParams;
  readonly fault: string;
}

interface Filling {
  readonly warning: WarningDetail;
  readonly visitor: Visitor;
  readonly now: number;
  /** What was typed before. */
  readonly typed: URLSearchParams | null;
}

/** Forms for exactly what the visitor may do. */
export function actForms(
  warning: WarningDetail,
  visitor: Visitor,
  now: number,
  returned: Returned | null,
): Part {
  if (warning.allowed.length === 0) return null;
  const forms = warning.allowed.map((type) => {
    const typed = returned?.form.get('type') === type ? returned.form : null;
    return actForm(type, { warning, visitor, now, typed });
  });
  return html`<section id="actions">
    <h2>办理</h2>
    ${forms}
  </section>`;
}

function actForm(type: ActType, filling: Filling): Html {
  const { warning, visitor, typed } = filling;
  const fields = FIELDS[type].map((field) => fieldset(type, field, filling));
  // The same form sent twice, by a second click or a reload, is the same action.
  const key = randomBytes(16).toString('hex');
  const form = html`<form method="post" action="/warnings/${warning.id}">
    ${hidden('csrf', visitor.login.csrf)}${hidden('key', key)}${hidden('type', type)}${fields}
    <p><button class="main">${ACT_NAMES[type]}</button></p>
  </form>`;
  if (fields.length === 0) return form;
  const summary = html`<summary>${ACT_NAMES[type]}</summary>`;
  return typed === null
    ? html`<details class="act">${summary}${form}</details>`
    : html`<details class="act" open>${summary}${form}</details>`;
}

function fieldset(type: ActType, field: Field, filling: Filling): Html {
  const { name, label, hint } = field;
  const note = hint === undefined ? null : html` <span class="faint">${hint}</span>`;
  if (field.kind === 'departments')
    return html`<fieldset>
      <legend>${label}${note}</legend>
      ${participants(name, filling)}
    </fieldset>`;
  const id = `${type}-${name}`;
  return html`<label for="${id}">${label}${note}${input(id, field, filling)}</label>`;
}

function input(id: string, field: Field, filling: Filling): Html {
  const { name } = field;
  const { warning, visitor, now, typed } = filling;
  const { zone, departments } = visitor.directory;
  const value = typed?.get(name) ?? '';
  switch (field.kind) {
    case 'text':
    case 'lines':
      // A line feed after the tag is dropped by parsers, so that one of the text itself stays.
      return field.optional === true
        ? html`<textarea id="${id}" name="${name}" rows="3" maxlength="${TEXT_MAX}">${value}</textarea>`
        : html`<textarea id="${id}" name="${name}" rows="3" maxlength="${TEXT_MAX}" required>
${value}</textarea>`;
    case 'line':
      return field.optional === true
        ? html`<input id="${id}" name="${name}" maxlength="200" value="${value}" />`
        : html`<input id="${id}" name="${name}" maxlength="200" value="${value}" required />`;
    case 'instant':
      return html`<input
        id="${id}"
        name="${name}"
        type="datetime-local"
        min="${inputText(now, zone)}"
        value="${value}"
        required
      />`;
    case 'past':
      return html`<input
        id="${id}"
        name="${name}"
        type="datetime-local"
        max="${inputText(now, zone)}"
        value="${value}"
      />`;
    case 'choice':
      return select(id, name, Object.entries(field.choices), value);
    case 'transfer':
      return select(id, name, openTransfers(warning, visitor), value);
    case 'returned':
      return select(id, name, fedBack(warning), value);
    case 'department': {
      const others = departments.filter((one) => one.id !== visitor.caller.department);
      const pairs = others.map((one): [string, string] => [one.id, one.name]);
      return select(id, name, field.optional === true ? [['', '（无）'], ...pairs] : pairs, value);
    }
    case 'departments':
      return html``;
  }
}

function select(
  id: string,
  name: string,
  pairs: readonly (readonly [string, string])[],
  value: string,
): Html {
  return html`<select id="${id}" name="${name}">
    ${pairs.map(([one, text]) => option(one, text, value))}
  </select>`;
}

function participants(name: string, { visitor, typed }: Filling): Part {
  const chosen = new Set(typed?.getAll(name));
  return visitor.directory.departments.map(({ id, name: text }) =>
    chosen.has(id)
      ? html`<label class="choice"
          ><input type="checkbox" name="${name}" value="${id}" checked /> ${text}</label
        >`
      : html`<label class="choice"><input type="checkbox" name="${name}" value="${id}" /> ${text}</label>`,
  );
}

/** Transfers to the visitor's department that wait for an answer. */
function openTransfers(
  { transfers = [] }: WarningDetail,
  { caller, directory }: Visitor,
): [string, string][] {
  return transfers
    .filter(({ organ, answer }) => organ === caller.department && answer === undefined)
    .map(({ number, from, materials }) => [
      String(number),
      `第 ${number} 件，${departmentName(from, directory)}移送：${materials.join('、').slice(0, 60)}`,
    ]);
}

function fedBack({ parties }: WarningDetail): [string, string][] {
  return parties
    .filter(({ acting, stage }) => acting && stage === 'fed-back')
    .map(({ department }) => [department.id, department.name ?? department.id]);
}

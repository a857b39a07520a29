// HTML from templates in which everything that is put in is escaped, unless it is HTML from such a template itself.

/** Made by `html` only. */
export class Html {
  private constructor(readonly text: string) {}

  /** @internal */
  static of(strings: TemplateStringsArray, parts: readonly Part[]): Html {
    let text = strings[0] ?? '';
    for (const [index, part] of parts.entries()) {
      // Without quotes a value could end its attribute and begin another.
      if (/=\s*$/.test(text)) throw new Error('a value of an attribute stands in quotes');
      text += shown(part) + (strings[index + 1] ?? '');
    }
    return new Html(text);
  }
}

/** What can be put into a template; what is absent or false shows nothing. */
export type Part = Html | string | number | null | undefined | false | readonly Part[];

/** A template: `html\`<b title="${title}">${text}</b>\``. */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Html {
  return Html.of(strings, parts);
}

function shown(part: Part): string {
  if (part === null || part === undefined || part === false) return '';
  if (part instanceof Html) return part.text;
  if (typeof part === 'string' || typeof part === 'number') return escaped(String(part));
  // Nothing else has a type that comes here, and of what comes all the same nothing is shown.
  return Array.isArray(part) ? part.map(shown).join('') : '';
}

const ENTITIES: { readonly [character: string]: string } = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Characters that turn round what is read after them; nobody sees them, and no name needs them. */
const TURNING = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** Text as it stands in HTML, in an attribute in quotes as well. */
export function escaped(text: string): string {
  return text.replace(TURNING, '').replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
}

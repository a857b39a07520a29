// Instants in the local time of the catalogue, and back from what a form says.
import { DateTime } from 'luxon';

const SHOWN = 'yyyy-MM-dd HH:mm';
const INPUT = "yyyy-MM-dd'T'HH:mm";

/** An RFC 3339 instant as `2026-06-30 16:00`. */
export function localText(instant: string | number, zone: string): string {
  const at =
    typeof instant === 'number'
      ? DateTime.fromMillis(instant, { zone })
      : DateTime.fromISO(instant, { zone });
  return at.toFormat(SHOWN);
}

/** An instant as an input of type datetime-local holds it. */
export function inputText(epochMs: number, zone: string): string {
  return DateTime.fromMillis(epochMs, { zone }).toFormat(INPUT);
}

/** What an input of type datetime-local says, as RFC 3339; the text itself where it is no time. */
export function instantOf(text: string, zone: string): string {
  const at = DateTime.fromFormat(text, INPUT, { zone });
  return (at.isValid ? at.toISO({ suppressMilliseconds: true }) : null) ?? text;
}

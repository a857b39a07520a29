// The State Council's yearly holiday notices, from the data of the npm package chinese-days.
// Its functions are not used: they read the process's time zone and so differ between machines.
import notices from 'chinese-days/dist/chinese-days.json' with { type: 'json' };
import type { LocalDate } from './catalogue.js';

const holidays: { readonly [date: LocalDate]: string } = notices.holidays;
const workdays: { readonly [date: LocalDate]: string } = notices.workdays;
const years = Object.keys(holidays).map((date) => Number(date.slice(0, 4)));

/** First and last year whose notice is known. */
export const NOTICE_YEARS: { readonly first: number; readonly last: number } = {
  first: years.reduce((least, year) => Math.min(least, year), Infinity),
  last: years.reduce((greatest, year) => Math.max(greatest, year), -Infinity),
};

/** What the notice of its year says of a day: `holiday`, `workday` (a make-up day, 调休), or nothing. */
export function noticeOf(date: LocalDate): 'holiday' | 'workday' | null {
  if (Object.hasOwn(workdays, date)) return 'workday';
  return Object.hasOwn(holidays, date) ? 'holiday' : null;
}

// Pages of a log, of which records may be missing.
import type { StoredRecord } from '../ports/log.js';

/** The offset from which the next page is read; `from` where this one is empty. */
export function behind(page: readonly StoredRecord[], from: number): number {
  const last = page[page.length - 1];
  return last === undefined ? from : last.offset + 1;
}

// What was not told at once, newest first: read from the end of its log, a bounded part for each question.
import { isAfter, type Origin } from '../alerts/inbox.js';
import type { AlertState } from '../alerts/state.js';
import type { Withholding } from '../alerts/withholding.js';
import type { Log } from '../ports/log.js';
import type { WithheldRecord } from './alert-round.js';
import { decodeJson } from './checkpoint.js';
import type { WarningBook } from './warning-book.js';

export interface WithheldQuery {
  /** Epoch ms, both included; undefined for no bound. */
  readonly since?: number | undefined;
  readonly until?: number | undefined;
  /** Where the page before ended, as its `next` said. */
  readonly before?: string | undefined;
  readonly limit: number;
}

export interface WithheldPage {
  readonly items: readonly { readonly withholding: Withholding; readonly state: AlertState }[];
  /** Where the next page begins; null where nothing older is left. A page may be short, or empty, and not the last. */
  readonly next: string | null;
}

/** Records that are read for one page at most. */
const READ_MAX = 5_000;
const READ_PAGE = 250;
/** Records lie in the order of their instants, but for those that were under way together. */
const DISORDER_MS = 3_600_000;

/**
 * A page of what fits.
 * @param fits decides by the state of the warning as it is now, for who asks and for what he asks
 */
export async function withheldPage(
  log: Log,
  book: WarningBook,
  { since = -Infinity, until = Infinity, before, limit }: WithheldQuery,
  fits: (withholding: Withholding, state: AlertState) => boolean,
): Promise<WithheldPage> {
  const items: { withholding: Withholding; state: AlertState }[] = [];
  let place = before === undefined ? await placeAt(log, until) : placeOf(before);
  const least = Math.max(0, place.offset - READ_MAX);
  while (place.offset > least) {
    const from = Math.max(least, place.offset - READ_PAGE);
    const stored = await log.read(0, from, place.offset - from);
    const records = stored.map(({ value }) => decodeJson<WithheldRecord>(value));
    const states = await book.known(records.map(({ withholding }) => withholding.warning));
    for (const [index, { origin, withholding }] of [...records.entries()].reverse()) {
      if (withholding.at < since - DISORDER_MS) return { items, next: null };
      // What was written again after a failure lies nearer to the end; the first of the same origin is left out.
      const isAgain = place.origin !== null && !isAfter(place.origin, origin);
      place = { offset: from + index, origin: isAgain ? place.origin : origin };
      const state = states.get(withholding.warning);
      const isWithin = withholding.at >= since && withholding.at <= until;
      if (isAgain || !isWithin || state === undefined || !fits(withholding, state)) continue;
      items.push({ withholding, state });
      if (items.length === limit) return { items, next: nextOf(place) };
    }
  }
  return { items, next: nextOf(place) };
}

/** Before an offset, of which the origin of the record above is known; null where there is none above. */
interface Place {
  readonly offset: number;
  readonly origin: Origin | null;
}

function nextOf({ offset, origin }: Place): string | null {
  return offset === 0 || origin === null ? null : `${offset}.${origin.offset}.${origin.ordinal}`;
}

function placeOf(next: string): Place {
  const [offset = 0, at = 0, ordinal = 0] = next.split('.').map(Number);
  return { offset, origin: { source: 'inbox/0', offset: at, ordinal } };
}

/** The place after all that is dated up to an instant, found by halving. */
async function placeAt(log: Log, until: number): Promise<Place> {
  let low = 0;
  let high = await log.end(0);
  if (until === Infinity) return { offset: high, origin: null };
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const [stored] = await log.read(0, middle, 1);
    const at = stored === undefined ? Infinity : decodeJson<WithheldRecord>(stored.value).withholding.at;
    if (at <= until + DISORDER_MS) low = middle + 1;
    else high = middle;
  }
  return { offset: low, origin: null };
}

// Which rules the events log names.
import { decodeRecord } from '../events/codec.js';
import { behind } from '../pipeline/log-pages.js';
import type { Log } from '../ports/log.js';

const PAGE = 1_000;

/**
 * The revision that the log names last from an offset on, and the instant from which it is in force, epoch ms;
 * `running`, and null, where it names none.
 */
export async function announcedRevision(
  events: Pick<Log, 'read'>,
  from: number,
  running: string,
): Promise<{ revision: string; at: number | null }> {
  let found: { revision: string; at: number | null } = { revision: running, at: null };
  for (let offset = from; ;) {
    const page = await events.read(0, offset, PAGE);
    for (const { value } of page) {
      const record = decodeRecord(value);
      if (record.kind === 'revision') found = { revision: record.revision, at: record.at };
    }
    if (page.length < PAGE) return found;
    offset = behind(page, offset);
  }
}

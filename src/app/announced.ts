// Which rules the events log names.
import { decodeRecord } from '../events/codec.js';
import type { Log } from '../ports/log.js';

const PAGE = 1_000;

/** The revision that the log names last from an offset on; `running` where it names none. */
export async function announcedRevision(events: Log, from: number, running: string): Promise<string> {
  let revision = running;
  for (let offset = from; ; offset += PAGE) {
    const page = await events.read(0, offset, PAGE);
    for (const { value } of page) {
      const record = decodeRecord(value);
      if (record.kind === 'revision') revision = record.revision;
    }
    if (page.length < PAGE) return revision;
  }
}

// What operators are told while it runs: every alert for them counted by its code, and said in the log of the process.
import type { OperatorAlert } from '../engine/output.js';
import { CODES } from '../events/codes.js';
import { decodeJson } from '../pipeline/checkpoint.js';
import type { Log as StoredLog } from '../ports/log.js';
import type { Log } from './log.js';

/** At most one line a code in this span; the next one says how many came in between. */
const LINE_EVERY_MS = 60_000;

/** Where lines go, and the clock of this machine. */
export interface Telling {
  readonly log: Pick<Log, 'error'>;
  readonly now: () => number;
}

export class OperatorAlerts {
  /** Since the start, by code. */
  readonly counts = new Map<string, number>();
  private readonly said = new Map<string, { at: number; unsaid: number }>();

  /** @param telling undefined where nobody listens */
  constructor(private readonly telling: Telling | undefined) {}

  /** The log of these alerts; what is appended to it is told once it is durable. */
  heard(stored: StoredLog): StoredLog {
    return {
      append: async (partition, values) => {
        const offset = await stored.append(partition, values);
        for (const value of values) this.tell(decodeJson<{ alert: OperatorAlert }>(value).alert);
        return offset;
      },
      read: (partition, offset, limit) => stored.read(partition, offset, limit),
      end: (partition) => stored.end(partition),
    };
  }

  /** The key is left to the record: what people chose as an id has no place in the log of a process. */
  private tell({ code, model, clock, message }: OperatorAlert): void {
    this.counts.set(code, (this.counts.get(code) ?? 0) + 1);
    if (this.telling === undefined) return;
    const at = this.telling.now();
    const last = this.said.get(code);
    if (last !== undefined && at - last.at < LINE_EVERY_MS) {
      last.unsaid++;
      return;
    }
    this.said.set(code, { at, unsaid: 0 });
    const fields = { code, model, clock, detail: message, unsaid: last?.unsaid ?? 0 };
    this.telling.log.error(fields, (CODES as { readonly [code: string]: string })[code] ?? message);
  }
}

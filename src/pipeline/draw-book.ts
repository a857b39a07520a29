// Draws on their way to the departments: each task that a draw calls for is frozen, chained and put into the alert inbox
// as a transition is, all of one draw in one append, and no draw twice.
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import type { MarkRecord, WarningRecord } from '../alerts/inbox.js';
import { drawnTransitions } from '../alerts/drawn-task.js';
import { saltOf } from '../evidence/blinding.js';
import { canonical } from '../evidence/canonical-form.js';
import { CHAIN_START, linkText, type ChainHead } from '../evidence/chain.js';
import type { Draw } from '../evidence/draw.js';
import type { Hashing } from '../evidence/hashing.js';
import type { DrawnTask, Transition } from '../engine/output.js';
import { CodedError } from '../events/coded-error.js';
import type { Log } from '../ports/log.js';
import type { StateStore } from '../ports/state.js';
import { CheckpointCursor, decodeJson, encodeJson } from './checkpoint.js';

/** The source of the origins, and the chain, of what was drawn. */
const SOURCE = 'draws/0';
const ANNOUNCED = new Uint8Array([1]);

/** By what a draw is known again. */
type Told = Pick<DrawnTask, 'digest' | 'seed' | 'tags'>;

/** Tasks that one draw opens at most; each is a page of a department's work. */
export const TASKS_MAX = 10_000;

interface Meta {
  /** The end of the chain before the last draw. */
  readonly head: ChainHead;
  /** The last draw, and where its records go in the inbox; they are there, or the append did not come about. */
  readonly last: { readonly digest: string; readonly from: number; readonly count: number } | null;
}

const START: Meta = { head: CHAIN_START, last: null };

export interface DrawBookOptions {
  readonly inbox: Log;
  readonly state: StateStore;
  readonly evidenceKey: Uint8Array;
  readonly nonce: () => string;
  /** In JavaScript where left out. */
  readonly hashing?: Hashing;
}

export class DrawBook {
  private readonly cursor: CheckpointCursor<Meta>;

  /** Nobody else may append to the inbox meanwhile. */
  constructor(private readonly options: DrawBookOptions) {
    this.cursor = new CheckpointCursor<Meta>(options.state, SOURCE, options.nonce);
  }

  /**
   * Opens the tasks of a draw: the alert side tells the departments when it runs next.
   * @returns how many; 0 where the draw was announced before
   * @throws CodedError DRAW_LIMIT, DRAW_TOLD
   */
  async announce(draw: Draw): Promise<number> {
    const { inbox } = this.options;
    const { head, announced, isKnown } = await this.check(draw);
    if (isKnown) return 0;
    const transitions = drawnTransitions(draw);
    if (transitions.length === 0) return 0;
    const from = await inbox.end(0);
    const records = this.frozen(transitions, head, from);
    // What was announced before is remembered for good; of this draw the records themselves say whether they came.
    const before = announced === null ? [] : namesOf(announced).map((name) => [name, ANNOUNCED] as const);
    const last = { digest: draw.digest, from, count: records.length };
    await this.cursor.commit({ head, last }, { records: new Map(before) });
    // What is told of the tasks together goes out once their instant is over, which no event may say for long.
    const over: MarkRecord = { kind: 'mark', at: Date.parse(draw.at) + 1 };
    await inbox.append(0, [...records, over].map(encodeJson));
    return records.length;
  }

  /**
   * Looks whether a draw may be announced. A seed decides once who is inspected: drawn again later, from subjects that have
   * changed since, it would call for a second inspection of most of them.
   * @throws CodedError DRAW_LIMIT where it has too many tasks, DRAW_TOLD where another draw by its seed and tags was announced
   */
  async check(draw: Draw): Promise<{ head: ChainHead; announced: Told | null; isKnown: boolean }> {
    checkSize(draw);
    const { head, announced } = settle((await this.cursor.load()) ?? START, await this.lastRecord());
    const stored = await this.options.state.load(SOURCE, namesOf(draw));
    const last: readonly string[] = announced === null ? [] : namesOf(announced);
    const [isKnown = false, isDrawn = false] = namesOf(draw).map(
      (name, index) => stored[index] !== undefined || last.includes(name),
    );
    if (isDrawn && !isKnown) throw new CodedError('DRAW_TOLD', `Seed ${draw.seed}, tags ${draw.tags}.`);
    return { head, announced, isKnown };
  }

  /** The record with which the last draw ends, if its append came about; it is one append, so all came or none. */
  private async lastRecord(): Promise<WarningRecord | null> {
    const { last } = (await this.cursor.load()) ?? START;
    if (last === null) return null;
    const [stored] = await this.options.inbox.read(0, last.from + last.count - 1, 1);
    const record = stored === undefined ? null : decodeJson<WarningRecord>(stored.value);
    return record?.kind === 'warning' && record.transition.draw?.digest === last.digest ? record : null;
  }

  private frozen(transitions: readonly Transition[], start: ChainHead, offset: number): WarningRecord[] {
    const { evidenceKey, hashing } = this.options;
    let head = start;
    return transitions.map((transition, ordinal): WarningRecord => {
      const form = canonical(transition);
      const salt = saltOf(evidenceKey, SOURCE, head.sequence + 1, hashing);
      const link = linkText(head, salt, `{"sample":[],"transition":${form.text}}`, hashing);
      head = { sequence: link.sequence, hash: link.hash };
      // Nothing else of this source stands at the offset, and offsets only ascend.
      const origin = { source: SOURCE, offset, ordinal };
      return {
        kind: 'warning',
        origin,
        at: transition.clock,
        transition: form.value as Transition,
        sample: [],
        link,
      };
    });
  }
}

/** Where the chain ends, and which draw was announced last, by what became of its append. */
function settle({ head, last }: Meta, record: WarningRecord | null) {
  const told = record?.transition.draw;
  if (last === null || record === null || told === undefined) return { head, announced: null };
  const { sequence, hash } = record.link;
  return { head: { sequence, hash }, announced: told };
}

/** Under which names it stands that a draw was announced: itself, and its seed and tags. */
function namesOf({ digest, seed, tags }: Told): [string, string] {
  return [`d/${digest}`, `s/${bytesToHex(sha256(utf8ToBytes(`${seed}\n${tags}`)))}`];
}

function checkSize({ tasks }: Pick<Draw, 'tasks'>): void {
  if (tasks.length > TASKS_MAX) throw new CodedError('DRAW_LIMIT', `${tasks.length} of ${TASKS_MAX}.`);
}

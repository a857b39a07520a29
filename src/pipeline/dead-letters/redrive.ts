// Dead letters once more on their way: read anew, taken as any event, and noted as tried, a batch at a time.
import type { BodyValues } from '../../events/body.js';
import { BODY_LIMITS } from '../../events/body.js';
import { CodedError } from '../../events/coded-error.js';
import type { EventDraft } from '../../events/event.js';
import type { Vault } from '../../ports/vault.js';
import { originalPieces, type EventError, type Intake, type IntakeBatch } from '../intake.js';
import type { MapRow } from '../mapping/mapper.js';
import { isDelivery, LETTER_LIMITS, type Letter } from './letters.js';
import { bodyPart, partsOfOriginal, type OriginalPart } from './original.js';
import type { Redriven, Trial } from './redriven.js';

export interface RedriveOptions {
  readonly intake: Pick<Intake, 'read' | 'acceptAgain'>;
  readonly vault: Vault;
  readonly redriven: Redriven;
  /** Null where originals are taken as they are. */
  readonly mapping: { readonly name: string; readonly map: MapRow } | null;
  /** Whether letters are tried too that were taken before. */
  readonly again: boolean;
  /** Whether nothing is taken, and nothing noted. */
  readonly dryRun: boolean;
  /** Who does it. */
  readonly by: string;
  readonly now: () => number;
  /** Hears of letters before their originals are read; what it does is durable once it resolves. */
  readonly reading: (offsets: readonly number[]) => Promise<void>;
}

/** What became of one letter. */
export interface Redrive {
  readonly offset: number;
  /**
   * `taken`, or `refused` and still a dead letter; or passed over: `before` where it was taken before, `delivery` where
   * it stands for a delivery, `skipped` where the mapping says so, `gone` where its original was erased.
   */
  readonly outcome: 'taken' | 'refused' | 'before' | 'delivery' | 'skipped' | 'gone';
  /** What it is now, with pseudonyms in place of personal values. */
  readonly events: readonly EventDraft[];
  /** Why it is refused; the first reason of several. */
  readonly error: EventError | null;
}

/** Letters of one batch, UTF-16 units of their originals, and parts of these; the last letter may go over. */
const BATCH = { letters: 500, characters: 8 * 1024 * 1024, parts: BODY_LIMITS.events } as const;

interface Opened {
  readonly offset: number;
  readonly raw: string;
  readonly parts: readonly OriginalPart[];
}

export class Redriver {
  /** Letters that were tried. */
  tried = 0;

  constructor(private readonly options: RedriveOptions) {}

  /**
   * Tries letters again, in their order, until `LETTER_LIMITS.redriven` were tried.
   * @returns what became of each, a batch at a time: once it is said, it is durable
   */
  async *run(letters: AsyncIterable<readonly Letter[]>, limit: number): AsyncGenerator<readonly Redrive[]> {
    let opened: Opened[] = [];
    const most = Math.min(limit, LETTER_LIMITS.redriven);
    for await (const page of letters) {
      for (let from = 0; from < page.length && this.tried < most; from += BATCH.letters) {
        const { due, passed } = this.sorted(page.slice(from, from + BATCH.letters), most - this.tried);
        if (passed.length > 0) yield passed;
        if (due.length > 0) await this.options.reading(due.map(({ offset }) => offset));
        this.tried += due.length;
        for (const letter of due) {
          const one = await this.open(letter);
          if (one === null) {
            yield [passedOver(letter.offset, 'gone')];
            continue;
          }
          opened.push(one);
          if (!isFull(opened)) continue;
          yield await this.take(opened);
          opened = [];
        }
        if (opened.length > 0) yield await this.take(opened);
        opened = [];
      }
      if (this.tried >= most) return;
    }
  }

  private sorted(letters: readonly Letter[], most: number) {
    const due: Letter[] = [];
    const passed: Redrive[] = [];
    for (const one of letters) {
      if (due.length === most) break;
      if (isDelivery(one.letter)) passed.push(passedOver(one.offset, 'delivery'));
      else if (one.trial?.outcome === 'taken' && !this.options.again)
        passed.push(passedOver(one.offset, 'before'));
      else due.push(one);
    }
    return { due, passed };
  }

  /** Null where the original was erased. */
  private async open({ offset, letter }: Letter): Promise<Opened | null> {
    const { vault, mapping } = this.options;
    let raw = '';
    try {
      for await (const piece of originalPieces(vault, letter)) {
        raw += piece;
        // Whatever follows, it is too large.
        if (raw.length > BODY_LIMITS.eventCharacters) break;
      }
    } catch (error) {
      if (error instanceof CodedError && error.code === 'DEAD_LETTER_GONE') return null;
      throw error;
    }
    return { offset, raw, parts: partsOfOriginal(raw, letter.message, mapping?.map ?? null) };
  }

  private async take(opened: readonly Opened[]): Promise<Redrive[]> {
    const { intake, redriven, dryRun, now } = this.options;
    const at = now();
    const body = bodyOf(opened);
    const batch = dryRun ? intake.read(body, at) : await intake.acceptAgain(body, at);
    const results = resultsOf(opened, batch);
    if (!dryRun) {
      const trials = new Map<number, Trial>();
      for (const one of results) {
        const trial = this.trialOf(one, at);
        if (trial !== null) trials.set(one.offset, trial);
      }
      if (trials.size > 0) await redriven.note(trials);
    }
    return results;
  }

  /** Null for a letter that was passed over. */
  private trialOf({ outcome, events, error }: Redrive, at: number): Trial | null {
    if (outcome !== 'taken' && outcome !== 'refused') return null;
    const { by, mapping } = this.options;
    const { code, message, field } = error ?? {};
    return {
      ...{ at, by, outcome, events: events.length },
      ...(code === undefined ? {} : { code }),
      ...(message === undefined ? {} : { message }),
      ...(field === undefined ? {} : { field }),
      ...(mapping === null ? {} : { mapping: mapping.name }),
    };
  }
}

function isFull(opened: readonly Opened[]): boolean {
  let [characters, parts] = [0, 0];
  for (const one of opened) {
    characters += one.raw.length;
    parts += one.parts.length;
  }
  return opened.length >= BATCH.letters || characters >= BATCH.characters || parts >= BATCH.parts;
}

function bodyOf(opened: readonly Opened[]): BodyValues {
  const parts = opened.flatMap((one) => one.parts.map((part) => ({ part, one })));
  return {
    values: parts.map(({ part }) => part.value),
    wellFormed: false,
    part: (index) => {
      const { part, one } = parts[index] as (typeof parts)[number];
      return bodyPart(part, index, one.offset, one.raw);
    },
  };
}

/** What a batch says of each letter: its parts come in order, and what is not refused is an event. */
function resultsOf(opened: readonly Opened[], { events, errors }: IntakeBatch): Redrive[] {
  const refused = new Map(errors.map((error) => [error.index, error]));
  let index = 0;
  let taken = 0;
  return opened.map(({ offset, parts }): Redrive => {
    if (parts.length === 0) return passedOver(offset, 'skipped');
    const own: EventDraft[] = [];
    let error: EventError | null = null;
    for (const _part of parts) {
      const fault = refused.get(index++);
      if (fault === undefined) own.push(events[taken++] as EventDraft);
      else error ??= fault;
    }
    return { offset, outcome: error === null ? 'taken' : 'refused', events: own, error };
  });
}

function passedOver(offset: number, outcome: Redrive['outcome']): Redrive {
  return { offset, outcome, events: [], error: null };
}

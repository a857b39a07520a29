// The end of the term of clear personal values: erased one by one, each noted before with the rule, never with the value.
import { offsetText } from '../../catalogue/duration.js';
import type { PersonalOrigin, PersonalTerms } from '../../catalogue/retention.js';
import { keyId } from '../../events/event.js';
import type { Logs } from '../../ports/log.js';
import type { Vault } from '../../ports/vault.js';
import { appendAudit } from '../audit.js';
import { originalPieces, pieceNames } from '../intake.js';
import type { Hold, Holds } from './holds.js';
import type { Mention, PersonalIndex } from './personal-index.js';

export interface PersonalTermOptions {
  readonly index: PersonalIndex;
  readonly holds: Holds;
  readonly vault: Vault;
  readonly logs: Pick<Logs, 'audit' | 'events'>;
  /** Events on their way into the log, whose values the vault may have already. */
  readonly underWay: () => number;
  /** Lets what is on its way arrive. */
  readonly pause: () => Promise<void>;
}

/** What came of one sweep. */
export interface Swept {
  readonly erased: number;
  /** Whose term is over, and who are held. */
  readonly held: number;
  /** False where events kept coming, so that the rest is left for the next sweep. */
  readonly whole: boolean;
}

const PAGE = 500;
/** How often it is looked for a moment in which nothing is on its way. */
const ATTEMPTS = 100;

export class PersonalTerm {
  constructor(private readonly options: PersonalTermOptions) {}

  /**
   * The holds that keep a pseudonym: those on subjects of which an event mentions it. The index is brought up to the end
   * of the log first.
   */
  async holding(pseudonym: string, now: number): Promise<Hold[]> {
    const { index, holds } = this.options;
    const inForce = await holds.inForce(now);
    if (inForce.length === 0) return [];
    await index.catchUp();
    return this.among(inForce, pseudonym);
  }

  /** Erases every value whose term is over at an instant and that no hold keeps. */
  async sweep(terms: PersonalTerms, now: number): Promise<Swept> {
    if (terms.size === 0) return { erased: 0, held: 0, whole: true };
    const { index, holds } = this.options;
    await index.catchUp();
    const inForce = await holds.inForce(now);
    let [erased, held] = [0, 0];
    for (let after = ''; ;) {
      const page = await index.mentions(after, PAGE);
      for (const [name, mention] of page) {
        const rule = overBy(mention, terms, now);
        if (rule === null) continue;
        if ((await this.heldBy(inForce, name, mention)).length > 0) held += 1;
        else if (await this.eraseWhenQuiet(name, mention, terms, now)) erased += 1;
        else return { erased, held, whole: false };
      }
      if (page.length < PAGE) return { erased, held, whole: true };
      after = page.at(-1)?.[0] ?? '';
    }
  }

  private async heldBy(inForce: readonly Hold[], name: string, mention: Mention): Promise<Hold[]> {
    if (inForce.length === 0) return [];
    return mention.length === undefined
      ? this.among(inForce, name)
      : this.amongOriginal(inForce, name, mention.length);
  }

  private async among(inForce: readonly Hold[], pseudonym: string): Promise<Hold[]> {
    const subjects = [...new Set(inForce.map(({ subject }) => subject))];
    const of = new Set(await this.options.index.subjectsOf(pseudonym, subjects));
    return inForce.filter(({ subject }) => of.has(subject));
  }

  /** What was refused has no key: it is held where its text names the subject. */
  private async amongOriginal(inForce: readonly Hold[], original: string, length: number): Promise<Hold[]> {
    let text = '';
    try {
      for await (const piece of originalPieces(this.options.vault, { original, length })) text += piece;
    } catch {
      // Erased before: nothing is left to be held.
      return [];
    }
    return inForce.filter(({ subject }) => text.includes(keyId(subject)));
  }

  /**
   * Erases at a moment in which no event is on its way and the index has all that is in the log: an event that comes
   * later finds the value gone, and keeps it anew.
   * @returns false where there was no such moment
   */
  private async eraseWhenQuiet(
    name: string,
    mention: Mention,
    terms: PersonalTerms,
    now: number,
  ): Promise<boolean> {
    const { index, vault, logs, underWay, pause } = this.options;
    const { length } = mention;
    const places = length === undefined ? [name] : pieceNames({ original: name, length });
    await this.note(name, places, overBy(mention, terms, now) ?? '', now);
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      await index.catchUp();
      const found = await index.mention(name);
      // Mentioned again meanwhile.
      if (found === undefined || overBy(found, terms, now) === null) return true;
      if (underWay() === 0 && (await logs.events.end(0)) <= index.position && underWay() === 0) {
        await Promise.all(places.map((place) => vault.erase(place)));
        await index.forget(name);
        return true;
      }
      await pause();
    }
    return false;
  }

  /** Before it happens, so that nothing is erased that the audit log does not name; nothing where it was erased before. */
  private async note(name: string, places: readonly string[], reason: string, at: number): Promise<void> {
    const { vault, logs } = this.options;
    if ((await vault.reveal(places[0] ?? name)) === undefined) return;
    const nobody = { account: null, role: null, department: null };
    const entry = { at, ...nobody, what: 'erase-by-term', pseudonym: name, reason, outcome: 'done' };
    await appendAudit(logs, [entry]);
  }
}

/** The rule by which the term of a value is over, as the audit log has it; null where it is not. */
function overBy({ at }: Mention, terms: PersonalTerms, now: number): string | null {
  let rule: string | null = null;
  for (const [origin, last] of Object.entries(at) as [PersonalOrigin, number][]) {
    const term = terms.get(origin);
    if (term === undefined || last + term > now) return null;
    rule = `catalogue/retention.yaml: personal.${origin} ${offsetText(term)}`;
  }
  return rule;
}

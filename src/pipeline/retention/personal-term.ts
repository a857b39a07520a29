// The end of the term of clear personal values: erased, each noted before with the rule, never with the value.
import { offsetText } from '../../catalogue/duration.js';
import type { PersonalOrigin, PersonalTerms } from '../../catalogue/retention.js';
import type { Logs } from '../../ports/log.js';
import type { Vault } from '../../ports/vault.js';
import { appendAudit } from '../audit.js';
import { pieceNames } from '../intake.js';
import type { Hold, Holds } from './holds.js';
import { KeptByHold } from './kept-by-hold.js';
import type { Mention, PersonalIndex } from './personal-index.js';

/** A value whose term is over by what is known of it. */
export interface Over {
  readonly name: string;
  readonly mention: Mention;
  /** Where it lies in the vault. */
  readonly places: readonly string[];
}

/** One sweep: its terms and its instant. */
export interface Sweep {
  readonly now: number;
  /** The rule by which a term is over, as the audit log has it; null where it is not. */
  readonly overBy: (mention: Mention) => string | null;
}

/** How values go, so that none goes that an event on its way mentions again. */
export interface Erasing {
  /** Takes up what one that was broken off left. */
  begin(): Promise<void>;
  /** Erases those of some values whose term is over still, and that no hold keeps. */
  erase(values: readonly Over[], sweep: Sweep): Promise<Swept>;
}

export interface PersonalTermOptions {
  readonly index: PersonalIndex;
  readonly holds: Holds;
  readonly vault: Vault;
  readonly erasing: Erasing;
}

/** What came of one sweep. */
export interface Swept {
  readonly erased: number;
  /** Whose term is over, and who are held. */
  readonly held: number;
  /** False where it had to end before its end, so that the rest is left for the next sweep. */
  readonly whole: boolean;
}

const PAGE = 500;

export class PersonalTerm {
  constructor(private readonly options: PersonalTermOptions) {}

  /**
   * The holds that keep a pseudonym: those on subjects of which an event mentions it. The index is brought up to the end
   * of the log first.
   */
  async holding(pseudonym: string, now: number): Promise<Hold[]> {
    const { index, holds, vault } = this.options;
    const inForce = await holds.inForce(now);
    if (inForce.length === 0) return [];
    await index.catchUp();
    return new KeptByHold(index, vault).ofPseudonym(inForce, pseudonym);
  }

  /** Erases every value whose term is over at an instant and that no hold keeps. */
  async sweep(terms: PersonalTerms, now: number): Promise<Swept> {
    if (terms.size === 0) return { erased: 0, held: 0, whole: true };
    const { index, erasing } = this.options;
    const overBy = ({ at }: Mention) => ruleOver(at, terms, now);
    await erasing.begin();
    await index.catchUp();
    let [erased, held] = [0, 0];
    for (let after = ''; ;) {
      const page = await index.mentions(after, PAGE);
      const over = page.filter(([, mention]) => overBy(mention) !== null).map(overOf);
      const done = await erasing.erase(over, { now, overBy });
      erased += done.erased;
      held += done.held;
      if (!done.whole || page.length < PAGE) return { erased, held, whole: done.whole };
      after = page.at(-1)?.[0] ?? '';
    }
  }
}

/** Notes that values go, before they do, so that nothing is erased that the audit log does not name. */
export async function noteErasures(
  logs: Pick<Logs, 'audit'>,
  values: readonly Over[],
  { now: at, overBy }: Sweep,
): Promise<void> {
  const nobody = { account: null, role: null, department: null };
  const entries = values.map(({ name, mention }) => {
    const about = { pseudonym: name, reason: overBy(mention) ?? '' };
    return { at, ...nobody, what: 'erase-by-term', ...about, outcome: 'done' };
  });
  await appendAudit(logs, entries);
}

function overOf([name, mention]: readonly [string, Mention]): Over {
  const { length } = mention;
  const places = length === undefined ? [name] : pieceNames({ original: name, length });
  return { name, mention, places };
}

function ruleOver(at: Mention['at'], terms: PersonalTerms, now: number): string | null {
  let rule: string | null = null;
  for (const [origin, last] of Object.entries(at) as [PersonalOrigin, number][]) {
    const term = terms.get(origin);
    if (term === undefined || last + term > now) return null;
    rule = `catalogue/retention.yaml: personal.${origin} ${offsetText(term)}`;
  }
  return rule;
}

// A random draw that anyone can check: the order is that of SHA-256(seed|subject) over a frozen list of candidates.
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { z } from 'zod';
import { canonicalForm } from './canonical-form.js';
import { textDigest } from './manifest.js';

/** What a seed is: 1 to 128 visible characters without the bar that parts it from the subject. */
export const SEED = /^[!-{}~]{1,128}$/;

/** Stands for a model in what a draw calls for; no model can be named so. */
export const DRAWN_MODEL = 'catalogue/draws';

const text = z.string().max(1_000);
const hash = z.string().regex(/^[0-9a-f]{64}$/);
const names = z.array(z.string().max(64)).max(1_000);

const candidate = z.strictObject({
  subject: text.min(1),
  name: text.nullable(),
  /** The stratum. */
  credit: z.string().max(20),
  region: text.nullable(),
  departments: names,
  items: names,
});

const stratum = z.strictObject({
  credit: z.string().max(20),
  candidates: z.int().min(0),
  /** Percent, at most two decimals. */
  share: z.number().min(0).max(100),
  /** The share of the candidates before it is rounded up. */
  exact: z.number().min(0),
  drawn: z.int().min(0),
});

const drawn = z.strictObject({
  subject: text,
  credit: z.string().max(20),
  /** Place in the order of its class, from 1. */
  place: z.int().min(1),
  hash,
});

const task = z.strictObject({
  subject: text,
  name: text.nullable(),
  region: text.nullable(),
  /** Who inspects, in one visit. */
  departments: z.array(z.strictObject({ id: z.string(), name: z.string() })),
  items: z.array(
    z.strictObject({
      id: z.string(),
      title: z.string(),
      department: z.string(),
      checklist: z.array(z.string()),
      legal: z.array(z.string()),
    }),
  ),
  /** Local time; null beyond the calendar. */
  due: z.string().nullable(),
  /** Why it was drawn, in Chinese. */
  reason: z.string(),
});

const DRAW_FORMAT = 'fenghuo-draw/1';

/** The record of a draw, as its file has it. */
export const DRAW_SCHEMA = z.strictObject({
  format: z.literal(DRAW_FORMAT),
  seed: z.string().regex(SEED),
  /** When the candidates were frozen, RFC 3339. */
  at: z.iso.datetime(),
  revision: z.string(),
  tags: text,
  rounding: z.literal('up'),
  due: text,
  candidates: z.array(candidate).max(2_000_000),
  strata: z.array(stratum).max(20),
  drawn: z.array(drawn),
  tasks: z.array(task),
  /** SHA-256 of the canonical form (RFC 8785) of all the rest. */
  digest: hash,
});
export type Draw = z.output<typeof DRAW_SCHEMA>;
export type Candidate = z.output<typeof candidate>;
export type Stratum = z.output<typeof stratum>;
export type Drawn = z.output<typeof drawn>;
export type DrawTask = z.output<typeof task>;

/** Where a subject stands in the order of a seed: SHA-256 of `seed|subject` in UTF-8, hex. */
export function placeHash(seed: string, subject: string): string {
  return bytesToHex(sha256(utf8ToBytes(`${seed}|${subject}`)));
}

/** How many of so many candidates a share is: a part of one counts as one, so never less than the share. */
export function countOf(candidates: number, sharePercent: number): number {
  // Shares have two decimals, so that this is reckoned in whole numbers.
  return Math.floor((candidates * Math.round(sharePercent * 100) + 9_999) / 10_000);
}

/**
 * Draws from each class its share of the candidates, the first in the order of the hash.
 * @param shares percent by class, in the order in which the classes are listed; classes that are not named are not drawn
 */
export function drawFrom(
  seed: string,
  candidates: readonly Candidate[],
  shares: readonly (readonly [credit: string, percent: number])[],
): { readonly strata: Stratum[]; readonly drawn: Drawn[] } {
  const strata: Stratum[] = [];
  const all: Drawn[] = [];
  for (const [credit, share] of shares) {
    const own = candidates.filter((one) => one.credit === credit);
    const count = countOf(own.length, share);
    const ordered = own
      .map(({ subject }) => ({ subject, hash: placeHash(seed, subject) }))
      .sort((a, b) => compare(a.hash, b.hash) || compare(a.subject, b.subject));
    const exact = (own.length * Math.round(share * 100)) / 10_000;
    strata.push({ credit, candidates: own.length, share, exact, drawn: count });
    const first = ordered.slice(0, count);
    all.push(
      ...first.map((one, index): Drawn => ({
        subject: one.subject,
        credit,
        place: index + 1,
        hash: one.hash,
      })),
    );
  }
  return { strata, drawn: all };
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The record with its digest. Candidates stand in the order of their subjects. */
export function sealedDraw(draw: Omit<Draw, 'format' | 'rounding' | 'digest'>): Draw {
  const rest = { format: DRAW_FORMAT, rounding: 'up' as const, ...draw } as const;
  return { ...rest, digest: textDigest(canonicalForm(rest)) };
}

/** What is wrong with a draw: the place in the file, what it should be, and what it is. */
export interface DrawFault {
  readonly place: string;
  readonly expected: string;
  readonly found: string;
}

/** Checks a record by itself: digest, candidates, the order of the hash, shares, and the tasks. @returns null where all holds */
export function verifyDraw(draw: Draw): DrawFault | null {
  const { digest, ...rest } = draw;
  const sealed = textDigest(canonicalForm(rest));
  if (sealed !== digest) return { place: 'digest', expected: sealed, found: digest };
  const { seed, candidates, strata, drawn: all, tasks } = draw;
  for (let index = 1; index < candidates.length; index++) {
    const [before, here] = [candidates[index - 1]?.subject ?? '', candidates[index]?.subject ?? ''];
    if (before >= here) {
      return { place: `candidates/${index}`, expected: `a subject after ${before}, each once`, found: here };
    }
  }
  const classes = new Set(strata.map(({ credit }) => credit));
  const stray = candidates.find(({ credit }) => !classes.has(credit));
  if (stray !== undefined || classes.size < strata.length) {
    return { place: 'strata', expected: 'each class once', found: stray?.credit ?? 'one twice' };
  }
  const again = drawFrom(
    seed,
    candidates,
    strata.map(({ credit, share }) => [credit, share]),
  );
  return (
    different('strata', again.strata, strata) ??
    different('drawn', again.drawn, all) ??
    checkTasks(draw, tasks)
  );
}

/** Each subject that was drawn has one task, for its own departments and items. */
function checkTasks({ candidates, drawn: all }: Draw, tasks: readonly DrawTask[]): DrawFault | null {
  const bySubject = new Map(candidates.map((one) => [one.subject, one]));
  const expected = all.map(({ subject }) => {
    const { departments = [], items = [] } = bySubject.get(subject) ?? {};
    return { subject, departments, items };
  });
  const found = tasks.map(({ subject, departments, items }) => ({
    subject,
    departments: departments.map(({ id }) => id),
    items: items.map(({ id }) => id),
  }));
  return different('tasks', expected, found);
}

function different(place: string, expected: readonly unknown[], found: readonly unknown[]): DrawFault | null {
  if (expected.length !== found.length)
    return { place, expected: `${expected.length} entries`, found: `${found.length}` };
  const index = expected.findIndex((one, at) => canonicalForm(one) !== canonicalForm(found[at]));
  if (index < 0) return null;
  return {
    place: `${place}/${index}`,
    expected: canonicalForm(expected[index]),
    found: canonicalForm(found[index]),
  };
}

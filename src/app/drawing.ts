// fenghuo joint, composed: a random draw from the subjects of a data folder, and the check of one offline.
import { randomBytes, randomUUID } from 'node:crypto';
import { candidateOf, drawTask, tagsOf } from '../alerts/joint-draw.js';
import {
  DRAW_CLASSES,
  DUE_FORM,
  parseDue,
  parseShare,
  SHARE_FORM,
  type DrawShares,
} from '../catalogue/draw-rules.js';
import { parseTags, TAGS_FORM } from '../catalogue/tag-expression.js';
import {
  DRAW_SCHEMA,
  drawFrom,
  sealedDraw,
  SEED,
  verifyDraw,
  type Candidate,
  type Draw,
  type DrawFault,
} from '../evidence/draw.js';
import { evidenceKeyOf } from '../evidence/blinding.js';
import { CodedError } from '../events/coded-error.js';
import { DrawBook } from '../pipeline/draw-book.js';
import { subjectProfiles } from '../pipeline/profiles.js';
import { readStores, type ReadStores } from './folder-reading.js';
import type { Place } from './place.js';
import { NATIVE_HASHING } from './native-hashing.js';
import { readRecord, writeText } from './record-files.js';

export interface DrawRequest {
  readonly place: Place;
  readonly tags: string;
  /** `by credit class` for the shares of the catalogue, or shares such as `A 1%, B 5%, C 20%, D 50%`. */
  readonly sample: string;
  /** Made where undefined. */
  readonly seed: string | undefined;
  /** Working days; as the catalogue has it where undefined. */
  readonly due: string | undefined;
  /** Named by the digest where undefined. */
  readonly out: string | undefined;
  /** Whether the tasks are opened: departments are told, sign and feed back. */
  readonly tell: boolean;
}

export interface DrawResult {
  readonly draw: Draw;
  readonly path: string;
  /** Tasks that are opened when the system runs next; those of the very same draw are opened once. */
  readonly opened: number;
}

/** Above what a draw of two million candidates takes. */
const DRAW_BYTES_MAX = 1024 * 1024 * 1024;
const SEED_BYTES = 16;
/** What the shares of the catalogue are asked for by. */
export const BY_CLASS = 'by credit class';

/**
 * Draws, and writes the record of it.
 * @throws CodedError USAGE, DRAW_TELL_SERVERS, DRAW_EMPTY, DRAW_LIMIT, DRAW_TOLD, FILE_WRITE, and as `readStores` does
 */
export async function drawJointly(request: DrawRequest): Promise<DrawResult> {
  const seed = request.seed ?? randomBytes(SEED_BYTES).toString('hex');
  if (!SEED.test(seed))
    throw new CodedError('USAGE', '--seed is 1 to 128 visible ASCII characters without blanks and |.');
  if (request.tell && 'config' in request.place)
    throw new CodedError(
      'DRAW_TELL_SERVERS',
      'Draw without --tell, and hand the record to those who open tasks.',
    );
  if (request.due !== undefined && parseDue(request.due) === null)
    throw new CodedError('USAGE', `--due is ${DUE_FORM}.`);
  const shares = sharesIn(request.sample);
  const takes = testOf(request.tags);
  const { tags, due } = request;
  const result = await readStores(request.place, 'no draw; stop it first', async (found) => {
    const draw = await drawIn(found, { tags, takes, shares, seed, due });
    const path = request.out ?? `draw-${draw.digest.slice(0, 12)}.json`;
    if (request.tell) await bookOf(found).check(draw);
    await writeText(path, JSON.stringify(draw));
    return { draw, path, opened: request.tell ? await bookOf(found).announce(draw) : 0 };
  });
  if (result === null) throw new CodedError('DRAW_EMPTY', 'Nothing ever ran there.');
  return result;
}

function bookOf({ stores: { state, logs, siteKey } }: ReadStores): DrawBook {
  return new DrawBook({
    inbox: logs.inbox,
    state,
    evidenceKey: evidenceKeyOf(siteKey),
    nonce: () => randomUUID(),
    hashing: NATIVE_HASHING,
  });
}

interface Asked {
  readonly tags: string;
  readonly takes: (tags: ReadonlySet<string>) => boolean;
  readonly shares: DrawShares | null;
  readonly seed: string;
  readonly due: string | undefined;
}

async function drawIn({ stores, partitions, rules, evaluated }: ReadStores, asked: Asked): Promise<Draw> {
  const { catalogue } = rules;
  const candidates: Candidate[] = [];
  let subjects = 0;
  let tagged = 0;
  for await (const page of subjectProfiles(stores.state, rules, partitions)) {
    for (const [key, profile] of page) {
      subjects += 1;
      if (asked.takes(tagsOf(profile))) tagged += 1;
      const found = candidateOf(key.slice('subject:'.length), profile, asked.takes, catalogue);
      if (found !== null) candidates.push(found);
    }
  }
  if (candidates.length === 0 || evaluated === null) {
    const message =
      `Of ${subjects} subjects ${tagged} have the tags, and none of these is in business under items of two ` +
      'departments; catalogue/items.yaml says in subjects which an item is about.';
    throw new CodedError('DRAW_EMPTY', message);
  }
  // Not by locale: a verifier elsewhere puts them in the same order.
  candidates.sort((a, b) => (a.subject < b.subject ? -1 : 1));
  const shares = asked.shares ?? catalogue.draws.shares;
  const due = asked.due ?? catalogue.draws.due;
  const pairs = DRAW_CLASSES.map((credit) => [credit, shares[credit]] as const);
  const { strata, drawn } = drawFrom(asked.seed, candidates, pairs);
  const bySubject = new Map(candidates.map((one) => [one.subject, one]));
  const byClass = new Map(strata.map((one) => [one.credit, one]));
  const tasks = drawn.flatMap((one) => {
    const candidate = bySubject.get(one.subject);
    const stratum = byClass.get(one.credit);
    if (candidate === undefined || stratum === undefined) return [];
    return [drawTask(one, candidate, stratum, { at: evaluated, term: due, catalogue })];
  });
  const { seed, tags } = asked;
  const at = new Date(evaluated).toISOString();
  return sealedDraw({ seed, at, revision: rules.revision, tags, due, candidates, strata, drawn, tasks });
}

function testOf(tags: string) {
  const read = parseTags(tags);
  if (read.ok) return read.test;
  const place = `at character ${read.column} ${read.message}`;
  throw new CodedError('USAGE', `--tags ${tags}: ${place}; expected are ${TAGS_FORM}.`);
}

/** Null for those of the catalogue. */
function sharesIn(sample: string): DrawShares | null {
  if (sample.trim() === BY_CLASS) return null;
  const shares: { [credit: string]: number } = { A: 0, B: 0, C: 0, D: 0, unknown: 0 };
  const named = new Set<string>();
  for (const part of sample.split(',')) {
    const [credit = '', share = '', ...more] = part.trim().split(/\s+/);
    const percent = parseShare(share);
    if (more.length > 0 || percent === null || !Object.hasOwn(shares, credit) || named.has(credit)) {
      const form = `'${BY_CLASS}', or shares by class such as 'A 1%, B 5%, C 20%, D 50%, unknown 5%', each class once`;
      throw new CodedError(
        'USAGE',
        `--sample has ${JSON.stringify(part.trim())}; it is ${form}, ${SHARE_FORM}.`,
      );
    }
    named.add(credit);
    shares[credit] = percent;
  }
  return shares as DrawShares;
}

/** Checks the file of a draw by itself. @throws CodedError FILE_READ, DRAW_FORMAT */
export async function verifyDrawFile(
  path: string,
): Promise<{ readonly draw: Draw; readonly fault: DrawFault | null }> {
  const draw = await readRecord(path, DRAW_BYTES_MAX, DRAW_SCHEMA, 'DRAW_FORMAT');
  return { draw, fault: verifyDraw(draw) };
}

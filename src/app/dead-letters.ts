// Dead letters of a deployment, of a data folder or on servers: listed, shown with a reason, and tried again.
import { randomUUID } from 'node:crypto';
import type { BodyValues } from '../events/body.js';
import { CodedError } from '../events/coded-error.js';
import { CODES } from '../events/codes.js';
import { appendAudit } from '../pipeline/audit.js';
import { Ingest } from '../pipeline/ingest.js';
import { originalPieces, type Intake, type IntakeBatch } from '../pipeline/intake.js';
import {
  DeadLetters,
  isDelivery,
  LETTER_LIMITS,
  type Letter,
  type LetterFilter,
} from '../pipeline/dead-letters/letters.js';
import { Redriven } from '../pipeline/dead-letters/redriven.js';
import { Redriver, type Redrive } from '../pipeline/dead-letters/redrive.js';
import { account } from './account.js';
import { crashProbe } from './crash.js';
import type { ServerStores } from './distributed/server-stores.js';
import { siteKey } from './environment.js';
import { openIdleFolder } from './folder-reading.js';
import { readMapping } from './importing.js';
import { instantOf, zoneOf } from './local-time.js';
import { letterView, placesText, redriveView, type LetterView, type RedriveView } from './letter-views.js';
import { openLog } from './log.js';
import type { Place } from './place.js';
import { readReplay } from './replay.js';
import { withoutNumbers } from './revealing.js';
import type { WholeServers } from './servers-file.js';
import type { Stores } from './stores.js';

/** Filters as a command line has them: instants are RFC 3339, or dates of the default zone. */
export interface AskedLetters {
  readonly codes?: readonly string[] | undefined;
  readonly source?: string | undefined;
  readonly since?: string | undefined;
  readonly until?: string | undefined;
}

const ZONE = zoneOf(new Map());
const IN_USE =
  'A running server takes an event that was mended at POST /v1/events, under its id; stop it to read dead letters here.';

interface OpenPlace {
  readonly stores: Stores;
  readonly letters: DeadLetters;
  readonly redriven: Redriven;
  /** Begins to take events. */
  taking(now: () => number): Promise<Taken>;
}

/** What takes events, until it is closed. */
interface Taken {
  readonly intake: Intake;
  close(): Promise<void>;
}

/**
 * Lists dead letters, the newest first, without what is personal.
 * @param before leaves out those from this place on
 * @throws CodedError USAGE, and as the stores do
 */
export async function listLetters(
  place: Place,
  asked: AskedLetters,
  limit: number,
  before?: number,
): Promise<{ readonly items: readonly LetterView[]; readonly next: number | null; readonly zone: string }> {
  const filter = filterOf(asked);
  return within(place, async ({ letters, stores }) => {
    const page = await letters.newest(filter, Math.min(limit, LETTER_LIMITS.listed), before);
    const items = page.letters.map((one) => letterView(one, stores.siteKey));
    return { items, next: page.next, zone: ZONE };
  });
}

/**
 * The original of a dead letter, as it came. That somebody read it, and why, is in the audit log before it resolves.
 * @throws CodedError USAGE without a reason, DEAD_LETTER_ABSENT, DEAD_LETTER_DELIVERY, DEAD_LETTER_GONE
 */
export async function showLetter(place: Place, offset: number, given: string): Promise<string> {
  const words = given.trim();
  if (words === '' || words.length > REASON_CHARACTERS)
    throw new CodedError('USAGE', `--reason says why, in 1 to ${REASON_CHARACTERS} characters.`);
  return within(place, async ({ letters, stores }) => {
    const { logs, vault } = stores;
    const note = (outcome: string) => {
      const about = { dead_letters: String(offset), reason: withoutNumbers(words, stores.siteKey) };
      return audit(stores, 'dead-letter-show', outcome, about);
    };
    const found = await letters.at(offset);
    if (found === undefined) {
      const end = await logs['dead-letters'].end(0);
      throw new CodedError('DEAD_LETTER_ABSENT', `${offset} is asked for, and there are ${end}.`);
    }
    if (isDelivery(found.letter)) throw new CodedError('DEAD_LETTER_DELIVERY', found.letter.original);
    let text = '';
    try {
      for await (const piece of originalPieces(vault, found.letter)) text += piece;
    } catch (error) {
      if (error instanceof CodedError) await note(error.code);
      throw error;
    }
    await note('done');
    return text;
  });
}

export interface RedriveRequest {
  /** Places of letters; by the filters where there are none. */
  readonly offsets: readonly number[];
  readonly asked: AskedLetters;
  /** The first place that the filters look at. */
  readonly from: number;
  /** Letters that are tried at most. */
  readonly limit: number;
  /** Path of a mapping, through which originals are read. */
  readonly mapping?: string | undefined;
  readonly dryRun: boolean;
  readonly again: boolean;
}

/** How many letters came to what. */
export type RedriveCounts = { readonly [outcome in Redrive['outcome']]: number };

/**
 * Tries dead letters again, in the order of their log.
 * @param told hears what became of each, without what is personal; what is said is durable
 * @returns counts by outcome, and the place after the last letter where the limit ended it; null where it did not
 * @throws CodedError USAGE, DEAD_LETTER_ABSENT, REPLAY_UNFINISHED; InvalidFiles for a faulty mapping; and as the stores do
 */
export async function redriveLetters(
  place: Place,
  request: RedriveRequest,
  told: (result: RedriveView) => void,
): Promise<{ readonly counts: RedriveCounts; readonly next: number | null }> {
  const filter = filterOf(request.asked);
  const { mapping: path, offsets, limit } = request;
  if (offsets.length > LETTER_LIMITS.listed)
    throw new CodedError('USAGE', `At most ${LETTER_LIMITS.listed} places at once.`);
  const mapping = path === undefined ? null : (await readMapping(path)).mapping;
  return within(place, async (open) => {
    const { stores, letters, redriven } = open;
    const named = await lettersAt(letters, offsets);
    await redriven.open();
    const now = () => Date.now();
    const { dryRun, again } = request;
    const what = dryRun ? 'dead-letters-try' : 'dead-letters-redrive';
    const counts = { taken: 0, refused: 0, before: 0, delivery: 0, skipped: 0, gone: 0 };
    const taking = new LazyTaking(stores, () => open.taking(now), now);
    try {
      const redriver = new Redriver({
        ...{ intake: taking, vault: stores.vault, redriven, mapping, again, dryRun, now },
        by: account(),
        reading: (read) => audit(stores, what, 'done', { dead_letters: placesText(read) }),
      });
      const pages = offsets.length > 0 ? pagesOf(named) : letters.oldest(filter, request.from);
      let last = -1;
      for await (const results of redriver.run(pages, limit)) {
        for (const result of results) {
          counts[result.outcome]++;
          last = Math.max(last, result.offset);
          told(redriveView(result, stores.siteKey));
        }
      }
      return { counts, next: redriver.tried >= limit && offsets.length === 0 ? last + 1 : null };
    } finally {
      await taking.close();
    }
  });
}

/** Begins to take events with the first of them: where there are none, no time passes because of a command. */
class LazyTaking implements Pick<Intake, 'read' | 'acceptAgain'> {
  private begun: Taken | null = null;
  private readonly reader: Intake;

  constructor(
    { logs, vault, siteKey: key }: Stores,
    private readonly begin: () => Promise<Taken>,
    private readonly now: () => number,
  ) {
    this.reader = new Ingest({ logs, vault, siteKey: key, probe: () => undefined }).intake;
  }

  read(body: BodyValues, now: number): IntakeBatch {
    return this.reader.read(body, now);
  }

  /** Arrives once ticks wait for it, which may be some time after it was read. */
  async acceptAgain(body: BodyValues): Promise<IntakeBatch> {
    this.begun ??= await this.begin();
    return this.begun.intake.acceptAgain(body, this.now());
  }

  async close(): Promise<void> {
    await this.begun?.close();
  }
}

const REASON_CHARACTERS = 500;

/** @throws CodedError USAGE for a code that is none, or an instant that is none */
function filterOf({ codes, source, since, until }: AskedLetters): LetterFilter {
  const unknown = codes?.find((code) => !Object.hasOwn(CODES, code));
  if (unknown !== undefined)
    throw new CodedError('USAGE', `--code ${JSON.stringify(unknown)} is none; a code looks like EVENT_DATA.`);
  return {
    codes,
    source,
    since: since === undefined ? undefined : instantOf('--since', since, ZONE),
    until: until === undefined ? undefined : instantOf('--until', until, ZONE),
  };
}

/** Letters by their places, each once and in their order. @throws CodedError DEAD_LETTER_ABSENT */
async function lettersAt(letters: DeadLetters, offsets: readonly number[]): Promise<Letter[]> {
  const found: Letter[] = [];
  for (const offset of [...new Set(offsets)].sort((a, b) => a - b)) {
    const letter = await letters.at(offset);
    if (letter === undefined) throw new CodedError('DEAD_LETTER_ABSENT', `${offset} is asked for.`);
    found.push(letter);
  }
  return found;
}

async function* pagesOf(letters: readonly Letter[]): AsyncGenerator<readonly Letter[]> {
  yield letters;
}

/** Opens what a place has, and closes it. */
async function within<T>(place: Place, action: (open: OpenPlace) => Promise<T>): Promise<T> {
  const open = 'config' in place ? await onServers(place.config) : await inFolder(place.dataDir);
  try {
    return await action(open);
  } finally {
    await open.stores.close();
  }
}

async function inFolder(dataDir: string): Promise<OpenPlace> {
  const folder = await openIdleFolder(dataDir, IN_USE);
  return {
    ...lettersOf(folder),
    taking: async (now) => {
      const replay = await readReplay(folder.lmdb.meta);
      if (replay !== undefined && !replay.done) throw new CodedError('REPLAY_UNFINISHED');
      const ingest = new Ingest({ ...folder, probe: crashProbe() });
      await ingest.open();
      // As at each start: what comes now comes after everything that was there.
      await ingest.tick(now());
      return { intake: ingest.intake, close: async () => undefined };
    },
  };
}

async function onServers(config: string): Promise<OpenPlace> {
  // Loaded here, so that a data folder does not pay for the clients of servers.
  const { readWholeServers } = await import('./servers-file.js');
  const { openServerStores } = await import('./distributed/server-stores.js');
  const servers = await readWholeServers(config);
  const log = openLog('warn');
  const stores = await openServerStores(servers, siteKey(), { log, now: () => Date.now() });
  return { ...lettersOf(stores), taking: (now) => takingOn(stores, servers, now) };
}

/** Takes events as a process of the ingest role does, so that ticks wait for them. */
async function takingOn(stores: ServerStores, servers: WholeServers, now: () => number) {
  const { RAW_SOURCE, Taking } = await import('./distributed/taking.js');
  const taking = new Taking({
    ...{ stores, now, log: openLog('warn'), probe: crashProbe() },
    inboxClock: () => -Infinity,
    onAppended: () => undefined,
    tracing: null,
    openRaw: null,
    needs: servers.raw.length > 0 ? [RAW_SOURCE] : [],
  });
  await taking.start();
  return { intake: taking.intake, close: () => taking.stop() };
}

function lettersOf(stores: Stores): Pick<OpenPlace, 'stores' | 'letters' | 'redriven'> {
  const redriven = new Redriven(stores.state, randomUUID);
  return { stores, redriven, letters: new DeadLetters(stores.logs['dead-letters'], redriven) };
}

async function audit(
  { logs }: Stores,
  what: string,
  outcome: string,
  about: { readonly dead_letters: string; readonly reason?: string },
): Promise<void> {
  const entry = { at: Date.now(), account: account(), role: null, department: null, what, outcome };
  await appendAudit(logs, [{ ...entry, ...about }]);
}

// The file of tokens: who may call the HTTP front, by the hash of what each was given.
import { createHash, randomBytes } from 'node:crypto';
import { chmod, open, readFile, rename, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';
import { ROLES } from '../../events/act.js';
import { CodedError } from '../../events/coded-error.js';
import type { NamedValues } from '../../ports/values.js';
import { syncFolder } from './sync-folder.js';

export const TOKEN_LIMITS = { tokens: 10_000, fileBytes: 8 * 1024 * 1024 } as const;

const TOKEN = z.strictObject({
  id: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'letters, digits, . _ - up to 64'),
  /** SHA-256 of the token, hex: it has 256 random bits, so nothing slower is needed. */
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  role: z.enum(ROLES),
  department: z
    .string()
    .regex(/^[a-z][a-z0-9-]{0,63}$/, 'the id of a department')
    .nullable(),
  region: z
    .string()
    .regex(/^\d{2}(\d{2}(\d{2}(\d{3}(\d{3})?)?)?)?$/, 'a region code of 2, 4, 6, 9 or 12 digits')
    .nullable(),
  /** Epoch ms. */
  created: z.int(),
  expires: z.int(),
});

const FILE = z.strictObject({ tokens: z.array(TOKEN).max(TOKEN_LIMITS.tokens) });

/** One token as it is kept. */
export type Token = z.output<typeof TOKEN>;
export type TokenGrant = Omit<Token, 'hash' | 'created'>;

/** Tokens of one data folder, read anew whenever the file has changed. */
export class Tokens {
  private byHash: ReadonlyMap<string, Token> = new Map();
  private seen = '';

  /** Whether the values are known to say that a token was given. */
  private isKept = false;

  /**
   * @param path of the file; where there is none, no token was ever given, unless the values say so
   * @param values keep that one was given, for where the file is lost or left out of a back-up
   */
  constructor(
    private readonly path: string,
    private readonly values?: NamedValues,
  ) {}

  /** Whether any token was ever given; from then on every caller needs one. */
  async required(): Promise<boolean> {
    await this.refresh();
    // What a full disk does not keep is tried again at the next question, and the file says it meanwhile.
    if (this.isFileThere) await this.keep().catch(() => undefined);
    else if (!this.isKept) this.isKept = (await this.values?.get(GIVEN)) !== undefined;
    return this.isFileThere || this.isKept;
  }

  /** Whether there was a file when it was looked for last. */
  get isFileThere(): boolean {
    return this.seen !== ABSENT;
  }

  /** Has the values say that a token was given, where one was: before a copy of them is taken. */
  async keepGiven(): Promise<void> {
    if ((await stampOf(this.path)) !== ABSENT) await this.keep();
  }

  /** Who a token was given to; undefined for none of ours, or one that has expired. */
  async find(token: string, nowMs: number): Promise<Token | undefined> {
    await this.refresh();
    // What is looked up is the hash: how long that takes says nothing of a token that would fit.
    const found = this.byHash.get(hashOf(token));
    return found === undefined || found.expires <= nowMs ? undefined : found;
  }

  async list(): Promise<Token[]> {
    await this.refresh();
    return [...this.byHash.values()];
  }

  /** @returns the token itself, which is shown once and kept nowhere. @throws CodedError TOKEN_EXISTS, TOKEN_LIMIT */
  async grant(grant: TokenGrant, nowMs: number): Promise<string> {
    const tokens = await this.list();
    if (tokens.some(({ id }) => id === grant.id))
      throw new CodedError('TOKEN_EXISTS', `The id is ${grant.id}.`);
    if (tokens.length >= TOKEN_LIMITS.tokens) throw new CodedError('TOKEN_LIMIT');
    const token = `fh_${randomBytes(32).toString('base64url')}`;
    await this.write([...tokens, { ...grant, hash: hashOf(token), created: nowMs }]);
    return token;
  }

  /** @returns whether there was one of that id */
  async revoke(id: string): Promise<boolean> {
    const tokens = await this.list();
    const left = tokens.filter((token) => token.id !== id);
    if (left.length === tokens.length) return false;
    // An empty file stays: the machine does not fall open again.
    await this.write(left);
    return true;
  }

  private async keep(): Promise<void> {
    if (this.values === undefined || this.isKept) return;
    await this.values.putOnce(GIVEN, Uint8Array.of(1));
    this.isKept = true;
  }

  private async refresh(): Promise<void> {
    const seen = await stampOf(this.path);
    if (seen === this.seen) return;
    const tokens = seen === ABSENT ? [] : await read(this.path);
    this.byHash = new Map(tokens.map((token) => [token.hash, token]));
    this.seen = seen;
  }

  private async write(tokens: readonly Token[]): Promise<void> {
    const aside = `${this.path}.${randomBytes(6).toString('hex')}`;
    const file = await open(aside, 'wx', 0o600);
    try {
      await file.writeFile(`${JSON.stringify({ tokens }, null, 1)}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
    await chmod(aside, 0o600);
    await rename(aside, this.path);
    await syncFolder(dirname(this.path));
  }
}

const ABSENT = 'absent';
/** Name among the values. */
const GIVEN = 'tokens-given';

/** Changes whenever the file does. */
async function stampOf(path: string): Promise<string> {
  try {
    const { ino, size, mtimeMs } = await stat(path);
    return `${ino} ${size} ${mtimeMs}`;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return ABSENT;
    throw new CodedError('TOKEN_FILE', path, error);
  }
}

async function read(path: string): Promise<Token[]> {
  const { mode, size } = await stat(path);
  if (process.platform !== 'win32' && (mode & 0o077) !== 0)
    throw new CodedError('TOKEN_FILE', `Others may read ${path}; set its mode to 0600.`);
  if (size > TOKEN_LIMITS.fileBytes) throw new CodedError('TOKEN_FILE', `${path} is too large.`);
  try {
    return FILE.parse(JSON.parse(await readFile(path, 'utf8'))).tokens;
  } catch (error) {
    throw new CodedError('TOKEN_FILE', `${path} is not as this program writes it.`, error);
  }
}

function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

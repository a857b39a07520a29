// Giving and taking back the tokens of a data folder, also while a server uses it.
import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Role } from '../events/act.js';
import { CodedError } from '../events/coded-error.js';
import { loadRulesAt } from './named-rules.js';
import type { Place } from './place.js';
import { readServersData } from './servers-file.js';
import { tokensOf } from './stores.js';

const DAY_MS = 86_400_000;

/** The folder whose tokens are meant: on servers that which the file names for this machine. */
export function tokensFolder(place: Place): Promise<string> {
  return 'config' in place ? readServersData(resolve(place.config)) : Promise.resolve(place.dataDir);
}

/** What is left to do where other processes read another file; null in a data folder, which one process has. */
export function stillToDo(place: Place, folder: string): string | null {
  if (!('config' in place)) return null;
  const path = join(folder, 'tokens.json');
  return `${path} 已改。每个进程只看自己 data 目录里的 tokens.json：其他机器须同样更新 / is changed. Each process goes by the file in its own data folder: copy this one to every other machine, or keep the folder on a volume that all share. Until then they let in whom their own file names.`;
}

export interface Grant {
  readonly id: string;
  readonly role: Role;
  readonly department: string | null;
  readonly region: string | null;
  readonly days: number;
}

/**
 * Gives a token.
 * @returns the token, which is kept nowhere
 * @throws CodedError TOKEN_SCOPE where role and department do not go together, TOKEN_EXISTS
 */
export async function grantToken(dataDir: string, rulesDir: string, grant: Grant): Promise<string> {
  const { id, role, department, region, days } = grant;
  const isForOne = role === 'department' || role === 'lead';
  if (isForOne !== (department !== null)) throw new CodedError('TOKEN_SCOPE');
  if (department !== null) {
    const { rules } = await loadRulesAt(rulesDir);
    if (!rules.catalogue.departments.has(department))
      throw new CodedError('TOKEN_SCOPE', `The catalogue has no department ${department}.`);
  }
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(id))
    throw new CodedError('USAGE', 'The id has letters, digits, . _ - up to 64.');
  if (region !== null && !/^(\d{2}|\d{4}|\d{6}|\d{9}|\d{12})$/.test(region))
    throw new CodedError('USAGE', '--region is a code of 2, 4, 6, 9 or 12 digits.');
  await mkdir(dataDir, { recursive: true, mode: 0o750 });
  const now = Date.now();
  return tokensOf(dataDir).grant({ id, role, department, region, expires: now + days * DAY_MS }, now);
}

/** One line for each token: id, role, department, region, until when. */
export async function listTokens(dataDir: string): Promise<string[]> {
  const tokens = await tokensOf(dataDir).list();
  return tokens.map(({ id, role, department, region, expires }) =>
    [id, role, department ?? '-', region ?? '-', new Date(expires).toISOString()].join('\t'),
  );
}

/** @throws CodedError TOKEN_UNKNOWN */
export async function revokeToken(dataDir: string, id: string): Promise<void> {
  if (!(await tokensOf(dataDir).revoke(id))) throw new CodedError('TOKEN_UNKNOWN', `The id is ${id}.`);
}

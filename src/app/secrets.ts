// References to secrets become what they refer to, here alone; the values go to the channels and nowhere else.
import { open } from 'node:fs/promises';
import { CodedError } from '../events/coded-error.js';
import { CertificateReference, SecretReference, type Resolved } from '../events/settings.js';
import { environmentVariable } from './environment.js';

const SECRET_MAX_BYTES = 4_096;
const CERTIFICATES_MAX_BYTES = 65_536;

/**
 * Settings with each reference resolved.
 * @param place what they belong to, for the message
 * @throws CodedError CHANNEL_SECRET where a variable is not set, or a file cannot be read, or others may read it
 */
export async function withSecrets<T>(settings: T, place: string): Promise<Resolved<T>> {
  return (await resolved(settings, place)) as Resolved<T>;
}

async function resolved(value: unknown, place: string): Promise<unknown> {
  if (value instanceof SecretReference) return secretOf(value, place);
  if (Array.isArray(value)) {
    const items: unknown[] = [];
    for (const item of value) items.push(await resolved(item, place));
    return items;
  }
  if (typeof value !== 'object' || value === null) return value;
  const entries: [string, unknown][] = [];
  for (const [key, one] of Object.entries(value)) entries.push([key, await resolved(one, `${place}.${key}`)]);
  return Object.fromEntries(entries);
}

async function secretOf(reference: SecretReference, place: string): Promise<string> {
  const { source, name } = reference;
  if (source === 'file') return readSecret(name, place, reference instanceof CertificateReference);
  const value = environmentVariable(name);
  if (value === undefined) throw new CodedError('CHANNEL_SECRET', `${place}: ${name} is not set.`);
  return value;
}

async function readSecret(path: string, place: string, isPublic: boolean): Promise<string> {
  const mostBytes = isPublic ? CERTIFICATES_MAX_BYTES : SECRET_MAX_BYTES;
  const file = await open(path, 'r').catch((error: unknown) => {
    const { code } = error as NodeJS.ErrnoException;
    throw new CodedError('CHANNEL_SECRET', `${place}: ${path} cannot be read (${code ?? 'error'}).`);
  });
  try {
    const stats = await file.stat();
    if (!stats.isFile() || stats.size > mostBytes) {
      throw new CodedError('CHANNEL_SECRET', `${place}: ${path} is no file of at most ${mostBytes} bytes.`);
    }
    if (!isPublic && process.platform !== 'win32' && (stats.mode & 0o077) !== 0) {
      throw new CodedError('CHANNEL_SECRET', `${place}: others may read ${path}; set its mode to 0600.`);
    }
    const text = (await file.readFile('utf8')).trim();
    if (text === '') throw new CodedError('CHANNEL_SECRET', `${place}: ${path} is empty.`);
    return text;
  } finally {
    await file.close();
  }
}

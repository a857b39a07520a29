// Files of records that are given to others: read whole within a limit, written whole or not at all.
import { readFile, stat } from 'node:fs/promises';
import { openLines } from '../adapters/tabular/output.js';
import type { Shape, Shaped } from '../catalogue/fault.js';
import type { Code } from '../events/codes.js';
import { CodedError } from '../events/coded-error.js';

const KEY = /^[0-9a-f]{64}$/;

/** A text of at most so many bytes. @throws CodedError FILE_READ */
export async function readText(path: string, bytesMax: number): Promise<string> {
  try {
    const { size } = await stat(path);
    if (size > bytesMax) throw new CodedError('FILE_READ', `${path}: over ${bytesMax} bytes.`);
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof CodedError) throw error;
    throw new CodedError('FILE_READ', `${path}: ${(error as Error).message}`, error);
  }
}

/** What a file of at most so many bytes of JSON holds. @throws CodedError FILE_READ, and `code` where it is none */
export async function readJsonFile(path: string, bytesMax: number, code: Code): Promise<unknown> {
  const text = await readText(path, bytesMax);
  try {
    return JSON.parse(text);
  } catch {
    throw new CodedError(code, `${path} is not JSON.`);
  }
}

/** The record in a file, by its schema. @throws CodedError FILE_READ, and `code` where it is none */
export async function readRecord<S extends Shape>(
  path: string,
  bytesMax: number,
  schema: S,
  code: Code,
): Promise<Shaped<S>> {
  const parsed = schema.safeParse(await readJsonFile(path, bytesMax, code));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new CodedError(code, `${path}: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}.`);
}

/** A public key by its 64 hex digits, or by a file that holds them. @throws CodedError USAGE, FILE_READ */
export async function keyOf(given: string): Promise<string> {
  const text = KEY.test(given) ? given : (await readText(given, 1_000)).trim();
  if (!KEY.test(text)) throw new CodedError('USAGE', 'A key is 64 hex digits, or a file that holds them.');
  return text;
}

/** Writes one line, gzip where the name says so. @throws CodedError FILE_WRITE */
export async function writeText(path: string, text: string, isReplaced = false): Promise<void> {
  const file = await openLines(path, isReplaced);
  try {
    await file.write(text);
    await file.close();
  } catch (error) {
    await file.abandon();
    throw error;
  }
}

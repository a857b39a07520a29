// Pieces of the schemas of settings files, where every scalar is text: numbers, switches, addresses, secrets.
import { z } from 'zod';

/** A secret as a file of settings names it; the value itself never stands there. */
export class SecretReference {
  constructor(
    readonly source: 'env' | 'file',
    /** Of the variable, or the path of the file. */
    readonly name: string,
  ) {}
}

/** Certificates as a file of settings names them: no secret, so that others may read the file. */
export class CertificateReference extends SecretReference {}

/** Settings with each reference replaced by what it refers to. */
export type Resolved<T> = T extends SecretReference
  ? string
  : T extends readonly (infer Item)[]
    ? readonly Resolved<Item>[]
    : T extends object
      ? { readonly [Key in keyof T]: Resolved<T[Key]> }
      : T;

const REFERENCE = /^(env):([A-Za-z_][A-Za-z0-9_]{0,127})$|^(file):(\/.{1,1000})$/;
const REFERENCE_FORM = 'a reference to the secret, env:NAME or file:/path, never the secret itself';

function referenceOf(text: string): SecretReference | null {
  const match = REFERENCE.exec(text);
  if (match === null) return null;
  const source = match[1] === 'env' ? 'env' : 'file';
  return new SecretReference(source, match[2] ?? match[4] ?? '');
}

/** `env:NAME` or `file:/path`. */
export const secretSetting = z
  .string()
  .refine((text) => referenceOf(text) !== null, REFERENCE_FORM)
  .transform((text) => referenceOf(text) as SecretReference);

/** PEM of an authority of certificates, `env:NAME` or `file:/path`. */
export const certificateSetting = z
  .string()
  .refine((text) => referenceOf(text) !== null, 'where the certificates are, env:NAME or file:/path')
  .transform((text): CertificateReference => {
    const { source, name } = referenceOf(text) as SecretReference;
    return new CertificateReference(source, name);
  });

/** An address as it stands, or a reference to one: addresses with a query or a user hold secrets. */
export const addressSetting = z
  .string()
  .refine(
    (text) => referenceOf(text) !== null || isPlainAddress(text),
    'an http or https address without user, query and fragment, or env:NAME or file:/path where it holds a secret',
  )
  .transform((text): string | SecretReference => referenceOf(text) ?? text);

export function wholeSetting(least: number, most: number) {
  return z
    .string()
    .refine(
      (text) => /^\d{1,9}$/.test(text) && Number(text) >= least && Number(text) <= most,
      `a whole number from ${least} to ${most}`,
    )
    .transform(Number);
}

/** One of several servers. */
export const nodeSetting = z
  .string()
  .max(260)
  .regex(/^(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:]+\]):\d{1,5}$/, 'a server as host:port');

export const switchSetting = z.enum(['true', 'false'], 'true or false').transform((text) => text === 'true');

/** By department; `default` is for those that are not named. */
export function byDepartment<S extends z.ZodType>(value: S) {
  return z.record(z.string().regex(/^[a-z][a-z0-9-]{0,63}$/, 'the id of a department, or default'), value);
}

/**
 * Which entry of such a map a department is sent to. Entries with one target are one endpoint, by the name of the first
 * of them, so that what a receiver allows is reckoned once.
 * @returns the name of the entry, or null where there is none
 */
export function endpointsOf<Entry>(
  map: Readonly<Record<string, Entry>>,
  targetOf: (entry: Entry) => string,
): (department: string) => string | null {
  const first = new Map<string, string>();
  for (const [name, entry] of Object.entries(map)) {
    const target = targetOf(entry);
    if (!first.has(target)) first.set(target, name);
  }
  return (department) => {
    const name = [department, 'default'].find((one) => Object.hasOwn(map, one));
    const entry = name === undefined ? undefined : map[name];
    return entry === undefined ? null : (first.get(targetOf(entry)) ?? null);
  };
}

function isPlainAddress(text: string): boolean {
  if (text.length > 2_000 || !URL.canParse(text)) return false;
  const { protocol, username, password, search, hash } = new URL(text);
  return /^https?:$/.test(protocol) && [username, password, search, hash].every((part) => part === '');
}

// What the process environment says. Only this folder reads it.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { CodedError } from '../events/coded-error.js';
import { projectFolder } from './version.js';

/** Whether errors are shown with their stack: FENGHUO_DEBUG is set and not 0. */
export function debugging(): boolean {
  const value = process.env['FENGHUO_DEBUG'];
  return value !== undefined && value !== '' && value !== '0';
}

/** Defaults of `fenghuo run`. @throws CodedError where FENGHUO_PORT is no port */
export function defaults(): { readonly data: string; readonly rules: string; readonly port: number } {
  const port = process.env['FENGHUO_PORT'] ?? '';
  if (!/^\d{0,5}$/.test(port) || Number(port) > 65_535) {
    throw new CodedError(
      'USAGE',
      `FENGHUO_PORT is ${JSON.stringify(port)}; a port is a number from 0 to 65535.`,
    );
  }
  return {
    data: process.env['FENGHUO_DATA'] ?? 'data',
    rules: existsSync('rules/catalogue') ? 'rules' : join(projectFolder(), 'rules'),
    port: port === '' ? 8080 : Number(port),
  };
}

/** The key of pseudonyms that an operator holds: FENGHUO_SITE_KEY, 64 hex digits. @throws CodedError where it is not */
export function siteKey(): Uint8Array | null {
  const text = process.env['FENGHUO_SITE_KEY'] ?? '';
  if (text === '') return null;
  if (!/^[0-9a-f]{64}$/i.test(text)) throw new CodedError('USAGE', 'FENGHUO_SITE_KEY must be 64 hex digits.');
  return Buffer.from(text, 'hex');
}

/**
 * How many keys a model may hold before the operators are told: FENGHUO_MODEL_KEYS; undefined where it is not set.
 * @throws CodedError where it is no whole number
 */
export function modelKeys(): number | undefined {
  const text = process.env['FENGHUO_MODEL_KEYS'] ?? '';
  if (text === '') return undefined;
  if (!/^[1-9]\d{0,11}$/.test(text))
    throw new CodedError('USAGE', 'FENGHUO_MODEL_KEYS must be a whole number above 0.');
  return Number(text);
}

/** The file of channels: FENGHUO_CHANNELS; undefined where it is not set. */
export function channelsFile(): string | undefined {
  return environmentVariable('FENGHUO_CHANNELS');
}

/** A variable that a setting names; undefined where it is not set, or empty. */
export function environmentVariable(name: string): string | undefined {
  const value = process.env[name];
  return value === undefined || value === '' ? undefined : value;
}

/** The token with which commands ask a running program: FENGHUO_TOKEN, never an argument, which others could read. */
export function ownToken(): string | undefined {
  return environmentVariable('FENGHUO_TOKEN');
}

// Hashes by which definitions are told apart: of an indicator, and of a whole revision.
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import canonicalize from 'canonicalize';
import type { Catalogue } from '../catalogue/catalogue.js';
import type { Expression } from './expression/expression.js';
import type { Param } from './model.js';

const HASH_DIGITS = 16;

/** SHA-256 over the canonical JSON (RFC 8785) of a value: the first 16 hex digits. */
export function hashOf(value: unknown): string {
  return bytesToHex(sha256(utf8ToBytes(canonicalize(value) ?? ''))).slice(0, HASH_DIGITS);
}

/**
 * What expressions mean beyond their text: the definitions of the parameters and the content of the lists that
 * they read, and calendar and zone where they ask for working days or local time.
 */
export function meaningOf(
  expressions: readonly (Expression | null)[],
  params: readonly Param[],
  catalogue: Catalogue,
): unknown {
  const given = expressions.filter((expression) => expression !== null);
  const paramNames = new Set(given.flatMap((expression) => expression.reads.params));
  const listNames = [...new Set(given.flatMap((expression) => expression.reads.lists))].sort();
  const calls = (name: RegExp) => given.some((expression) => name.test(expression.source));
  const { calendar, lists } = catalogue;
  return {
    params: Object.fromEntries(
      params.filter((param) => paramNames.has(param.name)).map((param) => [param.name, contentOf(param)]),
    ),
    lists: Object.fromEntries(listNames.map((name) => [name, [...(lists.get(name) ?? [])].sort()])),
    zone: calls(/\b(local|workdays)\b/) ? calendar.zone : null,
    calendar: calls(/\bworkdays\b/)
      ? [calendar.firstYear, calendar.lastYear, [...calendar.holidays].sort(), [...calendar.workdays].sort()]
      : null,
  };
}

function contentOf(param: Param): unknown {
  const { type, fallback, by, choices } = param;
  return { type: type.type, fallback, by, choices: Object.fromEntries(choices) };
}

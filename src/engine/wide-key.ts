// Keys of wider scopes: a region, an industry, or an industry within a region.
import { keyId, keyScope, type Json, type Key } from '../events/event.js';
import type { Profile } from '../model/expression/expression.js';

export const WIDE_SCOPES = ['region', 'industry', 'region+industry'] as const;
export type WideScope = (typeof WIDE_SCOPES)[number];

/** Between the region and the industry of a combined key; neither code holds it. */
const SEPARATOR = '/';

export function isWide(scope: string): scope is WideScope {
  return WIDE_SCOPES.some((wide) => wide === scope);
}

/** The key of a wider scope for an event; null where a part of it is not known. */
export function wideKey(scope: WideScope, region: Json | undefined, industry: Json | undefined): Key | null {
  if (scope !== 'industry' && (typeof region !== 'string' || region === '')) return null;
  if (scope !== 'region' && (typeof industry !== 'string' || industry === '')) return null;
  if (scope === 'region') return `region:${region as string}`;
  if (scope === 'industry') return `industry:${industry as string}`;
  return `${scope}:${region as string}${SEPARATOR}${industry as string}`;
}

/** What is known of a wider key from itself: the codes of its region and industry. */
export function profileOfWideKey(key: Key): Profile {
  const scope = keyScope(key);
  const id = keyId(key);
  if (scope === 'region') return { region: id };
  if (scope === 'industry') return { industry: id };
  const [region = '', industry = ''] = id.split(SEPARATOR);
  return { region, industry };
}

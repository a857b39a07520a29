// What rules of the routes ask of a warning, and the first thing that it is not.
import {
  ROUTE_CONDITIONS,
  type Catalogue,
  type RouteCondition,
  type RouteRule,
} from '../catalogue/catalogue.js';
import { prefixesOf } from '../catalogue/region.js';
import type { Transition } from '../engine/output.js';

/** The part of a transition that decides who hears of it. */
export type RoutedWarning = Pick<
  Transition,
  'item' | 'task' | 'draw' | 'level' | 'previous' | 'model' | 'scope' | 'key' | 'profile'
>;

/** A warning as rules see it. */
export interface RouteFacts {
  readonly model: string;
  /** The level shown; of a warning that ends the one before. */
  readonly level: string;
  readonly tags: readonly string[];
  /** The region code; null where none is known. */
  readonly region: string | null;
  /** The regions that it lies in, itself first, as `prefixesOf` gives them. */
  readonly prefixes: readonly string[];
  readonly scope: string;
}

/** A condition that is not met: what the rule asks for, and what the warning has. */
export interface Unmet {
  readonly condition: RouteCondition;
  readonly asked: readonly string[];
  readonly found: readonly string[];
}

/** The region of a wider key is its own, and nobody else's. */
export function factsOf({ model, level, previous, scope, key, profile }: RoutedWarning): RouteFacts {
  const wide = scope === 'region' || scope === 'region+industry';
  const named = wide ? (key.split('/', 1)[0] ?? '') : profile['region'];
  const region = typeof named === 'string' && named !== '' ? named : null;
  const tags = profile['tags'];
  return {
    model,
    level: level === 'none' ? previous : level,
    tags: Array.isArray(tags) ? tags.filter((tag) => typeof tag === 'string') : [],
    region,
    prefixes: prefixesOf(region),
    scope,
  };
}

/** The first condition of a rule that a warning about an item does not meet; null where it meets all. */
export function unmet(
  { match }: RouteRule,
  item: string,
  facts: RouteFacts,
  catalogue: Pick<Catalogue, 'items'>,
): Unmet | null {
  for (const condition of ROUTE_CONDITIONS) {
    const asked = match[condition];
    if (asked === undefined) continue;
    const found = foundOf(condition, item, facts, catalogue);
    const met = condition === 'region' ? facts.prefixes : found;
    const isMet = asked.some((value) => met.includes(value));
    if (!isMet) return { condition, asked, found };
  }
  return null;
}

function foundOf(
  condition: RouteCondition,
  item: string,
  { model, level, tags, region, scope }: RouteFacts,
  catalogue: Pick<Catalogue, 'items'>,
): readonly string[] {
  switch (condition) {
    case 'domain':
      return [catalogue.items.get(item)?.domain ?? []].flat();
    case 'item':
      return [item];
    case 'model':
      return [model];
    case 'level':
      return [level];
    case 'tag':
      return tags;
    case 'region':
      return region === null ? [] : [region];
    case 'scope':
      return [scope];
  }
}

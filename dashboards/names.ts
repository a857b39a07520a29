// What ids are called in the rules of a city, and where its regions lie: for texts of values, choices, and the map.
import type { ValueMap } from '@grafana/grafana-foundation-sdk/dashboard';
import { loadRulesAt } from '../src/app/named-rules.js';
import type { GeographicPlace } from '../src/catalogue/catalogue.js';
import { DOMAIN_NAMES, mapped } from './words.js';

export interface Names {
  readonly department: ReadonlyMap<string, string>;
  readonly domain: ReadonlyMap<string, string>;
  readonly region: ReadonlyMap<string, string>;
  readonly model: ReadonlyMap<string, string>;
  readonly item: ReadonlyMap<string, string>;
  readonly places: ReadonlyMap<string, GeographicPlace>;
}
export type Named = Exclude<keyof Names, 'places'>;

/** @param dir folder of rules. Rejects with what is wrong with them */
export async function namesAt(dir: string): Promise<Names> {
  const { rules } = await loadRulesAt(dir);
  const { departments, items, regions, regionPlaces } = rules.catalogue;
  return {
    department: new Map([...departments].map(([id, { name }]) => [id, name])),
    domain: new Map(Object.entries(DOMAIN_NAMES)),
    region: regions,
    model: new Map(rules.models.map(({ name, title }) => [name, title])),
    item: new Map([...items].map(([id, { title }]) => [id, title])),
    places: regionPlaces,
  };
}

/** Columns whose values are ids of a kind. */
const KINDS: { readonly [column: string]: Named } = {
  department: 'department',
  lead: 'department',
  domain: 'domain',
  region: 'region',
  model: 'model',
  item: 'item',
};

/** Texts for the values of a column; none where its values are no ids. */
export function valuesOf(names: Names, column: string): ValueMap[] | undefined {
  const kind = KINDS[column];
  return kind === undefined ? undefined : mapped(Object.fromEntries(names[kind]));
}

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
  readonly places: ReadonlyMap<string, GeographicPlace>;
}
export type Named = Exclude<keyof Names, 'places'>;

/** @param dir folder of rules. Rejects with what is wrong with them */
export async function namesAt(dir: string): Promise<Names> {
  const { rules } = await loadRulesAt(dir);
  const { departments, regions, regionPlaces } = rules.catalogue;
  return {
    department: new Map([...departments].map(([id, { name }]) => [id, name])),
    domain: new Map(Object.entries(DOMAIN_NAMES)),
    region: regions,
    model: new Map(rules.models.map(({ name, title }) => [name, title])),
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
};

/** Texts for the values of a column; none where its values are no ids. */
export function valuesOf(names: Names, column: string): ValueMap[] | undefined {
  const kind = KINDS[column];
  return kind === undefined ? undefined : mapped(Object.fromEntries(names[kind]));
}

/** A query of ids as one of choices: each with its name, by which it is chosen, and its value, which the queries get. */
export function choicesSql(names: ReadonlyMap<string, string>, column: string, sql: string): string {
  const [ids, texts] = [[...names.keys()], [...names.values()]];
  const text = `transform(${column}, ${arrayOf(ids)}, ${arrayOf(texts)}, ${column})`;
  return `SELECT ${names.size === 0 ? column : text} AS __text, ${column} AS __value FROM (${sql})`;
}

/** A query of regions with where each of them lies; those of which that is not known are left out. */
export function placedSql(places: ReadonlyMap<string, GeographicPlace>, sql: string): string {
  const codes = arrayOf([...places.keys()]);
  const of = (axis: keyof GeographicPlace) =>
    `transform(region, ${codes}, [${[...places.values()].map((place) => `toFloat64(${place[axis]})`).join(', ')}], toFloat64(0)) AS ${axis}`;
  if (places.size === 0)
    return `SELECT *, toFloat64(0) AS longitude, toFloat64(0) AS latitude FROM (${sql}) WHERE false`;
  return `SELECT *, ${of('longitude')}, ${of('latitude')} FROM (${sql}) WHERE has(${codes}, region)`;
}

const arrayOf = (texts: readonly string[]) =>
  `[${texts.map((text) => `'${text.replace(/[\\']/g, '\\$&')}'`).join(', ')}]`;

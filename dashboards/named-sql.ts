// Queries of the files with the names of a city's rules, where texts of values cannot say them.
import { STREAM_NAMES } from '../src/adapters/http/pages/words.js';
import type { GeographicPlace } from '../src/catalogue/catalogue.js';
import { INDUSTRY_NAMES } from './industries.js';
import type { Named, Names } from './names.js';
import { OTHER_MODELS } from './words.js';

/** Columns that list ids of a kind, parted by a comma and a space. */
const LISTS: { readonly [column: string]: Named } = {
  departments: 'department',
  domains: 'domain',
  items: 'item',
};

/** A query of ids as one of choices: each with its name, by which it is chosen, and its value, which the queries get. */
export function choicesSql(names: ReadonlyMap<string, string>, column: string, sql: string): string {
  const [ids, texts] = [[...names.keys()], [...names.values()]];
  const text = `transform(${column}, ${arrayOf(ids)}, ${arrayOf(texts)}, ${column})`;
  return `SELECT ${names.size === 0 ? column : text} AS __text, ${column} AS __value FROM (${sql})`;
}

/**
 * The rows of a table with names where a value is made of ids: lists, and classes of industry by their division.
 * The query must order and limit its rows itself.
 */
export function listedSql(names: Names, columns: readonly string[], sql: string): string {
  const named = columns.flatMap((column) => {
    const kind = LISTS[column];
    if (column === 'industry') {
      const division = transformed('substring(industry, 1, 3)', INDUSTRY_NAMES, "''");
      return `trim(concat(${division}, ' ', industry)) AS industry`;
    }
    if (kind === undefined || names[kind].size === 0) return [];
    const one = transformed('one', names[kind], 'one');
    return `arrayStringConcat(arrayMap(one -> ${one}, splitByString(', ', ${column})), '、') AS ${column}`;
  });
  return named.length === 0 ? sql : `SELECT * REPLACE (${named.join(', ')}) FROM (${sql})`;
}

/** Figures over time with the series by their names, since no texts of values reach the names of series. */
export function seriesSql(names: Names, columns: readonly string[], sql: string): string {
  const known: { readonly [column: string]: ReadonlyMap<string, string> } = {
    stream: new Map(Object.entries(STREAM_NAMES)),
    department: names.department,
    model: new Map([...names.model, ['others', OTHER_MODELS]]),
  };
  const named = columns.flatMap((column) => {
    const texts = known[column];
    if (texts === undefined || texts.size === 0) return [];
    return `${transformed(`toString(${column})`, texts, `toString(${column})`)} AS ${column}`;
  });
  return named.length === 0 ? sql : `SELECT * REPLACE (${named.join(', ')}) FROM (${sql}) ORDER BY time`;
}

const transformed = (value: string, texts: ReadonlyMap<string, string>, otherwise: string) =>
  `transform(${value}, ${arrayOf([...texts.keys()])}, ${arrayOf([...texts.values()])}, ${otherwise})`;

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

// What is left of a model's file without the parts that have a fault of shape, so that its names can be checked as well.
import { checkShape, type Fault } from '../catalogue/fault.js';
import { MODEL_SHAPE, type ModelContent } from './shape.js';

/** What stands for a text that has a fault, or is not there. */
const ABSENT = '-';
/** Maps of which each entry can be checked without the others. */
const MAPS = ['indicators', 'levels', 'clear'];

export interface Remainder {
  readonly content: ModelContent;
  /** Whether a part of the file stands as it is. */
  readonly intact: (part: 'item' | 'params' | 'indicators' | 'score') => boolean;
}

/**
 * The content without what `faults` name; null where too little is left to say more.
 * @param name of the model, by its file
 */
export function remainderOf(content: unknown, faults: readonly Fault[], name: string): Remainder | null {
  if (!isMap(content)) return null;
  const left: { [key: string]: unknown } = { ...content };
  const touched = new Set<string>();
  for (const { path } of faults) {
    const [part, entry] = path;
    if (part === undefined) return null;
    touched.add(String(part));
    const map = left[part];
    if (MAPS.includes(String(part)) && entry !== undefined && isMap(map)) {
      left[part] = Object.fromEntries(Object.entries(map).filter(([key]) => key !== String(entry)));
    } else delete left[part];
  }
  for (const text of ['title', 'summary', 'advise', 'item']) left[text] ??= ABSENT;
  left['model'] ??= name;
  if (isEmpty(left['levels'])) left['levels'] = { blue: ABSENT };
  const { value } = checkShape(MODEL_SHAPE, left);
  return value === null ? null : { content: value, intact: (part) => !touched.has(part) };
}

function isMap(value: unknown): value is { readonly [key: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isEmpty(value: unknown): boolean {
  return !isMap(value) || Object.keys(value).length === 0;
}

// From the signatures of the function table to what the check compares calls with.
import { FUNCTIONS, type FunctionEntry } from './functions.js';
import {
  BOOL,
  describe,
  DURATION,
  DYN,
  isOpen,
  listOf,
  LOCAL_FIELDS,
  NUMBER,
  STRING,
  type StaticType,
  TIMESTAMP,
} from './static-type.js';

/** One form of a function. For a method the receiver is the first parameter. */
export interface Overload {
  readonly entry: FunctionEntry;
  readonly method: boolean;
  readonly parameters: readonly string[];
  /** The last parameter may be repeated. */
  readonly variadic: boolean;
  readonly result: StaticType;
}

const RESULTS: { readonly [name: string]: StaticType } = {
  string: STRING,
  number: NUMBER,
  bool: BOOL,
  timestamp: TIMESTAMP,
  duration: DURATION,
  list: listOf(DYN),
  'list<string>': listOf(STRING),
  local: { type: 'object', fields: LOCAL_FIELDS },
};

function parseForm(entry: FunctionEntry, form: string): Overload {
  const match = /^(?:([a-z]+)\.)?(\w+)\((.*)\) -> (\S+)$/.exec(form);
  const result = RESULTS[match?.[4] ?? ''];
  if (match === null || result === undefined) throw new Error(`The signature of ${entry.name} is malformed.`);
  const receiver = match[1];
  const written = (match[3] ?? '').split(', ').filter((parameter) => parameter !== '');
  const variadic = written.at(-1) === '...';
  if (variadic) written.pop();
  const method = receiver !== undefined && receiver !== 'math';
  return { entry, method, parameters: method ? [receiver, ...written] : written, variadic, result };
}

function readTable(): ReadonlyMap<string, readonly Overload[]> {
  const table = new Map<string, Overload[]>();
  for (const entry of FUNCTIONS) {
    if (entry.special === true) continue;
    table.set(
      entry.name,
      entry.signature.split('; ').map((form) => parseForm(entry, form)),
    );
  }
  return table;
}

/** Forms by name, macros and other special ones left out. */
export const OVERLOADS = readTable();

/** Whether an argument of that type may stand where the signature says `parameter`. */
export function accepts(parameter: string, argument: StaticType): boolean {
  if (parameter === 'any' || isOpen(argument)) return true;
  if (argument.type !== 'list') return argument.type === parameter;
  if (parameter === 'list') return true;
  return parameter === describeElement(argument.element);
}

function describeElement(element: StaticType): string {
  return isOpen(element) ? 'list<number>' : `list<${describe(element)}>`;
}

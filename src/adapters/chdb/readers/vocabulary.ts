// The functions that a foreign query may call: what only reckons with values that the query itself has.

/** A row of system.functions. */
export interface FunctionRow {
  readonly name: string;
  readonly aliasTo: string;
  readonly isAggregate: boolean;
  readonly isCaseInsensitive: boolean;
  /** Whether it takes a function as an argument. */
  readonly isHigherOrder: boolean;
  /** Comma between them. */
  readonly categories: string;
}

/**
 * Categories of ClickHouse's own documentation whose functions read nothing but their arguments. What is not listed, and
 * what a later engine adds, is refused: `Other` has file(), which reads the disk under readonly = 1 as well, sleep() and
 * whatever tells of the server; `AI` calls out; `Dictionary` reads others' tables.
 */
const CATEGORIES = new Set([
  'Aggregate Functions',
  'Arithmetic',
  'Arrays',
  'Bit',
  'Bitmap',
  'Comparison',
  'Conditional',
  'Dates and Times',
  'Distance',
  'Encoding',
  'Financial',
  'Geo',
  'Geo Polygon',
  'Hash',
  'IP Address',
  'JSON',
  'Logical',
  'Map',
  'Mathematical',
  'Null',
  'Random Number',
  'Rounding',
  'String',
  'String Replacement',
  'String Search',
  'String Splitting',
  'Time Series',
  'Time Window',
  'Tuple',
  'Type Conversion',
  'URL',
  'UUID',
]);

/** Harmless ones of other categories, and names that the parser makes of syntax. */
const NAMED = new Set([
  'bar',
  'byteSize',
  'caseWithExpression',
  'countDigits',
  'currentDatabase',
  'defaultValueOfTypeName',
  'exists',
  'finalizeAggregation',
  'formatReadableDecimalSize',
  'formatReadableQuantity',
  'formatReadableSize',
  'formatReadableTimeDelta',
  'grouping',
  'identity',
  'ignore',
  'initializeAggregation',
  'lambda',
  'materialize',
  'neighbor',
  'parseReadableSize',
  'parseTimeDelta',
  'rowNumberInAllBlocks',
  'runningAccumulate',
  'runningDifference',
  'throwIf',
  'toColumnTypeName',
  'toTypeName',
  'transform',
  'untuple',
  'variantElement',
  'variantType',
  'version',
]);

export class Vocabulary {
  /** Every function that there is: whether it is allowed, by name; of those without case by the lower-case name too. */
  readonly #known = new Map<string, boolean>();
  readonly #aggregates = new Set<string>();
  readonly #higherOrder = new Set<string>();

  /** @param combinators suffixes of aggregate functions, such as `If` */
  constructor(
    rows: readonly FunctionRow[],
    private readonly combinators: readonly string[],
  ) {
    const byName = new Map(rows.map((row) => [row.name, row]));
    for (const row of rows) {
      const { name, categories, isHigherOrder } = byName.get(row.aliasTo) ?? row;
      const allowed =
        NAMED.has(name) ||
        (categories !== '' && categories.split(',').every((one) => CATEGORIES.has(one.trim())));
      this.#known.set(row.name, allowed);
      if (row.isCaseInsensitive) this.#known.set(row.name.toLowerCase(), allowed);
      if (isHigherOrder) this.#higherOrder.add(row.name.toLowerCase());
      if (row.isAggregate && allowed) this.#aggregates.add(row.name);
    }
  }

  /** Whether a query may call it. */
  allows(name: string): boolean {
    const found = this.#known.get(name) ?? this.#known.get(name.toLowerCase());
    return found ?? (NAMED.has(name) || this.#isCombined(name));
  }

  /** Whether a bare name as an argument of a function is one that must not be called, as `file` in `arrayMap(file, …)`. */
  forbidsWithin(outer: string, name: string): boolean {
    if (!this.#higherOrder.has(outer.toLowerCase())) return false;
    return (this.#known.get(name) ?? this.#known.get(name.toLowerCase())) === false;
  }

  #isCombined(name: string): boolean {
    return this.combinators.some((suffix) => {
      if (!name.endsWith(suffix)) return false;
      const base = name.slice(0, -suffix.length);
      return (
        this.#aggregates.has(base) || this.#known.get(base.toLowerCase()) === true || this.#isCombined(base)
      );
    });
  }
}

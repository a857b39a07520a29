// Indicators computed from others: ordered so that each comes after all that it reads.
import { figureEnvironment, type ModelNames } from './environment.js';
import type { Expression, IndicatorSymbol } from './expression/expression.js';
import { compileFormula } from './formula.js';
import { hashOf, meaningOf } from './identity.js';
import type { IndicatorEntry } from './indicators.js';
import type { Indicator, ValueIndicator } from './model.js';
import { isPaneSize, PaneClock } from './pane-clock.js';
import type { Report } from './report.js';
import { nodeAt, type TextNode } from './yaml.js';

/** How an indicator looks to the expressions that read it. */
export function symbolOf(indicator: Indicator): IndicatorSymbol {
  const { name, index, type, nullable } = indicator;
  return {
    name,
    index,
    type,
    nullable,
    since: indicator.kind === 'window' && indicator.operator === 'since',
  };
}

/**
 * Compiles value indicators. Each is compiled once with the others open in type, which shows what it reads, and
 * again in the order that follows from it, against the types that are then known.
 * @returns them in that order, or null where one has a fault, which is then in the report
 */
export function compileValues(
  report: Report,
  names: ModelNames,
  entries: readonly IndicatorEntry[],
  windows: readonly Indicator[],
): ValueIndicator[] | null {
  const open = entries.map(({ name }, position): IndicatorSymbol => {
    return { name, index: windows.length + position, type: { type: 'dyn' }, nullable: true, since: false };
  });
  const symbols = [...windows.map(symbolOf), ...open];
  const reads = new Map<string, ReadonlySet<string>>();
  for (const entry of entries) {
    const expression = compileEntry(report, names, entry, symbols);
    if (expression !== null) reads.set(entry.name, new Set(expression.reads.indicators));
  }
  if (reads.size < entries.length) return null;
  const ordered = inOrder(report, entries, reads);
  return ordered === null ? null : compileOrdered(report, names, ordered, windows);
}

function compileOrdered(
  report: Report,
  names: ModelNames,
  ordered: readonly IndicatorEntry[],
  windows: readonly Indicator[],
): ValueIndicator[] | null {
  const known: Indicator[] = [...windows];
  const values: ValueIndicator[] = [];
  for (const entry of ordered) {
    const expression = compileEntry(report, names, entry, known.map(symbolOf));
    if (expression === null) return null;
    const read = known.filter((indicator) => expression.reads.indicators.includes(indicator.name));
    const value: ValueIndicator = {
      kind: 'value',
      name: entry.name,
      index: known.length,
      type: expression.type,
      nullable: expression.nullable,
      expression,
      sample: sampleOf(names, entry),
      identity: hashOf({
        operator: 'value',
        scope: names.scope,
        expression: expression.source.trim(),
        ...(entry.content.every === undefined
          ? {}
          : { everyMs: entry.content.every, zone: names.catalogue.calendar.zone }),
        reads: Object.fromEntries(read.map((indicator) => [indicator.name, indicator.identity])),
        meaning: meaningOf([expression], names.params, names.catalogue),
      }),
    };
    known.push(value);
    values.push(value);
  }
  return values;
}

/** The instants at which an indicator is sampled; null where it is not. */
function sampleOf({ catalogue }: ModelNames, { content }: IndicatorEntry): PaneClock | null {
  return content.every === undefined ? null : new PaneClock(content.every, catalogue.calendar.zone);
}

function compileEntry(
  report: Report,
  names: ModelNames,
  entry: IndicatorEntry,
  symbols: readonly IndicatorSymbol[],
): Expression | null {
  const node = nodeAt(entry.node, ['value']);
  if (node.kind !== 'text') return null;
  const environment = figureEnvironment(names, symbols);
  const { every } = entry.content;
  if (every === undefined) return compileFormula(report, node, environment, names.scope);
  if (!isPaneSize(every)) {
    const message = 'a sampling interval divides a day evenly, or is made of whole days';
    report.add('MODEL_PANES', nodeAt(entry.node, ['every']), message, { expected: 'for example 1h or 1d' });
    return null;
  }
  const still = symbols.map((symbol) => ({ ...symbol, since: false }));
  const sampled = { ...environment, indicators: still, sampled: true };
  return compileFormula(report, node, sampled, names.scope);
}

/** Readers after what they read, in the order of the file otherwise; null where they form a circle. */
function inOrder(
  report: Report,
  entries: readonly IndicatorEntry[],
  reads: ReadonlyMap<string, ReadonlySet<string>>,
): IndicatorEntry[] | null {
  const ordered: IndicatorEntry[] = [];
  let waiting = [...entries];
  while (waiting.length > 0) {
    const next = waiting.find((entry) => !waiting.some((other) => reads.get(entry.name)?.has(other.name)));
    if (next === undefined) break;
    ordered.push(next);
    waiting = waiting.filter((entry) => entry !== next);
  }
  const stuck = waiting[0];
  if (stuck === undefined) return ordered;
  const circle = circleFrom(stuck.name, new Set(waiting.map((entry) => entry.name)), reads);
  const entry = waiting.find((candidate) => candidate.name === circle[0]) ?? stuck;
  const value: TextNode | undefined = textOf(entry);
  report.add(
    'MODEL_CYCLE',
    value ?? entry.key,
    `the indicator "${entry.name}" depends on itself: ${circle.join(' -> ')}`,
    {
      expected: 'indicators that can be computed one after the other',
    },
  );
  return null;
}

function textOf(entry: IndicatorEntry): TextNode | undefined {
  const node = nodeAt(entry.node, ['value']);
  return node.kind === 'text' ? node : undefined;
}

/** Follows what each waiting indicator reads until one comes again: that one, the way, and that one. */
function circleFrom(
  start: string,
  waiting: ReadonlySet<string>,
  reads: ReadonlyMap<string, ReadonlySet<string>>,
): string[] {
  const way: string[] = [];
  let here: string | undefined = start;
  while (here !== undefined && !way.includes(here)) {
    way.push(here);
    here = [...(reads.get(here) ?? [])].find((name) => waiting.has(name));
  }
  return here === undefined ? way : [...way.slice(way.indexOf(here)), here];
}

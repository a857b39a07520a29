// How a column is shown: by its title, its values in words, its unit, in the colours of warnings, and with where a click leads.
import type { DynamicConfigValue, Threshold } from '@grafana/grafana-foundation-sdk/dashboard';
import { leadOf, type Board } from './links.js';
import { valuesOf, type Names } from './names.js';
import { COLUMNS, LEVEL_COLOURS, NEUTRAL, VALUES } from './words.js';

const { red, orange, yellow } = LEVEL_COLOURS;
const UNITS: { readonly [column: string]: string } = {
  ...{ share: 'percentunit', bad_share: 'percentunit', precision: 'percentunit', low: 'percentunit' },
  ...{ high: 'percentunit', hours: 'h', hours_to_sign: 'h', hours_of_lead: 'h', hours_taken: 'h' },
};
const DECIMALS: { readonly [column: string]: number } = { index: 1, points: 1, per_day: 2 };

/** From which figure on a column is a matter of concern, in the colours of warnings. */
const STEPS: { readonly [column: string]: readonly Threshold[] } = {
  overdue: steps(NEUTRAL, [1, orange], [10, red]),
  // A red warning alone makes 18, three make 45.
  index: steps(NEUTRAL, [20, yellow], [40, orange], [60, red]),
  // Below half, a department is told more that is wrong than what is right.
  precision: steps(red, [0.3, orange], [0.5, yellow], [0.7, 'green']),
  bad_share: steps(NEUTRAL, [0.05, yellow], [0.2, orange], [0.5, red]),
  hours: steps(yellow, [24, orange], [72, red]),
};

function steps(base: string, ...rest: readonly (readonly [number, string])[]): readonly Threshold[] {
  return [{ value: null, color: base }, ...rest.map(([value, color]) => ({ value, color }))];
}

/** Texts by which series over time are told apart. */
const SERIES = new Set(['stream', 'department', 'model', 'indicator', 'metric']);

/** What a series is called: by its texts, and by the figure where there are several. */
function seriesTitle(column: string, columns: readonly string[]): string | undefined {
  const texts = columns.filter((one) => SERIES.has(one)).map((one) => `\${__field.labels.${one}}`);
  const figures = columns.length - texts.length;
  return texts.length === 0 || figures > 1
    ? [...texts, COLUMNS[column] ?? column].join(' ')
    : texts.join(' ');
}

/** Whether values of a column have colours of their own in a table. */
const isColoured = (column: string) =>
  column === 'level' || column === 'gravest' || STEPS[column] !== undefined;

function coloursOf(column: string, kind: string): DynamicConfigValue[] {
  const level = Object.hasOwn(LEVEL_COLOURS, column)
    ? LEVEL_COLOURS[column as keyof typeof LEVEL_COLOURS]
    : undefined;
  const byStep = level !== undefined && kind === 'figures' ? steps('green', [1, level]) : STEPS[column];
  if (byStep !== undefined) {
    const thresholds = { id: 'thresholds', value: { mode: 'absolute', steps: byStep } };
    return [thresholds, { id: 'color', value: { mode: 'thresholds' } }];
  }
  const fixedColor = level ?? (kind === 'figures' ? NEUTRAL : undefined);
  return fixedColor === undefined ? [] : [{ id: 'color', value: { mode: 'fixed', fixedColor } }];
}

/**
 * What overrides the display of a column.
 * @param kind of the panel
 * @param columns all columns of the panel
 * @param board on which the panel stands
 */
export function propertiesOf(
  names: Names,
  column: string,
  {
    kind,
    columns,
    board,
  }: { readonly kind: string; readonly columns: readonly string[]; readonly board: Board },
): DynamicConfigValue[] {
  const isOverTime = kind === 'bars' || kind === 'lines';
  // Of rows over time, texts are no columns any more: they name the series of the figures.
  if (isOverTime && SERIES.has(column)) return [];
  const title = isOverTime ? seriesTitle(column, columns) : COLUMNS[column];
  const lead = isOverTime ? undefined : leadOf(board, column);
  const values = VALUES[column] ?? valuesOf(names, column);
  return [
    ...(title === undefined ? [] : [{ id: 'displayName', value: title }]),
    ...(values === undefined ? [] : [{ id: 'mappings', value: values }]),
    ...(kind === 'rows' && isColoured(column)
      ? [{ id: 'custom.cellOptions', value: { type: 'color-text' } }]
      : []),
    ...(lead === undefined ? [] : [{ id: 'links', value: [{ ...lead, targetBlank: false }] }]),
    ...(UNITS[column] === undefined ? [] : [{ id: 'unit', value: UNITS[column] }]),
    ...(DECIMALS[column] === undefined ? [] : [{ id: 'decimals', value: DECIMALS[column] }]),
    ...coloursOf(column, kind),
  ];
}

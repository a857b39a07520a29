// The events with which a new model is tried: a case in which it warns, level by level, and one in which it does not.
import { offsetText, parseDuration } from '../../catalogue/duration.js';
import type { Json } from '../../events/event.js';
import { streamFields, valuesOf } from '../../events/streams.js';
import { offerOf, onlyActive, type Draft } from './draft.js';
import { headerOf } from './header.js';
import { against, eventField, sampleOf, type SampleData } from './sample.js';

/** One line of the events of a case. */
interface Line {
  readonly data: SampleData;
  /** How often it comes; `{n}` in the data counts. */
  readonly times: number;
}

export interface TrialCase {
  readonly name: string;
  readonly events: readonly string[];
}

/** A transition as an expectation of the tests says it. */
export interface Shown {
  readonly at: string;
  readonly level: string;
  readonly key: string | null;
  readonly figure: Json;
}

/** Events beyond which a threshold is not tried. */
const EVENTS_MAX = 5_000;
const STEPS_S = [86_400, 43_200, 21_600, 10_800, 3_600, 1_800, 600, 300, 60, 10, 1];
const REGION = '330106';
const INDUSTRY = 'H62';
const SHARE_TIMES_MAX = 99;

/** The profile of the case's own key. @param warns whether the case is the one that warns */
function profileOf(draft: Draft, warns: boolean): string {
  const { scope } = draft;
  if (onlyActive(draft)) return `${scope}: { status: ${warns ? 'active' : 'closed'} }`;
  if (scope === 'region') return `subject: { region: '${REGION}' }`;
  if (scope === 'industry') return `subject: { industry: ${INDUSTRY} }`;
  return `${scope}: {}`;
}

/**
 * Cases to try a model with: the first should warn, the second should not.
 * @param lists words by the name of a list of the catalogue
 * @returns null where the events would be too many or lie too close, so that another threshold must be tried by hand
 */
export function trialCases(
  draft: Draft,
  lists: ReadonlyMap<string, Iterable<string>>,
): readonly TrialCase[] | null {
  const warning = linesOf(draft, warningLines(draft, lists));
  const silent = linesOf(draft, silentLines(draft, lists));
  if (warning === null || silent === null) return null;
  return [
    { name: '达到门槛就预警', events: warning },
    { name: onlyActive(draft) ? '停用的不预警' : '没有达到门槛不预警', events: silent },
  ];
}

/** The text of the tests. @param expected what came of each case */
export function draftTests(
  draft: Draft,
  cases: readonly TrialCase[],
  expected: readonly (readonly Shown[])[],
): string {
  const { figure } = offerOf(draft.operator);
  const list = (key: string, lines: readonly string[]) =>
    lines.length === 0
      ? `    ${key}: []\n`
      : `    ${key}:\n${lines.map((line) => `      - ${line}\n`).join('')}`;
  const texts = cases.map(({ name, events }, index) => {
    const lines = (expected[index] ?? []).map(({ at, level, key, figure: value }) => {
      const named = key === null ? '' : `, key: '${key}'`;
      const shown = typeof value === 'number' && level !== 'none' ? `, ${figure}: ${value}` : '';
      return `{ at: ${at}, level: ${level}${named}${shown} }`;
    });
    return `  - name: ${name}\n    ${profileOf(draft, index === 0)}\n${list('events', events)}${list('expect', lines)}`;
  });
  return `${headerOf(`${draft.name}.test.yaml`)}\nmodel: ${draft.name}\ncases:\n${texts.join('')}`;
}

/** Thresholds from the lightest level on. */
function thresholdsOf({ levels }: Draft): number[] {
  return levels.map(({ threshold }) => Number(threshold ?? 0)).reverse();
}

function warningLines(draft: Draft, lists: ReadonlyMap<string, Iterable<string>>): Line[] {
  const { stream, where, of, operator } = draft;
  const sample = sampleOf(stream, [where], lists);
  const field = of === null || of.trim() === '*' ? null : eventField(of);
  const thresholds = thresholdsOf(draft);
  const most = Math.ceil(thresholds.at(-1) ?? 1);
  const numbers = (values: readonly number[]) =>
    values.map((value) => ({ data: withField(sample, field, value), times: 1 }));
  switch (operator) {
    case 'count':
      return [{ data: withField(sample, field, null), times: most }];
    case 'distinct':
      return varied(draft, sample, field, most);
    case 'changes':
      return varied(draft, sample, field, most + 1);
    case 'streak':
      return [{ data: sampleOf(stream, [where, of], lists), times: most }];
    case 'share':
      return shares(draft, sample, lists, thresholds.at(-1) ?? 1);
    case 'sum':
      return numbers(thresholds.map((value, index) => rounded(value - (thresholds[index - 1] ?? 0))));
    case 'avg':
      return numbers(
        thresholds.map((value, index) => rounded(value * (index + 1) - (thresholds[index - 1] ?? 0) * index)),
      );
    case 'max':
    case 'min':
      return numbers(thresholds);
    case 'increase':
      return numbers([0, ...thresholds]);
    case 'since':
    case 'absent':
      return [{ data: sample, times: 1 }];
  }
}

function silentLines(draft: Draft, lists: ReadonlyMap<string, Iterable<string>>): Line[] {
  const { stream, where, of, operator } = draft;
  const sample = sampleOf(stream, [where], lists);
  const field = of === null || of.trim() === '*' ? null : eventField(of);
  const [least = 1] = thresholdsOf(draft);
  const fewer = Math.ceil(least) - 1;
  const below = least > 1 ? rounded(least - 1) : rounded(least / 2);
  const number = (value: number) => [{ data: withField(sample, field, value), times: 1 }];
  switch (operator) {
    case 'count':
    case 'streak':
      return fewer < 1
        ? []
        : [{ data: sampleOf(stream, operator === 'streak' ? [where, of] : [where], lists), times: fewer }];
    case 'distinct':
      return fewer < 1 ? [] : [{ data: sample, times: 2 }];
    case 'changes':
      return [{ data: sample, times: 2 }];
    case 'share': {
      const failing = of === null ? null : against(stream, of, lists);
      return failing === null ? [] : [{ data: { ...sample, ...failing }, times: 3 }];
    }
    case 'sum':
    case 'avg':
    case 'max':
      return number(below);
    case 'min':
      return number(least + 1);
    case 'increase':
      return [...number(0), ...number(below)];
    case 'absent':
      return onlyActive(draft) ? [{ data: sample, times: 1 }] : [];
    case 'since':
      return [];
  }
}

/** As many different values of a field one after the other. */
function varied({ stream }: Draft, sample: SampleData, field: string | null, times: number): Line[] {
  if (field === null) return [{ data: sample, times }];
  const known = valuesOf(stream, field);
  if (known === undefined) {
    const isNumber = streamFields(stream)[field]?.type.type === 'number';
    return [{ data: { ...sample, [field]: isNumber ? '{n}' : 'v{n}' }, times }];
  }
  if (times > EVENTS_MAX) return [{ data: sample, times }];
  return Array.from({ length: times }, (_, index) => {
    const value = known[index % known.length] ?? '';
    return { data: withCount({ ...sample, [field]: value }, index + 1), times: 1 };
  });
}

/** One event that does not count, where one is known, and as many that do as the share needs. */
function shares(
  draft: Draft,
  sample: SampleData,
  lists: ReadonlyMap<string, Iterable<string>>,
  share: number,
): Line[] {
  const { stream, where, of } = draft;
  const matching = sampleOf(stream, [where, of], lists);
  const failing = of === null ? null : against(stream, of, lists);
  if (failing === null || share > SHARE_TIMES_MAX / (SHARE_TIMES_MAX + 1))
    return [{ data: matching, times: 1 }];
  const times = Math.max(1, Math.ceil(rounded(share / (1 - share))));
  return [
    { data: { ...sample, ...failing }, times: 1 },
    { data: matching, times },
  ];
}

function withField(sample: SampleData, field: string | null, value: number | null): SampleData {
  if (field === null) return sample;
  return value === null ? { [field]: '1', ...sample } : { ...sample, [field]: value };
}

function withCount(sample: SampleData, n: number): SampleData {
  const entries = Object.entries(sample).map(([name, value]): [string, Json] => [
    name,
    typeof value === 'string' ? value.replaceAll('{n}', String(n)) : value,
  ]);
  return Object.fromEntries(entries);
}

function rounded(value: number): number {
  return Number(value.toFixed(6));
}

/** Events that all lie in one window; null where there are too many of them. */
function linesOf({ stream, over }: Draft, lines: readonly Line[]): string[] | null {
  const total = lines.reduce((sum, { times }) => sum + times, 0);
  if (total > EVENTS_MAX) return null;
  const overS = (parseDuration(over) ?? 0) / 1000;
  const stepS = STEPS_S.find((step) => step * total < overS);
  if (stepS === undefined) return null;
  let before = 0;
  return lines.map(({ data, times }, index) => {
    const repeated = times === 1 ? '' : `, times: ${times}, every: ${offsetText(stepS * 1000)}`;
    const shown = times === 1 ? withCount(data, index + 1) : data;
    const line = `{ at: ${offsetText(before * stepS * 1000)}, ${stream}: ${flow(shown)}${repeated} }`;
    before += times;
    return line;
  });
}

function flow(data: SampleData): string {
  const fields = Object.entries(data).map(([name, value]) => `${name}: ${flowValue(value)}`);
  return fields.length === 0 ? '{}' : `{ ${fields.join(', ')} }`;
}

function flowValue(value: Json): string {
  if (typeof value !== 'string') return JSON.stringify(value);
  const isPlain = /^\p{L}[\p{L}\p{N}_-]*$/u.test(value) && !/^(true|false|null)$/i.test(value);
  return isPlain ? value : `'${value.replaceAll("'", "''")}'`;
}

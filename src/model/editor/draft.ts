// A new model of one indicator: its text, from what its author answered.
import { stringify } from 'yaml';
import type { StreamName } from '../../events/event.js';
import { declarationOf } from '../../events/sources.js';
import { parseDuration } from '../../catalogue/duration.js';
import type { WarningLevel } from '../model.js';
import type { SINGLE_SCOPES } from '../shape.js';
import { OPERATORS, type OperatorName } from '../operators/operators.js';
import { inSingleQuotes } from '../quoting.js';
import { headerOf } from './header.js';
import { STREAM_WORDS } from './test-words.js';

/** How a figure is compared with a threshold. */
export type Threshold =
  /** A whole number of events, values or times. */
  | 'whole'
  | 'number'
  /** 0 to 1. */
  | 'part'
  | 'duration'
  /** The figure is a condition itself. */
  | 'none';

interface Offer {
  /** What its indicator is called. */
  readonly figure: string;
  readonly threshold: Threshold;
  /** Whether less is worse. */
  readonly falls?: true;
}

/** The operators that a new model may begin with. */
export const OFFERED = {
  count: { figure: 'events', threshold: 'whole' },
  distinct: { figure: 'different', threshold: 'whole' },
  sum: { figure: 'total', threshold: 'number' },
  avg: { figure: 'average', threshold: 'number' },
  max: { figure: 'highest', threshold: 'number' },
  min: { figure: 'lowest', threshold: 'number', falls: true },
  share: { figure: 'part', threshold: 'part' },
  streak: { figure: 'in_a_row', threshold: 'whole' },
  changes: { figure: 'changes', threshold: 'whole' },
  increase: { figure: 'growth', threshold: 'number' },
  since: { figure: 'idle', threshold: 'duration' },
  absent: { figure: 'silent', threshold: 'none' },
} as const satisfies { readonly [name in OperatorName]?: Offer };
export type OfferedOperator = keyof typeof OFFERED;
export const OFFERED_NAMES = Object.keys(OFFERED) as readonly OfferedOperator[];

export function offerOf(operator: OfferedOperator): Offer {
  return OFFERED[operator];
}

/** What a model is made of. Its parts are checked one by one before; expressions when it is compiled. */
export interface Draft {
  /** `<domain>/<behaviour>`. */
  readonly name: string;
  readonly title: string;
  readonly item: string;
  readonly scope: (typeof SINGLE_SCOPES)[number];
  readonly stream: StreamName;
  readonly operator: OfferedOperator;
  /** What the operator takes; null where it takes no expression. */
  readonly of: string | null;
  readonly where: string | null;
  readonly over: string;
  /** Gravest first; a threshold is a number or a duration as it was written, null where there is none. */
  readonly levels: readonly { readonly level: WarningLevel; readonly threshold: string | null }[];
  readonly plan: string | null;
  readonly summary: string | null;
  readonly advise: string | null;
}

const LEVEL_WORDS = { red: '红色', orange: '橙色', yellow: '黄色', blue: '蓝色' } as const;
const DELAYS_IN_WINDOW_MIN = 4;

/** The text of the model; null where an expression cannot stand in single quotes. */
export function draftModel(draft: Draft): string | null {
  const indicator = indicatorOf(draft);
  if (indicator === null) return null;
  const { figure } = offerOf(draft.operator);
  const levels = draft.levels.map(
    ({ level, threshold }) => `  ${level}: '${conditionOf(draft, threshold)}'\n`,
  );
  const text = (key: string, value: string) => stringify({ [key]: value }, { lineWidth: 0 });
  return `${headerOf(`${draft.name}.yaml`)}
model: ${draft.name}
${text('title', draft.title)}${text('summary', draft.summary ?? summaryOf(draft))}${text('item', draft.item)}scope: ${draft.scope}
${onlyActive(draft) ? `where: '${draft.scope}.status == null || ${draft.scope}.status == "active"'\n` : ''}indicators:
  ${figure}: ${indicator}
levels:
${levels.join('')}${draft.plan === null ? '' : text('plan', draft.plan)}${text('advise', draft.advise ?? '核实情况，查明原因。')}`;
}

/** What was taken out of use is silent for ever; a wider scope has no status. */
export function onlyActive({ operator, scope }: Draft): boolean {
  return operator === 'absent' && scope !== 'region' && scope !== 'industry';
}

/** Whether the window hardly allows for the usual delay of the stream, so that arrival must place its events. */
function isSlow({ stream, over }: Draft): boolean {
  return (parseDuration(over) ?? 0) < DELAYS_IN_WINDOW_MIN * declarationOf(stream).usualDelayMs;
}

function indicatorOf(draft: Draft): string | null {
  const { stream, where, of, operator, over } = draft;
  const filter = where === null ? '' : inSingleQuotes(where);
  const takes = argumentOf(operator, of);
  if (filter === null || takes === null) return null;
  const basis = isSlow(draft) ? ', basis: arrival' : '';
  return `{ from: ${stream},${filter === '' ? '' : ` where: ${filter},`} ${operator}: ${takes}, over: ${over}${basis} }`;
}

function argumentOf(operator: OfferedOperator, of: string | null): string | null {
  const { argument } = OPERATORS[operator];
  if (argument.kind === 'word') return argument.among[0] ?? null;
  return inSingleQuotes(of ?? '*');
}

function conditionOf({ operator }: Draft, threshold: string | null): string {
  const offer = offerOf(operator);
  if (threshold === null) return offer.figure;
  const figure = `${offer.figure} ${offer.falls === true ? '<=' : '>='}`;
  if (offer.threshold !== 'duration') return `${figure} ${threshold}`;
  const hours = (parseDuration(threshold) ?? 0) / 3_600_000;
  return `${figure} ${hours % 24 === 0 ? `days(${hours / 24})` : `hours(${hours})`}`;
}

function summaryOf({ stream, operator, over, levels }: Draft): string {
  const what = `${over} 内${STREAM_WORDS[stream].zh}的${OPERATORS[operator].name.zh}`;
  const told = levels.map(({ level, threshold }) => {
    const reached =
      threshold === null ? '成立' : `${offerOf(operator).falls === true ? '不超过' : '达到'} ${threshold}`;
    return `${reached}${threshold === null ? '' : ' '}为${LEVEL_WORDS[level]}`;
  });
  return `${what}，${told.join('，')}。`;
}

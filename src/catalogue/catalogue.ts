// The catalogue: items with their legal bases, departments, regions, response plans, calendar and lists.

import type { PushRules } from './push.js';

/** A local date, `YYYY-MM-DD`. */
export type LocalDate = string;

export interface LegalBasis {
  readonly law: string;
  readonly article: string;
  /** In force from this day. */
  readonly from: LocalDate;
  /** In force up to and with this day; open where absent. */
  readonly until?: LocalDate | undefined;
}

/** A supervision item (监管事项). */
export interface Item {
  readonly id: string;
  readonly title: string;
  readonly domain: string;
  readonly lead: string;
  readonly cooperating: readonly string[];
  readonly object: string;
  readonly method: string;
  readonly level: 'province' | 'city' | 'county';
  readonly legal: readonly LegalBasis[];
}

export interface Department {
  readonly id: string;
  readonly name: string;
  /** The superior, for urging. */
  readonly superior?: string | undefined;
}

/** What a plan asks at one level; times are terms such as `2h`, `4 workhours` or `1 workdays`. */
export interface PlanStep {
  readonly action: string;
  readonly signWithin: string;
  readonly feedbackWithin: string;
  readonly closeWithin: string;
}

/** One step of urging (督办) after a missed deadline. */
export interface UrgeStep {
  /** A term, counted from the deadline that was missed. */
  readonly after: string;
  /**
   * `department` is reminded again, `superior` is the department above the one that is late, and of the steps after it
   * each goes one further up; `lead` is the lead department of the item; else the id of a department.
   */
  readonly to: string;
}

/** A joint judgement (综合研判) that has to come to its conclusion before a warning is closed. */
export interface JudgementRule {
  /** From this level on. */
  readonly from: 'blue' | 'yellow' | 'orange' | 'red';
  /** A term, counted from when the judgement was called for. */
  readonly within: string;
}

export interface Plan {
  readonly id: string;
  readonly title: string;
  readonly levels: { readonly [level: string]: PlanStep };
  readonly urge: readonly UrgeStep[];
  readonly judgement?: JudgementRule | undefined;
}

export interface Calendar {
  /** IANA zone of local days. */
  readonly zone: string;
  /** First and last year whose holiday notice is known. */
  readonly firstYear: number;
  readonly lastYear: number;
  /** Local additions to the State Council's notice. */
  readonly holidays: ReadonlySet<LocalDate>;
  readonly workdays: ReadonlySet<LocalDate>;
  /** Office hours of a working day, ascending and apart: milliseconds since the local day began. */
  readonly hours: readonly (readonly [from: number, to: number])[];
}

export interface Catalogue {
  readonly items: ReadonlyMap<string, Item>;
  readonly departments: ReadonlyMap<string, Department>;
  readonly regions: ReadonlyMap<string, string>;
  readonly plans: ReadonlyMap<string, Plan>;
  readonly calendar: Calendar;
  readonly lists: ReadonlyMap<string, ReadonlySet<string>>;
  readonly push: PushRules;
}

/** The legal bases of an item that are in force on a local day. */
export function basesInForce(item: Item, day: LocalDate): LegalBasis[] {
  return item.legal.filter((basis) => basis.from <= day && (basis.until === undefined || day <= basis.until));
}

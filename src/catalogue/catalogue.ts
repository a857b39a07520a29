// The catalogue: items with their legal bases, departments, regions, response plans, calendar and lists.

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

/** What a plan asks at one level; times are seconds, or working days where the unit says so. */
export interface PlanStep {
  readonly action: string;
  readonly signWithin: string;
  readonly feedbackWithin: string;
  readonly closeWithin: string;
}

export interface Plan {
  readonly id: string;
  readonly title: string;
  readonly levels: { readonly [level: string]: PlanStep };
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
}

export interface Catalogue {
  readonly items: ReadonlyMap<string, Item>;
  readonly departments: ReadonlyMap<string, Department>;
  readonly regions: ReadonlyMap<string, string>;
  readonly plans: ReadonlyMap<string, Plan>;
  readonly calendar: Calendar;
  readonly lists: ReadonlyMap<string, ReadonlySet<string>>;
}

/** The legal bases of an item that are in force on a local day. */
export function basesInForce(item: Item, day: LocalDate): LegalBasis[] {
  return item.legal.filter((basis) => basis.from <= day && (basis.until === undefined || day <= basis.until));
}

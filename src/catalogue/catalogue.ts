// The catalogue: items with their legal bases, departments, regions, routes, response plans, calendar and lists.

import type { DrawRules } from './draw-rules.js';
import type { EvaluationRules } from './evaluation-rules.js';
import type { PushRules } from './push.js';
import type { QueueRules } from './queue.js';
import type { RetentionRules } from './retention.js';
import type { TagTest } from './tag-expression.js';
import type { UrgeStep } from './urging.js';

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
  /** What an inspection checks, one entry each; empty where nobody wrote it down. */
  readonly checklist: readonly string[];
  /** Which subjects are supervised under it, by tags or by industry; absent where the catalogue does not say. */
  readonly subjects?:
    | {
        /** Null where tags do not matter. */
        readonly test: TagTest | null;
        /** Prefixes of industry codes. */
        readonly industry: readonly string[];
      }
    | undefined;
}

/** A department, or an office of one that answers for a region. */
export interface Department {
  readonly id: string;
  readonly name: string;
  /** The superior, for urging; of an office the department, unless another is named. */
  readonly superior?: string | undefined;
  /** The department whose office it is. */
  readonly officeOf?: string | undefined;
  /** Code of the region that it answers for; absent where it answers for all. */
  readonly region?: string | undefined;
  /** Levels of the warnings that it takes; absent where it takes all. */
  readonly levels?: readonly string[] | undefined;
  /** By which it is told, at least one. */
  readonly channels: readonly string[];
  /** Inspections that it can make in a week; where absent, as catalogue/queue.yaml has it for all. */
  readonly perWeek?: number | undefined;
}

/** What a rule of the routes may ask of a warning; `tag` is one of the tags in its profile. */
export const ROUTE_CONDITIONS = ['domain', 'item', 'model', 'level', 'tag', 'region', 'scope'] as const;
export type RouteCondition = (typeof ROUTE_CONDITIONS)[number];

export type RouteRole = 'lead' | 'cooperating';

/** Whom a rule tells: those whom the item names, or a department outright. */
export type RouteTarget =
  | RouteRole
  | {
      readonly department: string;
      readonly role: RouteRole;
      readonly channels?: readonly string[] | undefined;
    };

/** A rule about who hears of some warnings. */
export interface RouteRule {
  readonly name: string;
  readonly title?: string | undefined;
  /** Each condition by the values that fulfil it; what is not named is not asked. Regions are prefixes. */
  readonly match: { readonly [condition in RouteCondition]?: readonly string[] | undefined };
  readonly to: readonly RouteTarget[];
  /** Of every target that names none itself; the department's own where absent. */
  readonly channels?: readonly string[] | undefined;
  /** In addition to whom the item names, else instead of them. */
  readonly add: boolean;
}

export interface Routes {
  /** The first that takes a warning decides. */
  readonly rules: readonly RouteRule[];
  /** Who hears of a warning that nothing else takes; the first leads. */
  readonly fallback: {
    readonly departments: readonly string[];
    readonly channels?: readonly string[] | undefined;
  } | null;
  /** By channel, the one that takes over after it finally failed. */
  readonly backup: ReadonlyMap<string, string>;
}

/** What a plan asks at one level; times are terms such as `2h`, `4 workhours` or `1 workdays`. */
export interface PlanStep {
  readonly action: string;
  readonly signWithin: string;
  readonly feedbackWithin: string;
  readonly closeWithin: string;
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

/** WGS 84, degrees. */
export interface GeographicPlace {
  readonly longitude: number;
  readonly latitude: number;
}

export interface Catalogue {
  readonly items: ReadonlyMap<string, Item>;
  readonly departments: ReadonlyMap<string, Department>;
  /** By department and region prefix, who answers there: its offices, then the department itself. */
  readonly offices: ReadonlyMap<string, ReadonlyMap<string, readonly Department[]>>;
  /** Names by code. */
  readonly regions: ReadonlyMap<string, string>;
  /** Where they are shown on maps, by code; those of which it is not said are missing. */
  readonly regionPlaces: ReadonlyMap<string, GeographicPlace>;
  readonly routes: Routes;
  readonly plans: ReadonlyMap<string, Plan>;
  readonly calendar: Calendar;
  readonly lists: ReadonlyMap<string, ReadonlySet<string>>;
  readonly push: PushRules;
  readonly queue: QueueRules;
  readonly draws: DrawRules;
  /** Null where no evaluation of credit is declared. */
  readonly evaluation: EvaluationRules | null;
  readonly retention: RetentionRules;
}

/** The legal bases of an item that are in force on a local day. */
export function basesInForce(item: Item, day: LocalDate): LegalBasis[] {
  return item.legal.filter((basis) => basis.from <= day && (basis.until === undefined || day <= basis.until));
}

// What a model of the simulated strata is, and the small figures that several of them compute.
import type { Json, JsonObject } from '../../src/events/event.js';
import type { Level, ModelScope } from '../../src/model/model.js';

export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;

/** A profile; what is not known of it is absent. */
export type Known = JsonObject;

/** What a filter may read. */
export interface Seen {
  readonly data: JsonObject;
  /** The profile of the key that is judged. */
  readonly own: Known;
  /** Of a device its owner's; in wider scopes that of the key that the event came from. */
  readonly subject: Known;
}

/** A step of a sequence. */
export interface ReferenceStep {
  readonly from: readonly string[];
  /** Decided when the event comes. */
  readonly where?: (seen: Seen) => boolean;
  /** Asked of the event and of those that serve the steps before, in any order of arrival; null at a `not`. */
  readonly join?: (data: JsonObject, before: readonly (JsonObject | null)[]) => boolean;
  /** How long after the step before it; for a `not` how long nothing may come. */
  readonly within?: number;
  readonly not?: true;
}

export interface ReferenceIndicator {
  /** Of a sequence, all that its steps read. */
  readonly from: readonly string[];
  readonly over: number;
  readonly basis?: 'arrival';
  readonly sequence?: readonly ReferenceStep[];
  /** The models whose warnings it hears; those of all that hear none where it names none. */
  readonly of?: readonly string[];
  readonly absent?: true;
  readonly where?: (seen: Seen) => boolean;
}

export type Figures = { readonly [name: string]: Json };

/** The events in a window, by the name of the indicator; of an absence, whether nothing came. */
export interface Windows {
  data(indicator: string): readonly JsonObject[];
  absent(indicator: string): boolean | null;
  /** Completed matches of a sequence. */
  matches(indicator: string): number;
}

export interface LevelSays {
  readonly level: Level;
  readonly on: boolean;
  readonly clear?: boolean;
}

export interface StrataModel {
  readonly name: string;
  readonly scope: ModelScope;
  readonly stratum: number;
  readonly item: 'item-a' | 'item-b' | 'item-c';
  readonly forMs: number;
  readonly holdMs: number;
  /** It asks for its key's profile, or counts an absence from its registration. */
  readonly readsProfile?: true;
  /** A device model that asks for its owner. */
  readonly readsOwner?: true;
  /** It calls departments together. */
  readonly task?: true;
  /** The rules from `indicators` on, and whatever else is not said above. */
  readonly yaml: string;
  readonly indicators: { readonly [name: string]: ReferenceIndicator };
  readonly applies?: (own: Known, owner: Known) => boolean;
  readonly figures: (windows: Windows) => Figures;
  /** Gravest first. */
  readonly levels: (figures: Figures, own: Known, owner: Known) => readonly LevelSays[];
}

export const has = (profile: Known, tag: string) =>
  Array.isArray(profile['tags']) && profile['tags'].includes(tag);
/** A text; empty where it is none. */
export const text = (value: Json | undefined) => (typeof value === 'string' ? value : '');
export const num = (value: Json | undefined) => Number(value ?? NaN);
export const differing = (list: readonly JsonObject[], field: string) =>
  new Set(list.flatMap((one) => one[field] ?? [])).size;
export const total = (list: readonly JsonObject[], field: string) =>
  list.reduce((sum, one) => sum + num(one[field] ?? 0), 0);
export const counts =
  (...names: readonly string[]) =>
  (windows: Windows): Figures =>
    Object.fromEntries(names.map((name) => [name, windows.data(name).length]));
export const stands = ({ data }: Seen) => data['level'] !== 'none';
export const grave = ({ data }: Seen) => data['level'] === 'red' || data['level'] === 'orange';

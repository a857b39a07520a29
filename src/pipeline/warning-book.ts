// What the HTTP front and the summary read of the alert side's state.
import type { AlertState } from '../alerts/state.js';
import type { RuleSet } from '../model/ruleset.js';
import type { StateStore } from '../ports/state.js';
import { ALERT_NAMESPACE, caseName, currentPrefix, openPrefix } from './alert-names.js';
import { loadCases } from './stored-cases.js';
import { namePages } from './stored-names.js';

/** Names that are read at a time. */
const NAMES_PAGE = 1_000;
/** Warnings that one list looks through at most. */
const VISIBLE_MAX = 20_000;
const LOADED_PAGE = 500;

export class WarningBook {
  constructor(
    private readonly state: StateStore,
    private readonly rules: RuleSet,
  ) {}

  /** A page of current warnings, gravest and newest first. */
  list(offset: number, limit: number): Promise<AlertState[]> {
    return this.page(currentPrefix(), offset, limit);
  }

  /**
   * A page of those that can be seen, gravest and newest first, how many there are of them, and whether there are more
   * than one list looks through, which are left out of both.
   * @param departments whose warnings that are not over; null for all current ones
   */
  async visible(
    departments: readonly string[] | null,
    offset: number,
    limit: number,
    isVisible: (state: AlertState) => boolean,
  ): Promise<{ items: AlertState[]; total: number; isPart: boolean }> {
    const prefixes = departments === null ? [currentPrefix()] : departments.map(openPrefix);
    const places = new Set<string>();
    for (const prefix of prefixes) {
      // One more than is looked at tells whether there are more.
      for (const name of await this.names(prefix, VISIBLE_MAX + 1)) places.add(name.slice(prefix.length));
    }
    const sorted = [...places].sort().slice(0, VISIBLE_MAX);
    const items: AlertState[] = [];
    let total = 0;
    for (let start = 0; start < sorted.length; start += LOADED_PAGE) {
      const states = await this.load(sorted.slice(start, start + LOADED_PAGE).map(warningOf));
      for (const state of states.filter(isVisible)) {
        if (total >= offset && items.length < limit) items.push(state);
        total += 1;
      }
    }
    return { items, total, isPart: places.size > VISIBLE_MAX };
  }

  /** One warning, current or past. */
  async get(warning: string): Promise<AlertState | undefined> {
    const [state] = await this.load([warning]);
    return state;
  }

  /** Those of some warnings that there are, current or past, by id. */
  async known(warnings: readonly string[]): Promise<Map<string, AlertState>> {
    const states = await this.load([...new Set(warnings)]);
    return new Map(states.map((state) => [state.warning, state]));
  }

  /** Every warning, current or past, a page at a time; what changes meanwhile is read as it is when its page comes. */
  async *all(): AsyncGenerator<AlertState[]> {
    for await (const names of namePages(this.state, ALERT_NAMESPACE, caseName(''), LOADED_PAGE))
      yield await this.load(names.map(warningOf));
  }

  private async page(prefix: string, offset: number, limit: number): Promise<AlertState[]> {
    const names = await this.names(prefix, offset + limit);
    return this.load(names.slice(offset, offset + limit).map(warningOf));
  }

  private async names(prefix: string, most: number): Promise<string[]> {
    const names: string[] = [];
    for await (const page of namePages(this.state, ALERT_NAMESPACE, prefix, NAMES_PAGE)) {
      names.push(...page);
      if (names.length >= most) break;
    }
    return names;
  }

  private async load(warnings: readonly string[]): Promise<AlertState[]> {
    const states = await loadCases(this.state, warnings, this.rules.catalogue);
    return states.filter((state) => state !== undefined);
  }
}

/** Whether there ever was a warning of that id. */
export async function isKnownWarning(state: StateStore, warning: string): Promise<boolean> {
  const [bytes] = await state.load(ALERT_NAMESPACE, [caseName(warning)]);
  return bytes !== undefined;
}

function warningOf(name: string): string {
  return name.slice(name.lastIndexOf('/') + 1);
}

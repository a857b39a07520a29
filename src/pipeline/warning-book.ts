// What the HTTP front and the summary read of the alert side's state.
import { upgraded } from '../alerts/former-state.js';
import type { AlertState } from '../alerts/state.js';
import type { RuleSet } from '../model/ruleset.js';
import type { StateStore } from '../ports/state.js';
import { ALERT_NAMESPACE, caseName, currentPrefix, openPrefix } from './alert-names.js';
import { decodeJson } from './checkpoint.js';

/** Names that are read at a time. */
const NAMES_PAGE = 1_000;

export class WarningBook {
  constructor(
    private readonly state: StateStore,
    private readonly rules: RuleSet,
  ) {}

  /** A page of current warnings, gravest and newest first. */
  list(offset: number, limit: number): Promise<AlertState[]> {
    return this.page(currentPrefix(), offset, limit);
  }

  /** A page of the warnings that a department has a part in and that are not over, gravest and newest first. */
  open(department: string, offset: number, limit: number): Promise<AlertState[]> {
    return this.page(openPrefix(department), offset, limit);
  }

  /** One warning, current or past. */
  async get(warning: string): Promise<AlertState | undefined> {
    const [state] = await this.load([warning]);
    return state;
  }

  private async page(prefix: string, offset: number, limit: number): Promise<AlertState[]> {
    const names: string[] = [];
    let after = '';
    while (names.length < offset + limit) {
      const page = await this.state.keys(ALERT_NAMESPACE, prefix, after, NAMES_PAGE);
      names.push(...page);
      const last = page[page.length - 1];
      if (page.length < NAMES_PAGE || last === undefined) break;
      after = last;
    }
    return this.load(
      names.slice(offset, offset + limit).map((name) => name.slice(name.lastIndexOf('/') + 1)),
    );
  }

  private async load(warnings: readonly string[]): Promise<AlertState[]> {
    const stored = await this.state.load(ALERT_NAMESPACE, warnings.map(caseName));
    return stored.flatMap((bytes) =>
      bytes === undefined ? [] : [upgraded(decodeJson(bytes), this.rules.catalogue)],
    );
  }
}

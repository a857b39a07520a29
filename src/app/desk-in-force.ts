// The desk and the book of warnings under the rules in force, made anew as these change.
import type { RuleSet } from '../model/ruleset.js';
import { WarningBook } from '../pipeline/warning-book.js';
import type { StateStore } from '../ports/state.js';
import { Desk, type DeskOptions } from './desk.js';

interface InForce {
  readonly rules: RuleSet;
  readonly book: WarningBook;
  readonly desk: Desk;
}

export class DeskInForce {
  private last: InForce | null = null;

  constructor(
    private readonly options: Omit<DeskOptions, 'rules' | 'book'> & { readonly state: StateStore },
  ) {}

  /** Those of a set of rules, the same ones as long as it is the same set. */
  of(rules: RuleSet): InForce {
    if (this.last?.rules === rules) return this.last;
    const book = new WarningBook(this.options.state, rules);
    this.last = { rules, book, desk: new Desk({ ...this.options, rules, book }) };
    return this.last;
  }
}

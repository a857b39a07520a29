// What a window holds: the events that are in it, in their order, with a value each.
import type { Value } from '../../model/expression/expression.js';
import type { EventReference } from '../reference.js';
import { noEntries } from './entries.js';

/** The entries of a window in their order. */
export class EntryList {
  references: EventReference[] = noEntries();
  /** By entry; empty as long as every value is `true`, as where nothing but entries counts. */
  values: Value[] = noEntries();
  /** Index of the first entry that has not left the window. */
  head = 0;
  errors = 0;
  /** Entries were dropped for the limit; the figure is an error until the last of them would have left. */
  overflowUntil: number | null = null;

  get size(): number {
    return this.references.length - this.head;
  }
}

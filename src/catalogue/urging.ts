// Urging (督办): what follows a missed deadline, step by step, up the chain of departments.
import { z } from 'zod';
import { id, term } from './schema-parts.js';

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

/** The steps as a file of the catalogue has them. */
export const URGING_SCHEMA = z
  .array(
    z.strictObject({
      after: term,
      to: id.describe('department, superior, lead, or the id of a department'),
    }),
  )
  .max(10, 'at most 10 steps');

/** What follows a missed deadline where a file says nothing of it. */
export const USUAL_URGING: readonly UrgeStep[] = [
  { after: '1 workdays', to: 'superior' },
  { after: '3 workdays', to: 'superior' },
];

/** Who is urged by a part in the warning, not by name. */
export const URGED_BY_ROLE: ReadonlySet<string> = new Set(['department', 'superior', 'lead']);

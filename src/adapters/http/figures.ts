// What the paths that count and rank answer, as schemas: the report, and the queue of a department.
import { z } from 'zod';
import { id, instant, level, named } from './answers.js';

const count = z.int().min(0);
const share = z.number().min(0).max(1);
const hours = z.number().min(0).nullable();

/** What came of warnings. */
export const REPORT = z.strictObject({
  at: instant.nullable().describe('up to when time had passed; null before anything came'),
  models: z.array(
    z.strictObject({
      model: z.string(),
      title: z.string().nullable(),
      warnings: count,
      confirmed: count,
      not_confirmed: count,
      precision: z
        .strictObject({ value: share, low: share, high: share })
        .nullable()
        .describe('confirmed among confirmed and not, with its 95 % Wilson interval'),
      hours_to_sign: hours.describe('median from raised to the first signature'),
      hours_to_feedback: hours.describe('median from raised to the first that says whether it is true'),
      harms: count.describe('confirmed ones that harm came of'),
      hours_of_lead: z
        .number()
        .nullable()
        .describe('median from raised to the harm; below 0 where it came first'),
      deadlines_kept: count,
      deadlines_missed: count,
    }),
  ),
  departments: z.array(
    z.strictObject({
      department: named,
      open: count.describe('that it must act on and that are not over, or where it owes an answer'),
      overdue: count.describe('of those, with a deadline of its own that has passed'),
      handled: count.describe('that it gave feedback on'),
    }),
  ),
});

const points = z.number().min(0).max(100);

/** The ranked queue of a department. */
export const QUEUE = z.strictObject({
  at: instant.nullable().describe('up to when time had passed; null before anything came'),
  department: named,
  per_week: count.nullable().describe('inspections a week; null where the catalogue does not say'),
  visited: count.describe('subjects that it gave a finding on since Monday'),
  total: count.describe('warnings that wait for it'),
  suspended: count.describe('warnings whose clocks stand still, which are not ranked'),
  items: z.array(
    z.strictObject({
      rank: z.int().min(1),
      warning: id,
      level,
      level_name: z.string(),
      name: z.string(),
      title: z.string(),
      points,
      parts: z.array(
        z.strictObject({
          factor: z.enum(['level', 'age', 'deadline', 'credit']),
          points,
          of: points.describe('the most that the factor gives'),
          text: z.string(),
        }),
      ),
      visit: z.int().min(1).describe('warnings on one subject are one visit'),
      this_week: z
        .boolean()
        .nullable()
        .describe('whether the visit fits the week; null where that is not known'),
      text: z.string().describe('为什么排在这里 why it stands here'),
    }),
  ),
});
export type Queue = z.output<typeof QUEUE>;

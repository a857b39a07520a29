// The quarterly public credit evaluation (公共信用综合评价): by which model, and which scores make which class.
import { z } from 'zod';

export interface EvaluationRules {
  /** A model on subjects that has a score; the higher, the worse. */
  readonly model: string;
  /** The first class whose bound a score lies below; D at or above all. Ascending. */
  readonly bounds: { readonly A: number; readonly B: number; readonly C: number };
}

export const EVALUATION_CLASSES = ['A', 'B', 'C', 'D'] as const;

const bound = z
  .string()
  .regex(/^(100|[1-9]?\d)(\.\d{1,3})?$/, 'a score from 0 to 100')
  .transform(Number);

/** The schema of catalogue/evaluation.yaml. */
export const EVALUATION_SCHEMA = z.strictObject({
  model: z
    .string()
    .regex(/^[a-z][a-z0-9-]*\/[a-z][a-z0-9-]*$/, 'the name of a model, such as credit/evaluation'),
  bounds: z
    .strictObject({ A: bound, B: bound, C: bound })
    .refine(({ A, B, C }) => 0 < A && A < B && B < C && C <= 100, 'bounds that ascend from A to C, above 0'),
});

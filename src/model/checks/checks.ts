// All checks of fenghuo check: one entry for each code that it can give.
import { CATALOGUE_CHECKS } from './catalogue-checks.js';
import { FILE_CHECKS } from './file-checks.js';
import { LEVEL_CHECKS } from './level-checks.js';
import { MODEL_CHECKS } from './model-checks.js';
import type { Check } from './check.js';

/** In the order in which they are explained. */
export const CHECKS: readonly Check[] = [
  ...FILE_CHECKS,
  ...CATALOGUE_CHECKS,
  ...MODEL_CHECKS,
  ...LEVEL_CHECKS,
];

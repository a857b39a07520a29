// A revision: models and catalogue, immutable, named by their hash.
import type { Catalogue } from '../catalogue/catalogue.js';
import type { Model } from './model.js';

export interface RuleSet {
  /** SHA-256 over the canonical form of all files, 16 hex digits. */
  readonly revision: string;
  readonly catalogue: Catalogue;
  /** In order of name, after those that watch over a source. They are evaluated in this order. */
  readonly models: readonly Model[];
  /** How many strata they need: 1 + the highest of a model. */
  readonly strata: number;
}

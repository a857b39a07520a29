// From an indicator's definition to an empty tally.
import type { WindowIndicator } from '../../model/model.js';
import { DistinctTally, QuantileTally } from './distinct-tally.js';
import { SketchTally } from './hyperloglog.js';
import {
  AverageTally,
  CountTally,
  DeviationTally,
  ExtremeTally,
  ShareTally,
  SumTally,
  TrendTally,
  type Tally,
} from './tally.js';

/** The check admits no other operator in panes. */
export function tallyFor(indicator: WindowIndicator): Tally {
  switch (indicator.operator) {
    case 'sum':
      return new SumTally();
    case 'avg':
      return new AverageTally();
    case 'min':
      return new ExtremeTally(-1);
    case 'max':
      return new ExtremeTally(1);
    case 'distinct':
      return indicator.approx ? new SketchTally() : new DistinctTally();
    case 'stddev':
      return new DeviationTally();
    case 'quantile':
      return new QuantileTally(indicator.q);
    case 'share':
      return new ShareTally();
    case 'trend':
      return new TrendTally();
    default:
      return new CountTally();
  }
}

// From an indicator's definition to an empty window.
import type { WindowIndicator } from '../../model/model.js';
import { AbsentWindow } from './absent.js';
import { AverageWindow } from './avg.js';
import { BaselineWindow } from './baseline.js';
import { ChangesWindow } from './changes.js';
import { CountWindow } from './count.js';
import { DensestWindow } from './densest.js';
import { DistinctWindow } from './distinct.js';
import { ExtremeWindow } from './extreme.js';
import { FeedCountWindow } from './feed-count.js';
import { FirstWindow } from './first.js';
import { IncreaseWindow } from './increase.js';
import { LastWindow } from './last.js';
import { MissedWindow } from './missed.js';
import { NewWindow } from './new.js';
import { PanedDensestWindow } from './paned-densest.js';
import { PanedVersusWindow } from './paned-versus.js';
import { PanedWindow } from './paned-window.js';
import { QuantileWindow } from './quantile.js';
import { SequenceWindow } from './sequence.js';
import { ShareWindow } from './share.js';
import { SinceWindow } from './since.js';
import { DeviationWindow } from './stddev.js';
import { StreakWindow } from './streak.js';
import { SumWindow } from './sum.js';
import { TrendWindow } from './trend.js';
import { VersusWindow } from './versus.js';
import type { Window } from './window.js';

export function openWindow(indicator: WindowIndicator): Window {
  const { panes, densestMs } = indicator;
  if (panes !== null && indicator.versus) return new PanedVersusWindow(indicator, panes);
  if (panes !== null && densestMs !== null) return new PanedDensestWindow(indicator, panes, densestMs);
  if (indicator.versus) return new VersusWindow(indicator, openWindow);
  if (densestMs !== null) return new DensestWindow(indicator, densestMs, openWindow);
  if (panes !== null && indicator.baseline !== null) {
    return new BaselineWindow(indicator, panes, indicator.baseline);
  }
  if (panes !== null) return new PanedWindow(indicator, panes);
  switch (indicator.operator) {
    case 'count':
      return new CountWindow(indicator);
    case 'sum':
      return new SumWindow(indicator);
    case 'avg':
      return new AverageWindow(indicator);
    case 'min':
      return new ExtremeWindow(indicator, -1);
    case 'max':
      return new ExtremeWindow(indicator, 1);
    case 'distinct':
      return new DistinctWindow(indicator);
    case 'stddev':
      return new DeviationWindow(indicator);
    case 'quantile':
      return new QuantileWindow(indicator);
    case 'last':
      return new LastWindow(indicator);
    case 'first':
      return new FirstWindow(indicator);
    case 'since':
      return new SinceWindow(indicator);
    case 'streak':
      return new StreakWindow(indicator);
    case 'share':
      return new ShareWindow(indicator);
    case 'trend':
      return new TrendWindow(indicator);
    case 'new':
      return new NewWindow(indicator);
    case 'changes':
      return new ChangesWindow(indicator);
    case 'increase':
      return new IncreaseWindow(indicator);
    case 'absent':
      return new AbsentWindow(indicator);
    case 'sequence':
      return new SequenceWindow(indicator);
    case 'missed':
      return new MissedWindow(indicator);
    case 'keys':
    case 'silent':
      return new FeedCountWindow(indicator);
  }
}

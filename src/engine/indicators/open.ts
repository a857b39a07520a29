// From an indicator's definition to an empty window.
import type { WindowIndicator } from '../../model/model.js';
import { AbsentWindow } from './absent.js';
import { AverageWindow } from './avg.js';
import { ChangesWindow } from './changes.js';
import { CountWindow } from './count.js';
import { DistinctWindow } from './distinct.js';
import { ExtremeWindow } from './extreme.js';
import { FirstWindow } from './first.js';
import { IncreaseWindow } from './increase.js';
import { LastWindow } from './last.js';
import { NewWindow } from './new.js';
import { QuantileWindow } from './quantile.js';
import { ShareWindow } from './share.js';
import { SinceWindow } from './since.js';
import { DeviationWindow } from './stddev.js';
import { StreakWindow } from './streak.js';
import { SumWindow } from './sum.js';
import { TrendWindow } from './trend.js';
import type { Window } from './window.js';

export function openWindow(indicator: WindowIndicator): Window {
  const { overMs } = indicator;
  const byArrival = indicator.basis === 'arrival';
  switch (indicator.operator) {
    case 'count':
      return new CountWindow(overMs, byArrival);
    case 'sum':
      return new SumWindow(overMs, byArrival);
    case 'avg':
      return new AverageWindow(overMs, byArrival);
    case 'min':
      return new ExtremeWindow(overMs, byArrival, -1);
    case 'max':
      return new ExtremeWindow(overMs, byArrival, 1);
    case 'distinct':
      return new DistinctWindow(overMs, byArrival);
    case 'stddev':
      return new DeviationWindow(overMs, byArrival);
    case 'quantile':
      return new QuantileWindow(overMs, byArrival, indicator.q);
    case 'last':
      return new LastWindow(overMs, byArrival);
    case 'first':
      return new FirstWindow(overMs, byArrival);
    case 'since':
      return new SinceWindow(overMs, byArrival, indicator.end);
    case 'streak':
      return new StreakWindow(overMs, byArrival);
    case 'share':
      return new ShareWindow(overMs, byArrival);
    case 'trend':
      return new TrendWindow(overMs, byArrival);
    case 'new':
      return new NewWindow(overMs, byArrival);
    case 'changes':
      return new ChangesWindow(overMs, byArrival);
    case 'increase':
      return new IncreaseWindow(overMs, byArrival);
    case 'absent':
      return new AbsentWindow(overMs, byArrival);
  }
}

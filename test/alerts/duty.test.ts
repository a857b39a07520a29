// Deadlines that lie beyond the calendar: nobody is urged by a guess, and nothing is forgotten once the year is known.
import { describe, expect, it } from 'vitest';
import type { Catalogue } from '../../src/catalogue/catalogue.js';
import { beginDuty, lapse, nextOf, postpone, type Duty } from '../../src/alerts/duty.js';
import { clockOf, FILES, local, rulesOf } from './timeline.js';

const knowing = (lastYear: number): Catalogue =>
  rulesOf(
    new Map([...FILES, ['catalogue/calendar.yaml', `{ zone: Asia/Shanghai, years: [2020, ${lastYear}] }`]]),
  ).catalogue;
const before = knowing(2025);
const after = knowing(2026);
const urge = [{ after: '1 workdays', to: 'superior' }];
/** What follows when it is time. */
const next = (duty: Duty | undefined, catalogue: Catalogue) => {
  const duties = duty === undefined ? [] : [duty];
  const fallen = lapse(duties, nextOf(duties), { catalogue, urge });
  return { duty: fallen.duties[0], steps: fallen.lapses.map(({ step }) => step?.to ?? 'remind') };
};

describe('a deadline beyond the calendar', () => {
  it('is looked at once a day, reminds of nothing, and counts from the day on which its year is known', () => {
    const begun = beginDuty(before, 'close', 'market', '3 workdays', local('2025-12-30 10:00'));
    expect([begun.due, clockOf(nextOf([begun]))]).toEqual([null, '2025-12-31 10:00']);
    const still = next(begun, before);
    expect([still.steps, clockOf(nextOf(still.duty === undefined ? [] : [still.duty]))]).toEqual([
      [],
      '2026-01-01 10:00',
    ]);
    const known = next(still.duty, after);
    // 31 December, then Sunday the 4th, a make-up day, and the 5th.
    expect([known.steps, clockOf(known.duty?.due ?? null)]).toEqual([[], '2026-01-05 18:00']);
    const reminded = next(known.duty, after);
    expect([reminded.steps, clockOf(reminded.duty?.next ?? null)]).toEqual([['remind'], '2026-01-06 18:00']);
  });

  it('is missed at once where it had passed by the time at which its year is known', () => {
    const begun = beginDuty(before, 'close', 'market', '1 workdays', local('2025-12-31 10:00'));
    const late = { ...begun, next: local('2026-01-09 10:00') };
    const known = next(late, after);
    expect(clockOf(known.duty?.due ?? null)).toBe('2026-01-04 18:00');
    expect(next(known.duty, after).steps).toEqual(['remind']);
  });

  it('does not end the urging that lies beyond it', () => {
    const begun = beginDuty(before, 'sign', 'market', '1 workdays', local('2025-12-30 10:00'));
    const reminded = next(begun, before);
    expect([reminded.steps, clockOf(reminded.duty?.next ?? null)]).toEqual([['remind'], '2026-01-01 18:00']);
    const known = next(reminded.duty, after);
    expect([known.steps, clockOf(known.duty?.next ?? null)]).toEqual([[], '2026-01-04 18:00']);
    const urged = next(known.duty, after);
    expect([urged.steps, urged.duty?.next]).toEqual([['superior'], null]);
  });

  it('stands as much later as a pause that took it there', () => {
    const begun = beginDuty(before, 'close', 'market', '3 workdays', local('2025-12-25 10:00'));
    const pause = { fromMs: local('2025-12-26 10:00'), toMs: local('2025-12-31 10:00') };
    const [paused] = postpone([begun], before, pause);
    expect(paused).toMatchObject({ due: null, unknown: true });
    // Two of the three working days were left: the 4th and the 5th.
    expect(clockOf(next(paused, after).duty?.due ?? null)).toBe('2026-01-05 18:00');
  });
});

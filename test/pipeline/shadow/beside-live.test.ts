// Who warned of what, the model in the shadow or the live ones, and who was first.
import { describe, expect, it } from 'vitest';
import { besideLive, type Spell } from '../../../src/pipeline/shadow/beside-live.js';

const HOUR = 3_600_000;
const FROM = 100 * HOUR;
const spell = (key: string, raised: number, ended = Infinity, scope = 'subject'): Spell => ({
  ...{ scope, key },
  ...{ raised: FROM + raised * HOUR, ended: FROM + ended * HOUR },
});

describe('a model in the shadow beside the live ones', () => {
  it('shares the subjects of both, whatever the number of warnings; another scope is another subject', () => {
    const shadow = [spell('a', 1, 2), spell('a', 5), spell('b', 3), spell('c', 3)];
    const live = [spell('a', 1, 9), spell('c', 4, Infinity, 'region'), spell('d', 1), spell('d', 6)];
    const { subjects } = besideLive(shadow, live, FROM);
    expect(subjects).toEqual({ both: 1, onlyShadow: 2, onlyLive: 2 });
  });

  it('is earlier, later or at once by the first warnings that stood together, in any order of the input', () => {
    const shadow = [spell('a', 4), spell('b', 1), spell('c', 7), spell('d', 2)];
    const live = [spell('d', 2), spell('c', 5), spell('b', 11), spell('b', 5), spell('a', 10)];
    const found = besideLive(shadow, live, FROM);
    expect(found.order).toEqual({ earlier: 2, atOnce: 1, later: 1, already: 0, apart: 0 });
    // 6, 4, -2 and 0 hours.
    expect(found.hoursEarlier).toBe(2);
  });

  it('could not be earlier than what is older than the span, nor is it measured by warnings at another time', () => {
    const shadow = [spell('a', 0), spell('b', 1, 2), spell('c', 1, 2), spell('c', 8)];
    const live = [spell('a', -5), spell('b', 2, 3), spell('c', 11)];
    const found = besideLive(shadow, live, FROM);
    expect(found.order).toEqual({ earlier: 1, atOnce: 0, later: 0, already: 1, apart: 1 });
    // The first warning on c was over when the live model warned; its second counts.
    expect(found.hoursEarlier).toBe(3);
  });

  it('has no lead where nobody else warned', () => {
    expect(besideLive([spell('a', 1)], [], FROM)).toEqual({
      subjects: { both: 0, onlyShadow: 1, onlyLive: 0 },
      order: { earlier: 0, atOnce: 0, later: 0, already: 0, apart: 0 },
      hoursEarlier: null,
    });
  });
});

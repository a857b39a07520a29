// What one event may cause at most is known, and bounded, before anything runs.
import { describe, expect, it } from 'vitest';
import { costlySources, eventCosts } from '../../src/model/event-cost.js';
import { loadRules } from '../../src/model/load.js';
import { COMPLAINTS, replaced, rulesWith } from './rules-fixture.js';
import { TODAY } from './faults.js';

const NAME = 'food/repeat-complaints';

/** A copy of the model under another name; its filter looks at every pair of tags. */
function copy(name: string, where: string): string {
  const renamed = replaced(COMPLAINTS, `model: ${NAME}`, `model: ${name}`);
  return replaced(renamed, 'event.category.startsWith("食品")', where);
}

const PAIRS = 'subject.tags.all(x, subject.tags.all(y, x != y))';

const loaded = (texts: { readonly [name: string]: string }) =>
  loadRules(
    rulesWith(Object.fromEntries(Object.entries(texts).map(([name, text]) => [`${name}.yaml`, text]))),
    TODAY,
  );

describe('the cost of one event', () => {
  it('is that of every window over its source, and of one look of every reader', () => {
    const one = loaded({}).rules?.models ?? [];
    const two = loaded({ 'food/other': copy('food/other', 'event.category != "a"') }).rules?.models ?? [];
    const costs = [one, two].map((models) => eventCosts(models));
    expect(costs[0]?.get('judgment')).toBe(0);
    expect(costs[0]?.get('complaint')).toBeGreaterThan(400);
    expect(costs[1]?.get('complaint')).toBeGreaterThan(1.9 * (costs[0]?.get('complaint') ?? NaN));
    expect(costs[1]?.get('sensor-reading')).toBe(costs[0]?.get('sensor-reading'));
    expect(costlySources(two, costs[0]?.get('complaint'))[0]).toMatchObject({
      source: 'complaint',
      model: NAME,
    });
    expect(costlySources(two)).toEqual([]);
  });

  it('is refused beyond the bound, at the model with which it is passed', () => {
    const names = Array.from({ length: 40 }, (_, index) => `food/pairs-${String(index).padStart(2, '0')}`);
    const { rules, diagnostics } = loaded(Object.fromEntries(names.map((name) => [name, copy(name, PAIRS)])));
    expect(rules).toBeNull();
    const errors = diagnostics.filter(({ severity }) => severity === 'error');
    expect(errors.map(({ code }) => code)).toEqual(['RULES_COST']);
    expect(errors[0]?.file).toMatch(/^food\/pairs-\d\d\.yaml$/);
    expect(errors[0]).toMatchObject({ line: 1, message: expect.stringContaining('complaint') as string });
  });
});

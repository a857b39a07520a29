// How the warnings of a replay are compared with those of the deployment.
import { describe, expect, it } from 'vitest';
import type { Level } from '../../../src/model/model.js';
import { compareEpisodes, countRaised, Episodes } from '../../../src/pipeline/shadow/episodes.js';
import type { Said } from '../../../src/pipeline/shadow/said.js';

const [FROM, TO] = [100, 200];

/** Episodes of a model on a key, each by its levels and the instants at which they came. */
function episodes(
  ...all: readonly (readonly [key: string, ...levels: (readonly [at: number, level: Level])[]])[]
) {
  const taken = new Episodes(FROM, TO);
  for (const [index, [key, ...levels]] of all.entries()) {
    const base = { warning: `w${index}`, model: 'm', scope: 'subject', key, raised: levels[0]?.[0] ?? 0 };
    for (const [ordinal, [clock, level]] of levels.entries())
      taken.hear({ ...base, ordinal, clock, level } satisfies Said);
  }
  return taken.all;
}

const compared = (replayed: ReturnType<typeof episodes>, before: ReturnType<typeof episodes>) => {
  const { models, differences } = compareEpisodes(replayed, before, FROM, 10);
  const { changes, graver, milder } = models[0] ?? {};
  return {
    ...changes,
    graver,
    milder,
    named: differences.map(({ change, key }) => `${change} ${key}`).sort(),
  };
};

describe('the warnings of a span', () => {
  it('are those that reach into it, each with the gravest level that it had there', () => {
    const all = episodes(
      ['over before', [10, 'red'], [90, 'none']],
      ['milder by then', [10, 'red'], [50, 'yellow'], [150, 'none']],
      ['raised within', [120, 'blue'], [130, 'orange'], [140, 'blue']],
      ['after', [200, 'red']],
    );
    expect(all.map(({ key, level, ended }) => [key, level, ended])).toEqual([
      ['milder by then', 'yellow', 150],
      ['raised within', 'orange', Infinity],
    ]);
    expect(countRaised(all, FROM, 5)).toEqual({
      models: [{ model: 'm', total: 1, levels: { blue: 0, yellow: 0, orange: 1, red: 0 } }],
      subjects: [{ scope: 'subject', key: 'raised within', total: 1, gravest: 'orange' }],
    });
  });

  it('are the same where they opened at one instant, or both before the span', () => {
    const replayed = episodes(['a', [110, 'red']], ['b', [70, 'blue']]);
    const before = episodes(['a', [110, 'yellow'], [160, 'none']], ['b', [20, 'blue']]);
    const expected = { same: 2, earlier: 0, later: 0, new: 0, gone: 0, graver: 1, milder: 0, named: [] };
    expect(compared(replayed, before)).toEqual(expected);
  });

  it('come earlier or later where they overlap, and are new or gone where they do not', () => {
    const replayed = episodes(
      ['a', [110, 'red']],
      ['b', [150, 'red']],
      ['c', [120, 'red']],
      ['d', [110, 'red'], [120, 'none']],
    );
    const before = episodes(
      ['a', [130, 'red']],
      ['b', [60, 'red']],
      ['d', [120, 'red']],
      ['e', [199, 'blue']],
    );
    expect(compared(replayed, before)).toEqual({
      ...{ same: 0, earlier: 1, later: 1, new: 2, gone: 2, graver: 0, milder: 0 },
      named: ['earlier a', 'gone d', 'gone e', 'later b', 'new c', 'new d'],
    });
  });

  it('are none of them new where one would be several, nor gone where several would be one', () => {
    const one = episodes(['a', [110, 'blue'], [190, 'none']]);
    const several = episodes(['a', [120, 'blue'], [130, 'none']], ['a', [150, 'blue'], [160, 'none']]);
    expect(compared(several, one)).toMatchObject({ later: 2, new: 0, gone: 0 });
    expect(compared(one, several)).toMatchObject({ earlier: 2, new: 0, gone: 0 });
  });
});

// What is kept of the warnings of a run.
import { describe, expect, it } from 'vitest';
import type { Contributions, Transition } from '../../../src/engine/output.js';
import { RaisedWarnings } from '../../../src/pipeline/measures/raised.js';

const EVENTS = [{ id: 's 1', time: 5, position: null }];

describe('the evidence of warnings', () => {
  it('is asked for where somebody wants it, and not gathered for others', () => {
    const asked: string[] = [];
    const raised = (key: string) =>
      ({
        ...{
          warning: key,
          model: 'a/a',
          scope: 'subject',
          key,
          item: 'i',
          level: 'red',
          clock: 5,
          raised: 5,
        },
        get contributions(): Contributions {
          asked.push(key);
          return { total: 1, hash: '', events: EVENTS };
        },
      }) as Transition;
    const warnings = new RaisedWarnings(0, (key) => key === 'subject:a');
    for (const key of ['a', 'b']) warnings.hear(raised(key));
    expect(asked).toEqual(['a']);
    expect(warnings.all.map(({ key, evidence }) => [key, evidence])).toEqual([
      ['a', EVENTS],
      ['b', []],
    ]);
  });
});

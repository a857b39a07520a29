import { describe, expect, it } from 'vitest';
import { sweepOf, withValue } from '../../src/pipeline/backtest/sweep.js';

describe('the values of a sweep', () => {
  it('are a range with both ends, a range with a step, or a list', () => {
    expect(sweepOf('params.many=3..6')).toEqual({ path: ['params', 'many'], values: ['3', '4', '5', '6'] });
    expect(sweepOf('params.many=0.1..0.5:0.1').values).toEqual(['0.1', '0.2', '0.3', '0.4', '0.5']);
    expect(sweepOf('a=-1..1').values).toEqual(['-1', '0', '1']);
    expect(sweepOf('indicators.complaints.over=7d,14d')).toEqual({
      path: ['indicators', 'complaints', 'over'],
      values: ['7d', '14d'],
    });
  });

  it('are refused where they are none, too many, twice the same, or more than a word', () => {
    for (const text of [
      '',
      'a',
      'a=',
      '=1',
      'a..b=1',
      'a=3..1',
      'a=1..2:0',
      'a=1..65',
      'a=1,1',
      "a='1'",
      'a=1\nb: 2',
    ])
      expect(() => sweepOf(text), text).toThrow('--sweep');
    expect(sweepOf('a=1..64').values).toHaveLength(64);
  });
});

describe('a value in the file of a model', () => {
  const TEXT = `model: a/b # a comment
params:
  few: 3   # few
  many: { default: 5, by: subject.credit, D: 2 }
levels: { red: 'x >= 3' }
hold: "1d"
`;
  it('takes the place of the one at the path, and nothing else changes', () => {
    expect(withValue(TEXT, ['params', 'few'], '7')).toBe(TEXT.replace('few: 3', 'few: 7'));
    expect(withValue(TEXT, ['params', 'many'], '7')).toBe(TEXT.replace('default: 5', 'default: 7'));
    expect(withValue(TEXT, ['params', 'many', 'D'], '7')).toBe(TEXT.replace('D: 2', 'D: 7'));
    expect(withValue(TEXT, ['hold'], '2d')).toBe(TEXT.replace('"1d"', '"2d"'));
  });

  it('has to be there', () => {
    for (const path of [['params'], ['params', 'none'], ['params', 'few', 'x'], ['none'], ['none', 'x']])
      expect(() => withValue(TEXT, path, '1'), path.join('.')).toThrow('no single value');
  });
});

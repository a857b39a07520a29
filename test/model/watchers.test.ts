import { describe, expect, it } from 'vitest';
import { setOf } from '../engine/turns.js';

const counting = (head: string, indicator = `{ from: complaint, count: '*', over: 1d }`) => `
${head}
indicators: { n: ${indicator} }
levels: { red: 'n >= 1' }`;

/** Names and strata of all models, in their order. */
function placed(models: { readonly [name: string]: string }): string[] {
  return setOf(models).models.map(({ name, scope, stratum }) => `${name} ${scope} ${stratum}`);
}

describe('a model that declares a cadence', () => {
  it('is joined by two that watch over it, the source one stratum above the keys', () => {
    const head = 'scope: region\nexpect: { from: sensor-reading, every: 10m, of: device }';
    expect(placed({ 'a/one': counting(head) })).toEqual([
      'a/one:source source 1',
      'a/one region 1',
      'a/one:feed device 0',
    ]);
  });

  it('has its keys judged where their readings, or their owner, are known', () => {
    const readings = 'scope: subject\nexpect: { from: sensor-reading, every: 1h, of: subject }';
    const owner = `scope: device
where: 'subject.credit == "D"'
expect: { from: sensor-reading, every: 1h, of: device }`;
    const indicator = `{ from: sensor-reading, count: '*', over: 1d }`;
    expect(placed({ 'a/one': counting(readings, indicator), 'b/two': counting(owner, indicator) })).toEqual([
      'a/one:source source 2',
      'b/two:source source 3',
      'a/one subject 1',
      'a/one:feed subject 1',
      'b/two device 2',
      'b/two:feed device 2',
    ]);
  });

  it('says which keys keep it only where they are those that it speaks about', () => {
    const where = `where: '"x" in subject.tags'`;
    const models = setOf({
      'a/own': counting(`scope: subject\n${where}\nexpect: { from: complaint, every: 1d, of: subject }`),
      'b/other': counting(
        `scope: subject\n${where}\nexpect: { from: sensor-reading, every: 1h, of: device }`,
      ),
    }).models;
    const whereOf = (name: string) => models.find((model) => model.name === name)?.where?.source ?? null;
    expect(whereOf('a/own:feed')).toBe('"x" in subject.tags');
    expect(whereOf('b/other:feed')).toBeNull();
    expect(whereOf('a/own:source')).toBeNull();
  });

  it('speaks of its cadence in words', () => {
    const models = setOf({
      'a/one': counting('scope: subject\nexpect: { from: complaint, every: 1h30m, of: subject }'),
    }).models;
    const summaries = ['a/one:feed', 'a/one:source'].map(
      (name) => models.find((model) => model.name === name)?.summary,
    );
    expect(summaries).toEqual([
      '应当至少每 1 小时 30 分钟上报一次，已连续两次没有上报。',
      '同一数据源三成以上并且十个以上对象超过 1 小时 30 分钟没有上报。',
    ]);
  });

  it('does not make other models wait for what is said of feeds', () => {
    const joint = counting('scope: subject', `{ from: warning, count: '*', over: 1d }`);
    const silent = counting('scope: subject\nexpect: { from: complaint, every: 1h, of: subject }');
    expect(placed({ 'a/joint': joint, 'b/one': silent })).toContain('a/joint subject 1');
  });
});

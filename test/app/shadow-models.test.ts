// Models in the shadow: they run and are recorded, nobody hears of them, and what becomes of it when they go live.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadRules } from '../../src/model/load.js';
import { decodeJson } from '../../src/pipeline/checkpoint.js';
import { HERE, openOffice, RULE_FILES, TRIED, type Office } from './office.js';

const HOUR = 3_600_000;
/** Reads the warnings of others. */
const JOINT = `model: food/joint
title: 同一经营者多项预警
summary: 有两项预警即为黄色。
item: food
scope: subject
indicators: { warned: { from: warning, distinct: 'event.model', over: 7d } }
levels: { yellow: 'warned >= 2' }
plan: plan
advise: 会商。
`;
const files = (status: string, more: { readonly [path: string]: string } = {}) =>
  new Map([...RULE_FILES, ['food/tried.yaml', `${TRIED}status: ${status}\n`], ...Object.entries(more)]);

let office: Office;
beforeEach(async () => {
  office = await openOffice({}, files('shadow', { 'food/joint.yaml': JOINT }));
});
afterEach(() => office.close());

const deliveries = async () => {
  const stored = await office.embedded.folder.logs.deliveries.read(0, 0, 1_000);
  return stored.map(({ value }) => JSON.stringify(decodeJson(value)));
};
const told = async (model: string) => (await deliveries()).filter((text) => text.includes(model)).length;
const warnings = async () => {
  const states = await office.embedded.book.list(0, 100);
  return states
    .map(({ level, status, latest: { transition } }) => `${transition.model} ${level} ${status}`)
    .sort();
};
const complain = async (id: string, subject: string) => {
  const event = {
    ...{ specversion: '1.0', id, source: 'urn:example:test', type: 'fenghuo.complaint', subject },
    ...{ time: new Date(office.now).toISOString(), data: { category: '食品异物' } },
  };
  await office.embedded.accept(JSON.stringify([event]));
  await office.pass(1_000);
};
const change = async (status: string) => {
  const wanted = files(status, { 'food/joint.yaml': JOINT });
  const json = { files: Object.fromEntries(wanted) };
  const answer = await office.ask('/v1/models', { json });
  expect(JSON.parse(answer.text)).toMatchObject({ outcome: 'announced' });
  await office.pass(HOUR);
};
const subjectOf = async () => {
  const [state] = await office.embedded.book.list(0, 1);
  return state?.latest.transition.key ?? '';
};

describe('a model in the shadow', () => {
  it('is judged and recorded at every level; no department and no other model hears of it', async () => {
    await office.raise([{ name: '甲店', region: `${HERE}001` }]);
    const subject = await subjectOf();
    await complain('again', subject);
    expect(await warnings()).toEqual(['food/complained yellow pushed', 'food/tried orange quiet']);
    expect(await told('food/tried')).toBe(0);
    expect(await told('food/complained')).toBeGreaterThan(0);
  });

  it('that goes live ends what it said and begins anew: what stands is quiet, what becomes graver is told', async () => {
    await office.raise([{ name: '甲店', region: `${HERE}001` }]);
    const subject = await subjectOf();
    const before = await office.embedded.book.list(0, 10);
    await change('active');
    // The model that reads warnings hears of it now, as quietly.
    expect(await warnings()).toEqual([
      'food/complained yellow pushed',
      'food/joint yellow quiet',
      'food/tried blue quiet',
    ]);
    const after = await office.embedded.book.list(0, 10);
    const idOf = (all: typeof before) =>
      all.find(({ latest }) => latest.transition.model === 'food/tried')?.warning;
    expect(idOf(after)).not.toBe(idOf(before));
    expect(await told('food/tried')).toBe(0);
    await complain('again', subject);
    expect((await warnings()).filter((line) => line.startsWith('food/tried'))).toEqual([
      'food/tried orange pushed',
    ]);
    expect(await told('food/tried')).toBeGreaterThan(0);
  });

  it('that was live ends its warnings, and says no more to anybody', async () => {
    await change('active');
    await office.raise([{ name: '乙店', region: `${HERE}001` }]);
    const subject = await subjectOf();
    expect(await told('food/tried')).toBeGreaterThan(0);
    await change('shadow');
    const then = await told('food/tried');
    await complain('again', subject);
    expect((await warnings()).filter((line) => line.startsWith('food/tried'))).toEqual([
      'food/tried orange quiet',
    ]);
    expect(await told('food/tried')).toBe(then);
  });

  it('watches over no sources, and who names it is told that it is not heard', () => {
    const codes = (more: { readonly [path: string]: string }) =>
      loadRules(files('shadow', more)).diagnostics.flatMap(({ code, file }) =>
        file.startsWith('food/') ? [code] : [],
      );
    const named = JOINT.replace('from: warning,', 'from: warning, where: \'event.model == "food/tried"\',');
    const watching = `${TRIED}status: shadow\nexpect: { from: complaint, every: 2h, of: subject }\n`;
    expect(codes({ 'food/tried.yaml': watching })).toContain('MODEL_NOT_YET');
    expect(codes({ 'food/joint.yaml': named })).toContain('MODEL_WARNING_UNHEARD');
    expect(codes({})).not.toContain('MODEL_WARNING_UNHEARD');
  });
});

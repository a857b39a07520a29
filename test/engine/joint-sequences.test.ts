// What follows on what, where the one or the other is a warning; and warnings of a place.
import { describe, expect, it } from 'vitest';
import type { LogRecord } from '../../src/events/event.js';
import { loadRules } from '../../src/model/load.js';
import { eventAt, filesOf, lines, run, setOf, tickAt } from './turns.js';

const base = (stream: string, from = 1) => `
scope: subject
indicators: { many: { from: ${stream}, count: '*', over: 2d } }
levels: { orange: 'many >= ${from + 1}', blue: 'many >= ${from}' }
`;
const joint = (steps: string, scope = 'subject') => `
scope: ${scope}
indicators: { chains: { sequence: ${steps}, over: 9d } }
levels: { red: 'chains >= 1' }
`;
const said = (log: LogRecord[], models: { readonly [name: string]: string }) =>
  lines(run(log, [setOf(models)])).filter((line) => line.includes('a/joint'));

const FOLLOWED = `[{ from: warning, where: 'event.model == "a/one"' }, { from: penalty, within: 1d }]`;

describe('a sequence over warnings', () => {
  it('is complete when an event follows the warning, from when it was raised, whatever its level is now', () => {
    const models = { 'a/one': base('complaint'), 'a/joint': joint(FOLLOWED) };
    const log = [eventAt(0, 'complaint'), eventAt(5, 'complaint'), eventAt(20, 'penalty'), tickAt(300)];
    expect(said(log, models)).toEqual(['20 a/joint a none->red raised', '236 a/joint a red->none cleared']);
    const late = [eventAt(0, 'complaint'), eventAt(5, 'complaint'), eventAt(25, 'penalty'), tickAt(300)];
    expect(said(late, models)).toEqual([]);
  });

  it('is taken back with the warning', () => {
    const models = { 'a/one': base('complaint'), 'a/joint': joint(FOLLOWED) };
    const first = eventAt(0, 'complaint');
    const log = [
      first,
      eventAt(20, 'penalty'),
      eventAt(30, 'complaint', {}, { revokes: first.id }),
      tickAt(40),
    ];
    expect(said(log, models)).toEqual(['20 a/joint a none->red raised', '30 a/joint a red->none withdrawn']);
  });

  it('of one warning after another reads the fields of the first', () => {
    const steps = `[{ as: first, from: warning }, { from: warning, within: 3d, where: 'event.model != first.model' }]`;
    const models = { 'a/one': base('complaint'), 'a/two': base('inspection'), 'a/joint': joint(steps) };
    const log = [eventAt(0, 'complaint'), eventAt(30, 'inspection'), tickAt(40)];
    expect(said(log, models)).toEqual(['30 a/joint a none->red raised']);
    expect(said([eventAt(0, 'complaint'), tickAt(40)], models)).toEqual([]);
  });

  it('completes by time where no warning follows', () => {
    const steps = `[{ from: complaint }, { not: warning, where: 'event.model == "a/two"', until: 6h }]`;
    const models = { 'a/two': base('inspection'), 'a/joint': joint(steps) };
    expect(said([eventAt(0, 'complaint'), tickAt(10)], models)).toEqual(['6 a/joint a none->red raised']);
    expect(said([eventAt(0, 'complaint'), eventAt(3, 'inspection'), tickAt(10)], models)).toEqual([]);
  });

  it('calls together those alone whose warnings are part of a match', () => {
    const chained = joint(FOLLOWED).replace('levels:', 'task: { merge: items, within: 3 workdays }\nlevels:');
    const models = { 'a/one': base('complaint'), 'a/joint': chained };
    // The first warning ends with nothing after it; the second is followed by a penalty.
    const log = [eventAt(0, 'complaint'), eventAt(100, 'complaint'), eventAt(110, 'penalty'), tickAt(111)];
    const all = run(log, [setOf(models)]);
    const raised = all.filter(({ model, level }) => model === 'a/one' && level === 'blue');
    const task = all.find(({ model }) => model === 'a/joint')?.task;
    expect(raised.map(({ warning }) => warning)).toHaveLength(2);
    expect(task?.warnings).toEqual([raised[1]?.warning]);
  });

  it('has one place among the strata: its steps name models, or none does', () => {
    const mixed = `[{ from: warning, where: 'event.model == "a/one"' }, { from: warning, within: 1d }]`;
    const { diagnostics } = loadRules(filesOf({ 'a/one': base('complaint'), 'a/joint': joint(mixed) }));
    const errors = diagnostics.filter(({ severity }) => severity === 'error');
    expect(errors.map(({ code }) => code)).toEqual(['MODEL_SEQUENCE_MODELS']);
    const circle = `[{ from: warning, where: 'event.model == "a/joint"' }, { from: penalty, within: 1d }]`;
    const own = loadRules(filesOf({ 'a/joint': joint(circle) })).diagnostics;
    expect(own.map(({ code }) => code)).toContain('MODEL_WARNING_CYCLE');
  });
});

describe('a joint model of a place', () => {
  it('hears of the warnings of that place alone', () => {
    const models = {
      'a/one': base('complaint').replace('subject', 'place'),
      'a/two': base('inspection').replace('subject', 'place'),
      'a/joint': `
scope: place
indicators: { models: { from: warning, where: 'event.level != "none"', distinct: 'event.model', over: 9d } }
levels: { red: 'models >= 2' }
`,
    };
    const at = (hours: number, stream: 'complaint' | 'inspection', key: string) =>
      eventAt(hours, stream, {}, { key: `place:${key}` });
    const log = [at(0, 'complaint', 'p'), at(1, 'inspection', 'q'), at(2, 'inspection', 'p'), tickAt(60)];
    expect(said(log, models)).toEqual(['2 a/joint p none->red raised', '48 a/joint p red->none cleared']);
  });
});

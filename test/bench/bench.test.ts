// The benchmark's own check: engine and reference agree, from events and from bytes, and a fault would be seen.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Engine } from '../../src/engine/engine.js';
import { runAlerts } from './alerts.js';
import { walk } from './author-path.js';
import { EVENTS_FILE, removeBacktest, runBacktest, writeBacktest } from './backtest.js';
import { differences } from './outcome.js';
import { areas, selfTimes } from './profile.js';
import { runPipeline } from './pipeline.js';
import { referenceOutcome } from './reference.js';
import { median } from './report.js';
import { MODEL_NAMES } from './rules.js';
import { run } from './run.js';
import { lineOf, Workload } from './workload.js';

const workload = { events: 6_000, subjects: 150, days: 60, creditChanges: true };
const rules = { windowDays: null, models: 8 };
const reference = referenceOutcome(workload, rules);

describe('the benchmark', () => {
  it('finds every rule at work', () => {
    expect(Object.values(reference.raised)).toHaveLength(6);
    expect(Math.min(...Object.values(reference.raised))).toBeGreaterThan(0);
    expect(reference.cleared).toBeGreaterThan(0);
  });

  it.each(['engine', 'ndjson'] as const)('sees the warnings of the reference in a run of %s', (part) => {
    const figures = run({ part, workload, rules }, () => undefined);
    expect(differences(figures.outcome, reference)).toEqual([]);
    expect(figures.events).toBe(workload.events);
  });

  it('sees the warnings of the reference on the disk, after the whole pipeline', async () => {
    const dense = { ...workload, events: 4_000, days: 1, together: 100 };
    const figures = await runPipeline({ part: 'pipeline', workload: dense, rules }, () => undefined);
    const expected = referenceOutcome(dense, rules);
    expect(differences(figures.outcome, expected)).toEqual([]);
    expect(Object.keys(expected.raised).length).toBeGreaterThan(3);
    expect(figures.encodedBytes).toBeGreaterThan(figures.keys * 50);
  }, 60_000);

  it('sees the warnings of the reference in a backtest of files', async () => {
    const folder = await writeBacktest(workload);
    try {
      const task = { part: 'backtest', folder, events: workload.events } as const;
      const { outcome } = await runBacktest({ ...task, mode: 'ten' });
      expect(outcome === null ? ['none'] : differences(outcome, reference)).toEqual([]);
      const complaints = reference.raised[MODEL_NAMES.complaints];
      const one = await runBacktest({ ...task, mode: 'one' });
      expect(one.outcome?.raised).toEqual({ [MODEL_NAMES.complaints]: complaints });
    } finally {
      await removeBacktest(folder);
    }
  });

  it('takes an author from a new model to its report', async () => {
    const folder = await writeBacktest(workload);
    try {
      const steps = await walk(join(folder, 'ten'), join(folder, EVENTS_FILE), folder);
      expect(steps.map(({ name }) => name)).toHaveLength(4);
      expect(await readFile(join(folder, 'report.html'), 'utf8')).toContain('bench/author');
    } finally {
      await removeBacktest(folder);
    }
  }, 60_000);

  it('takes warnings through their lives', () => {
    const { warnings, raiseCpuUs, handleCpuUs } = runAlerts(50);
    expect(warnings).toBe(50);
    expect(raiseCpuUs + handleCpuUs).toBeGreaterThan(0);
  });

  it('agrees with the reference over windows of a year', () => {
    const year = { workload: { ...workload, days: 500 }, rules: { windowDays: 365, models: 6 } };
    const figures = run({ part: 'engine', ...year }, () => undefined);
    expect(differences(figures.outcome, referenceOutcome(year.workload, year.rules))).toEqual([]);
  });

  it('fails a run whose windows are a day off', () => {
    const off = run({ part: 'engine', workload, rules: { ...rules, windowDays: 29 } }, () => undefined);
    const expected = referenceOutcome(workload, { ...rules, windowDays: 30 });
    expect(differences(off.outcome, expected)).not.toEqual([]);
  });

  it('fails a run that lost one record', () => {
    const step: (this: Engine, ...args: Parameters<Engine['step']>) => void = Reflect.get(
      Engine.prototype,
      'step',
    );
    let records = 0;
    Engine.prototype.step = function (record, offset) {
      if (++records !== 3_000) step.call(this, record, offset);
    };
    try {
      const lossy = run({ part: 'engine', workload, rules }, () => undefined);
      expect(differences(lossy.outcome, reference)).not.toEqual([]);
    } finally {
      Engine.prototype.step = step;
    }
  });

  it('draws the same workload again, in the order of arrival, about 300 bytes a line', () => {
    const draw = () => {
      const source = new Workload(workload);
      return Array.from({ length: workload.events }, () => source.next());
    };
    const facts = draw().flatMap((fact) => fact ?? []);
    expect(facts).toEqual(draw());
    expect(facts.every((fact, index) => fact.at >= (facts[index - 1]?.at ?? 0) && fact.time <= fact.at)).toBe(
      true,
    );
    const share = (stream: string) => facts.filter((fact) => fact.stream === stream).length / facts.length;
    expect(share('complaint')).toBeCloseTo(0.4, 1);
    expect(share('credit-change')).toBeCloseTo(0.05, 1);
    const bytes = facts.reduce((sum, fact) => sum + Buffer.byteLength(lineOf(fact)), 0) / facts.length;
    expect(bytes).toBeGreaterThan(250);
    expect(bytes).toBeLessThan(350);
  });
});

describe('its figures', () => {
  it('has the middle of the runs', () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(median([4, 1, 3, 2])).toBe(2.5);
  });

  it('counts samples of the measured spans, and collections with what they interrupted', () => {
    const frame = (functionName: string, url = '') => ({ functionName, url, lineNumber: 0 });
    const lines = selfTimes(
      {
        nodes: [
          { id: 1, callFrame: frame('(root)'), children: [2, 3, 5] },
          { id: 2, callFrame: frame('making the workload', 'file:///x/dist/test/bench/workload.js') },
          { id: 3, callFrame: frame('measure', 'file:///x/dist/test/bench/run.js'), children: [4] },
          { id: 4, callFrame: frame('pop', 'file:///x/dist/src/engine/timers.js') },
          { id: 5, callFrame: frame('(garbage collector)') },
        ],
        samples: [2, 5, 4, 5, 2],
        timeDeltas: [0, 1, 10, 100, 1_000, 10_000],
      },
      'measure',
    );
    expect(lines).toEqual([
      { place: '(garbage collector)', us: 1_000 },
      { place: 'src/engine/timers.ts pop', us: 100 },
    ]);
    expect(areas(lines)).toEqual([
      { place: 'garbage collection', us: 1_000 },
      { place: 'engine: timers', us: 100 },
    ]);
  });
});

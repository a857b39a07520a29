// Tests that run again when files change, driven by changes that are told and by a moment that passes when it is told to.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { TestedRules } from '../../src/app/model-testing.js';
import {
  watchTests,
  type ChangeSource,
  type WatchedRun,
  type WatchOptions,
} from '../../src/app/test-watching.js';
import { CodedError } from '../../src/events/coded-error.js';
import { COMPLAINTS, replaced } from '../model/rules-fixture.js';
import { writeRules } from '../support/rule-folder.js';

const COMPLAINTS_TEST = `model: food/repeat-complaints
cases:
  - name: three are yellow
    subject: { tags: [食品经营] }
    events: [ { at: 0d, complaint: { category: 食品过期, complainant: 'p{n}' }, times: 3, every: 1h } ]
    expect: [ { at: 2h, level: yellow }, { at: 8d, level: none } ]
  - name: noise is nothing
    events: [ { at: 0d, complaint: { category: 噪音 } } ]
    expect: []
`;
const OVERLOAD_TEST = `model: elevator/overload
cases:
  - name: none
    events: []
    expect: []
`;
const JOINT = `model: joint/both
title: 联合
summary: 联合。
item: food-operation
scope: subject
indicators: { foods: { from: warning, where: 'event.model == "food/repeat-complaints"', count: '*', over: 30d } }
levels: { red: 'foods > 0' }
plan: food-joint-check
advise: 核查。
`;
const JOINT_TEST = COMPLAINTS_TEST.replace('food/repeat-complaints', 'joint/both').replace(
  /expect: \[ .* \]/,
  'expect: [ { at: 2h, level: red }, { at: 30d2h, level: none } ]',
);
const RULES = {
  'food/repeat-complaints.test.yaml': COMPLAINTS_TEST,
  'elevator/overload.test.yaml': OVERLOAD_TEST,
  'joint/both.yaml': JOINT,
  'joint/both.test.yaml': JOINT_TEST,
};

/** Values that come one after the other, and whoever waits for the next. */
class Queue<T> {
  private readonly values: T[] = [];
  private take: ((value: T) => void) | null = null;

  push(value: T): void {
    const { take } = this;
    this.take = null;
    if (take === null) this.values.push(value);
    else take(value);
  }

  next(): Promise<T> {
    const value = this.values.shift();
    return value === undefined ? new Promise((done) => (this.take = done)) : Promise.resolve(value);
  }

  get length(): number {
    return this.values.length;
  }
}

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fenghuo-watch-'));
  await writeRules(folder, RULES);
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

function begin(options: Partial<WatchOptions> = {}) {
  const runs = new Queue<{ readonly run: WatchedRun; readonly changed: readonly string[] }>();
  const settles = new Queue<() => void>();
  let tell: Parameters<ChangeSource>[1] = () => undefined;
  let fail: Parameters<ChangeSource>[2] = () => undefined;
  let end = (): void => undefined;
  let closed = 0;
  const done = watchTests({
    paths: [folder],
    changes: async (_dirs, onChange, onFailure) => {
      [tell, fail] = [onChange, onFailure];
      return {
        close: async () => {
          closed += 1;
        },
      };
    },
    settle: () => new Promise<void>((settled) => settles.push(settled)),
    onRun: (run, changed) => runs.push({ run, changed }),
    ended: new Promise<void>((ended) => (end = ended)),
    ...options,
  });
  return {
    ...{ runs, settles, done, end: () => end(), fail: (error: CodedError) => fail(error) },
    closed: () => closed,
    change: (...paths: readonly string[]) => {
      for (const path of paths) tell(join(folder, path));
    },
    /** Lets moments pass until tests run. */
    async ran() {
      const next = runs.next();
      for (let passed = false; !passed;) {
        const settled = settles.next();
        passed = await Promise.race([settled.then((pass) => (pass(), false)), next.then(() => true)]);
      }
      return next;
    },
  };
}

const modelsIn = (sets: readonly TestedRules[]) =>
  sets.flatMap(({ files }) => files.map(({ model }) => model)).sort();
const ALL = ['elevator/overload', 'food/repeat-complaints', 'joint/both'];

/** Which models ran, and how many failures there are in all. */
function saidOf({ run }: { readonly run: WatchedRun }) {
  if (run.kind === 'failed') return run.error.code;
  const failures = run.all.flatMap(({ files }) =>
    files.flatMap(({ cases }) => cases.flatMap((one) => one.failures)),
  );
  expect(modelsIn(run.all)).toEqual(ALL);
  return [modelsIn(run.ran), failures.length];
}

describe('fenghuo test --watch', () => {
  it('runs everything first, and after a change only what it can touch', async () => {
    const watch = begin();
    expect(saidOf(await watch.runs.next())).toEqual([ALL, 0]);
    const wrong = replaced(COMPLAINTS_TEST, 'level: yellow', 'level: red');
    await writeRules(folder, { ...RULES, 'food/repeat-complaints.test.yaml': wrong });
    watch.change('food/repeat-complaints.test.yaml');
    const first = await watch.ran();
    expect(saidOf(first)).toEqual([['food/repeat-complaints'], 1]);
    expect(first.changed).toEqual([join(folder, 'food/repeat-complaints.test.yaml')]);
    // What failed before goes on failing where it is not run again.
    watch.change('elevator/overload.test.yaml');
    expect(saidOf(await watch.ran())).toEqual([['elevator/overload'], 1]);
    watch.end();
    await watch.done;
  });

  it('runs with a model those that hear of its warnings, and with the catalogue all', async () => {
    const watch = begin();
    await watch.runs.next();
    const stricter = replaced(COMPLAINTS, "'complaints >= 3'", "'complaints >= 2'");
    await writeRules(folder, { ...RULES, 'food/repeat-complaints.yaml': stricter });
    watch.change('food/repeat-complaints.yaml');
    expect(saidOf(await watch.ran())).toEqual([['food/repeat-complaints', 'joint/both'], 2]);
    watch.change('joint/both.yaml');
    expect(saidOf(await watch.ran())).toEqual([['joint/both'], 2]);
    watch.change('catalogue/plans.yaml');
    expect(saidOf(await watch.ran())).toEqual([ALL, 2]);
    watch.end();
    await watch.done;
  });

  it('says what is asked of coverage once for each model, run again or not', async () => {
    const watch = begin({ coverageMinimum: 90 });
    await watch.runs.next();
    watch.change('joint/both.test.yaml');
    const { run } = await watch.ran();
    const lacking = (sets: readonly TestedRules[]) =>
      sets.flatMap(({ findings }) => findings.filter(({ code }) => code === 'TEST_COVERAGE'));
    expect(run.kind).toBe('tested');
    if (run.kind !== 'tested') return;
    expect(lacking(run.all).map(({ model }) => model)).toEqual([
      'elevator/overload',
      'food/repeat-complaints',
    ]);
    expect(lacking(run.ran)).toEqual([]);
    watch.end();
    await watch.done;
  });

  it('waits until nothing more changes, and runs once', async () => {
    const watch = begin();
    await watch.runs.next();
    watch.change('food/repeat-complaints.test.yaml');
    const first = await watch.settles.next();
    watch.change('elevator/overload.yaml', 'food/repeat-complaints.test.yaml');
    first();
    const second = await watch.settles.next();
    expect(watch.runs.length).toBe(0);
    second();
    expect(saidOf(await watch.runs.next())).toEqual([['elevator/overload', 'food/repeat-complaints'], 0]);
    watch.end();
    await watch.done;
    expect(watch.runs.length).toBe(0);
  });

  it('says what is wrong with files, and then runs what had changed meanwhile', async () => {
    const watch = begin();
    await watch.runs.next();
    await writeRules(folder, { ...RULES, 'joint/both.test.yaml': replaced(JOINT_TEST, 'name:', 'nam:') });
    watch.change('joint/both.test.yaml');
    expect(saidOf(await watch.ran())).toBe('FILES_INVALID');
    await writeRules(folder, RULES);
    watch.change('elevator/overload.yaml');
    expect(saidOf(await watch.ran())).toEqual([['elevator/overload', 'joint/both'], 0]);
    watch.end();
    await watch.done;
  });

  it('begins although files are wrong, and runs everything once they are not', async () => {
    await writeRules(folder, { 'joint/both.yaml': 'model: [' });
    const watch = begin();
    expect(saidOf(await watch.runs.next())).toBe('FILES_INVALID');
    await writeRules(folder, RULES);
    watch.change('joint/both.yaml');
    expect(saidOf(await watch.ran())).toEqual([ALL, 0]);
    watch.end();
    await watch.done;
  });

  it('ends while it waits and while something changes, and watches no more', async () => {
    for (const isChanging of [false, true]) {
      const watch = begin();
      await watch.runs.next();
      if (isChanging) watch.change('joint/both.yaml');
      const pass = isChanging ? await watch.settles.next() : () => undefined;
      watch.end();
      pass();
      await watch.done;
      expect([watch.closed(), watch.runs.length]).toEqual([1, 0]);
    }
  });

  it('ends with the reason where nothing can be watched any more', async () => {
    const watch = begin();
    await watch.runs.next();
    watch.fail(new CodedError('FILE_READ', 'gone'));
    const pass = await watch.settles.next();
    pass();
    await expect(watch.done).rejects.toMatchObject({ code: 'FILE_READ' });
    expect(watch.closed()).toBe(1);
  });
});

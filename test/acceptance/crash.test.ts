// Embedded mode, killed at chosen instants; test/chaos and distributed.test.ts do the like to processes on servers.
import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CrashPoint } from '../../src/pipeline/checkpoint.js';
import { chdbRuns } from '../support/warehouse.js';
import { childrenOf, leftIn, newDataDir, replay, type Left } from './embedded.js';
import { cleanUp } from './program.js';

const POINTS: readonly (readonly [CrashPoint, number])[] = [
  ['after-append', 1],
  ['after-append', 2],
  ['after-output', 1],
  ['after-output', 3],
  ['before-checkpoint', 2],
  ['after-checkpoint', 3],
  ['before-send', 2],
  ['after-send', 1],
  ['before-insert', 2],
  ['after-insert', 1],
  ['after-insert', 2],
];

const dirs: string[] = [];
const freshDir = () => {
  const dir = newDataDir();
  dirs.push(dir);
  return dir;
};
afterAll(() => cleanUp(dirs));

function compare(left: Left, undisturbed: Left): void {
  expect(Object.keys(left.inbox).sort()).toEqual(Object.keys(undisturbed.inbox).sort());
  for (const [department, text] of Object.entries(undisturbed.inbox)) {
    expect(left.inbox[department], department).toBe(text);
  }
  for (const [table, rows] of Object.entries(undisturbed.tables)) {
    expect(left.tables[table]?.length, `rows of ${table}`).toBe(rows.length);
    expect(left.tables[table], table).toEqual(rows);
  }
}

describe.runIf(await chdbRuns())('a process that is killed leaves what an undisturbed one leaves', () => {
  let undisturbed: Left;
  let durationMs = 0;
  const whole = freshDir();
  /** A folder that an undisturbed run has left. */
  const left = () => {
    const dir = freshDir();
    cpSync(whole, dir, { recursive: true });
    return dir;
  };

  beforeAll(async () => {
    const dir = whole;
    const before = performance.now();
    const { code, output } = await replay(dir).ended;
    durationMs = performance.now() - before;
    expect(code, output).toBe(0);
    undisturbed = await leftIn(dir);
    // A comparison of nothing with nothing would prove nothing.
    expect(undisturbed.tables['events']?.length).toBeGreaterThan(1_000);
    expect(undisturbed.tables['warnings']?.length).toBeGreaterThan(10);
    expect(undisturbed.tables['dead_letters']?.length).toBeGreaterThan(3);
    expect(Object.keys(undisturbed.inbox).length).toBeGreaterThan(5);
  });

  for (const [point, times] of POINTS) {
    it(`killed ${point}, the ${times}. time`, async () => {
      const dir = freshDir();
      const killed = await replay(dir, { FENGHUO_CRASH_AT: `${point}:${times}` }).ended;
      expect(killed.signal, killed.output).toBe('SIGKILL');
      const { code, output } = await replay(dir).ended;
      expect(code, output).toBe(0);
      compare(await leftIn(dir), undisturbed);
    });
  }

  it('killed at five instants in a row, the warehouse child still alive', async () => {
    const dir = freshDir();
    for (const share of [0.3, 0.45, 0.6, 0.5, 0.8]) {
      const running = replay(dir);
      const timer = setTimeout(() => running.child.kill('SIGKILL'), durationMs * share);
      await running.ended;
      clearTimeout(timer);
    }
    const { code, output } = await replay(dir).ended;
    expect(code, output).toBe(0);
    compare(await leftIn(dir), undisturbed);
  }, 180_000);

  it('the warehouse child killed again and again', async () => {
    const dir = freshDir();
    const running = replay(dir);
    let kills = 0;
    for (let round = 0; round < 3; round++) {
      await running.printed(new RegExp(`(the embedded warehouse is ready[^]*){${round + 1}}`));
      for (const pid of childrenOf(running.child.pid ?? -1)) {
        process.kill(pid, 'SIGKILL');
        kills++;
      }
    }
    const { code, output } = await running.ended;
    expect(code, output).toBe(0);
    expect(kills).toBeGreaterThanOrEqual(3);
    compare(await leftIn(dir), undisturbed);
  });

  it('a lost warehouse is filled again from the logs', async () => {
    const dir = left();
    rmSync(join(dir, 'warehouse'), { recursive: true });
    const { code, output } = await replay(dir).ended;
    expect(code, output).toBe(0);
    compare(await leftIn(dir), undisturbed);
  });

  it('a second start replays nothing and changes nothing', async () => {
    const dir = left();
    const { code, output } = await replay(dir).ended;
    expect(code, output).toBe(0);
    expect(output).toContain('接续已有数据');
    compare(await leftIn(dir), undisturbed);
  });
});

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { COMPLAINTS, replaced } from '../model/rules-fixture.js';
import { fenghuo } from '../support/command-line.js';
import { writeRules } from '../support/rule-folder.js';

const TESTS = 'food/repeat-complaints.test.yaml';
const GOOD = `model: food/repeat-complaints
cases:
  - name: three complaints are yellow
    subject: { credit: B, tags: [食品经营] }
    events:
      - { at: 0d, complaint: { category: 食品过期, complainant: 'p{n}' }, times: 3, every: 1h }
    expect:
      - { at: 2h, level: yellow, complaints: 3 }
      - { at: 8d, level: none }
  - name: noise is nothing
    subject: { credit: B, tags: [食品经营] }
    events: [ { at: 0d, complaint: { category: 噪音 }, times: 5, every: 1h } ]
    expect: []
`;
const BAD = replaced(GOOD, 'complaints: 3', 'complaints: 4');

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fenghuo-test-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});
const test = (...args: string[]) => fenghuo(['test', ...args], folder);

describe('fenghuo test', () => {
  it('passes on the rules of the package where there are none here', async () => {
    const run = await test();
    expect(run).toMatchObject({ code: 0, err: '' });
    expect(run.out).toMatch(/^\d+ passed, 0 failed$/m);
    expect(run.out).not.toContain('warning');
  });

  it('counts what passes, and says what no case looks at; a model without tests is a fault', async () => {
    await writeRules(join(folder, 'rules'), { [TESTS]: GOOD });
    expect(await test('rules/food')).toMatchObject({ code: 0, err: '' });
    const run = await test();
    expect(run).toMatchObject({ code: 1, err: '' });
    const lines = run.out.trimEnd().split('\n');
    expect(lines).toHaveLength(6);
    expect(lines[0]).toMatch(
      /^rules\/food\/repeat-complaints\.test\.yaml: warning TEST_LEVEL_UNREACHED: .*red, orange/,
    );
    expect(lines[1]).toMatch(/^rules\/elevator\/overload\.yaml: error TEST_MISSING: /);
    expect(lines[5]).toBe('2 passed, 0 failed');
  });

  it('shows how much of each model is reached, of one without tests nothing', async () => {
    await writeRules(join(folder, 'rules'), { [TESTS]: GOOD });
    const { out } = await test();
    expect(out).toMatch(/^ +reached +levels +branches +score lines$/m);
    expect(out).toMatch(/^food\/repeat-complaints +33.3 % +1\/3 +- +-$/m);
    expect(out).toMatch(/^elevator\/overload +0 % +0\/1 +- +-$/m);
    const json = await test('--format', 'json', 'rules/food');
    const { sets } = JSON.parse(json.out) as { sets: { coverage: unknown }[] };
    expect(sets[0]?.coverage).toEqual([
      {
        model: 'food/repeat-complaints',
        file: `rules/${TESTS}`,
        levels: { reached: 1, all: 3 },
        branches: { reached: 0, all: 0 },
        score: { reached: 0, all: 0 },
        percent: 33.3,
        unreached: ['level red', 'level orange'],
      },
    ]);
  });

  it('fails where less of a model is reached than asked for, and names what is not', async () => {
    await writeRules(join(folder, 'rules'), { [TESTS]: GOOD });
    expect((await test('rules/food', '--coverage-minimum', '33.3')).code).toBe(0);
    const run = await test('rules/food', '--coverage-minimum', '33.4');
    expect(run.code).toBe(1);
    expect(run.out).toMatch(
      new RegExp(
        `^rules/${TESTS}: error TEST_COVERAGE: .* 33.3 % of it, 33.4 % asked for. Not reached: level red, level orange.$`,
        'm',
      ),
    );
    expect((await test('--coverage-minimum', '101')).code).toBe(2);
  });

  it('asks of every model a case that warns and one that stays silent', async () => {
    const only = (first: number, last: number) =>
      `${GOOD.split('\n').slice(0, 2).join('\n')}\n${GOOD.split('\n').slice(first, last).join('\n')}\n`;
    for (const [text, code] of [
      [only(2, 9), 'TEST_NO_SILENCE'],
      [only(9, 13), 'TEST_NO_WARNING'],
    ] as const) {
      await writeRules(join(folder, 'rules'), { [TESTS]: text });
      const run = await test('rules/food');
      expect(run.code, code).toBe(1);
      expect(run.out.match(/error \w+/g), code).toEqual([`error ${code}`]);
      expect(run.out).toContain('1 passed, 0 failed\n');
    }
  });

  it('warns of branches that no case takes', async () => {
    const model = replaced(
      COMPLAINTS,
      "yellow: 'complaints >= 3'",
      "yellow: 'complaints >= 3 || failures > 0'",
    );
    await writeRules(join(folder, 'rules'), { [TESTS]: GOOD, 'food/repeat-complaints.yaml': model });
    const run = await test('rules/food');
    expect(run.code).toBe(0);
    expect(run.out).toMatch(/warning TEST_BRANCH_UNREACHED: .* Not reached: yellow: failures > 0\.$/m);
  });

  it('names the line and the case of a failure, and fails', async () => {
    await writeRules(join(folder, 'rules'), { [TESTS]: BAD });
    const run = await test();
    expect(run.code).toBe(1);
    expect(run.out).toContain(
      `rules/${TESTS}:8: three complaints are yellow: at 2h yellow: expected complaints 4, came 3\n`,
    );
    expect(run.out).toContain(
      '    ! 2025-03-03 02:00:00  2h  黄色预警  complaints 应为 4，实为 3\n' +
        '      2025-03-11 00:00:00  8d  解除\n',
    );
    expect(run.out).toContain('1 passed, 1 failed\n');
  });

  it('runs only what is named; a model stands for its tests', async () => {
    await writeRules(join(folder, 'rules'), { [TESTS]: BAD });
    expect((await test('rules/elevator')).out).toMatch(/TEST_MISSING[^]*\n0 passed, 0 failed/);
    for (const path of ['rules/food', `rules/${TESTS}`, 'rules/food/repeat-complaints.yaml']) {
      const run = await test(path);
      expect(run.code, path).toBe(1);
      expect(run.out, path).not.toContain('TEST_MISSING');
    }
  });

  it('prints one JSON document when asked to', async () => {
    await writeRules(join(folder, 'rules'), { [TESTS]: BAD });
    const run = await test('--format', 'json');
    expect(run.code).toBe(1);
    const result = JSON.parse(run.out) as { sets: { files: { cases: unknown[] }[]; findings: unknown[] }[] };
    expect(result).toMatchObject({ passed: 1, failed: 1 });
    expect(result.sets[0]?.files[0]?.cases[0]).toMatchObject({
      failures: [{ line: 8 }],
      timeline: { zone: 'Asia/Shanghai', entries: [{ mark: 'figures' }, { mark: 'same' }], omitted: 0 },
    });
    expect(result.sets[0]?.files[0]?.cases[1]).not.toHaveProperty('timeline');
    expect(result.sets[0]?.findings).toHaveLength(2);
  });

  it('does not run where rules or tests have errors, and says where', async () => {
    await writeRules(join(folder, 'rules'), { [TESTS]: replaced(GOOD, 'credit: B', 'credt: B') });
    const run = await test();
    expect(run).toMatchObject({ code: 1, out: '' });
    expect(run.err).toMatch(new RegExp(`^rules/${TESTS}:4:\\d+: error TEST_`));
    expect(run.err).toContain('FILES_INVALID');
  });
});

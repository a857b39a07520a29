// The result of fenghuo test as JUnit XML, read back by a parser.
import { DOMParser, onErrorStopParsing, type Element } from '@xmldom/xmldom';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fenghuo } from '../support/command-line.js';
import { writeRules } from '../support/rule-folder.js';

const TESTS = 'rules/food/repeat-complaints.test.yaml';
const MODEL = 'food/repeat-complaints';
/** A name with all that XML could stumble over: markup, quotes, CDATA, a control character, one that turns text. */
const NAME = 'a <b> & "c" \'d\' ]]> \\u0007\\u202e\\uffff 投诉';
const CASES = `model: ${MODEL}
cases:
  - name: "${NAME.replaceAll('"', '\\"')}"
    subject: { credit: B, tags: [食品经营] }
    events:
      - { at: 0d, complaint: { category: 食品过期, complainant: 'p{n}' }, times: 3, every: 1h }
    expect:
      - { at: 2h, level: yellow, complaints: 4 }
      - { at: 9d, level: none }
  - name: noise is nothing
    subject: { credit: B, tags: [食品经营] }
    events: [ { at: 0d, complaint: { category: 噪音 }, times: 5, every: 1h } ]
    expect: []
`;

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fenghuo-junit-'));
  await writeRules(join(folder, 'rules'), { 'food/repeat-complaints.test.yaml': CASES });
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});
const test = (...args: string[]) => fenghuo(['test', '--format', 'junit', ...args], folder);

function parsed(text: string): Element {
  const document = new DOMParser({ onError: onErrorStopParsing }).parseFromString(text, 'text/xml');
  if (document.documentElement === null) throw new Error('no root');
  return document.documentElement;
}
const within = (element: Element, name: string) => [...element.getElementsByTagName(name)];
const said = (element: Element | undefined) =>
  Object.fromEntries([...(element?.attributes ?? [])].map(({ name, value }) => [name, value]));

describe('fenghuo test --format junit', () => {
  it('has a suite for each file, a test case for each case, and failures with their place', async () => {
    const run = await test();
    expect(run).toMatchObject({ code: 1, err: '' });
    const root = parsed(run.out);
    expect(root.tagName).toBe('testsuites');
    const counts = { errors: '0', skipped: '0' };
    expect(said(root)).toEqual({ name: 'fenghuo test', tests: '3', failures: '2', ...counts });
    const suites = within(root, 'testsuite');
    expect(suites.map(said)).toEqual([
      { name: TESTS, tests: '2', failures: '1', ...counts },
      { name: 'rules/elevator/overload.yaml', tests: '1', failures: '1', ...counts },
    ]);
    const cases = within(root, 'testcase');
    expect(cases.slice(1).map(said)).toEqual([
      { name: 'noise is nothing', classname: MODEL, file: TESTS, line: '10' },
      {
        name: 'TEST_MISSING',
        classname: 'rules/elevator/overload.yaml',
        file: 'rules/elevator/overload.yaml',
      },
    ]);
    const failures = within(root, 'failure');
    expect(failures.map((failure) => said(failure)['type'])).toEqual(['EXPECTATION', 'TEST_MISSING']);
    expect(said(failures[0])['message']).toBe(`${TESTS}:8: at 2h yellow: expected complaints 4, came 3`);
    const lines = failures[0]?.textContent?.split('\n') ?? [];
    expect(lines[1]).toBe(`${TESTS}:9: expected 9d none, came 8d none`);
    expect(lines.at(-1)).toContain('~ 2025-03-11 00:00:00  8d  解除      时刻不同：');
    expect(within(suites[0] as Element, 'system-out')[0]?.textContent).toContain('TEST_LEVEL_UNREACHED: ');
  });

  it('keeps what a name says, and nothing of it that XML has no place for', async () => {
    const [first] = within(parsed((await test()).out), 'testcase');
    expect(said(first)).toEqual({
      name: 'a <b> & "c" \'d\' ]]> ··\ufffd 投诉',
      ...{ classname: MODEL, file: TESTS, line: '3' },
    });
  });

  it('is written to a file where one is named, in place of the one before', async () => {
    const { out } = await test();
    for (let run = 0; run < 2; run += 1) {
      expect(await test('--output', 'result.xml')).toEqual({ code: 1, out: '1 passed, 1 failed\n', err: '' });
      expect(await readFile(join(folder, 'result.xml'), 'utf8')).toBe(out);
    }
    const json = await fenghuo(['test', '--format', 'json', '-o', 'result.json'], folder);
    expect(json.out).toBe('1 passed, 1 failed\n');
    expect(JSON.parse(await readFile(join(folder, 'result.json'), 'utf8'))).toMatchObject({ failed: 1 });
    expect((await readdir(folder)).sort()).toEqual(['result.json', 'result.xml', 'rules']);
    const plain = await fenghuo(['test', '-o', 'result.txt'], folder);
    expect(plain).toMatchObject({ code: 2, out: '' });
    expect(plain.err).toContain('USAGE');
  });
});

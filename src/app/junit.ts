// The result of tests as JUnit XML, which systems of continuous integration show: a suite a file, a test case a case.
import { escaped } from '../adapters/http/pages/html.js';
import { visible } from '../model/format-diagnostic.js';
import type { TestedFile, TestedRules, TestFinding } from './model-testing.js';
import { timelineLines } from './timeline-lines.js';

/** Code points that XML 1.0 has no place for (section 2.2), beside the control characters that `visible` replaces. */
const UNFIT = /[\p{Surrogate}\ufffe\uffff]/gu;

interface Suite {
  readonly file: string;
  readonly cases: readonly Case[];
  /** What is worth a look and fails nothing. */
  readonly notes: readonly string[];
}

interface Case {
  readonly name: string;
  readonly model: string;
  readonly line: number | null;
  /** Empty where it passes. */
  readonly failures: readonly string[];
  /** More to read of a failure. */
  readonly details: readonly string[];
  readonly type: string;
}

/** The document. What the tests of a file lack as a whole is a failed case of its suite by the name of its code. */
export function asJunit(sets: readonly TestedRules[]): string {
  const suites = sets.flatMap(suitesOf);
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="fenghuo test" ${counts(suites.flatMap(({ cases }) => cases))}>`,
    ...suites.flatMap(suiteLines),
    '</testsuites>',
  ].join('\n');
}

function suitesOf({ files, findings }: TestedRules): Suite[] {
  const suites = files.map(({ file, model, cases }) => suiteOf(file, model, cases, findings));
  const named = new Set(files.map(({ file }) => file));
  const others = new Set(findings.map(({ file }) => file).filter((file) => !named.has(file)));
  return [...suites, ...[...others].map((file) => suiteOf(file, file, [], findings))];
}

function suiteOf(
  file: string,
  model: string,
  cases: TestedFile['cases'],
  findings: readonly TestFinding[],
): Suite {
  const ours = findings.filter((finding) => finding.file === file);
  const lacks = ours.filter(({ severity }) => severity === 'error');
  return {
    file,
    cases: [
      ...cases.map(({ name, line, failures, timeline }): Case => {
        return {
          ...{ name, model, line, type: 'EXPECTATION' },
          failures: failures.map((failure) => `${file}:${failure.line}: ${failure.message}`),
          details: timeline === undefined ? [] : timelineLines(timeline, false),
        };
      }),
      ...lacks.map(({ code, message }): Case => {
        return { name: code, model, line: null, failures: [`${file}: ${message}`], details: [], type: code };
      }),
    ],
    notes: ours
      .filter(({ severity }) => severity === 'warning')
      .map(({ code, message }) => `${code}: ${message}`),
  };
}

function suiteLines({ file, cases, notes }: Suite): string[] {
  return [
    `  <testsuite ${attributes({ name: file })} ${counts(cases)}>`,
    ...cases.flatMap((one) => caseLines(one, file)),
    ...(notes.length === 0 ? [] : [`    <system-out>${notes.map(text).join('\n')}</system-out>`]),
    '  </testsuite>',
  ];
}

function caseLines({ name, model, line, failures, details, type }: Case, file: string): string[] {
  const place = line === null ? {} : { line: String(line) };
  const head = `    <testcase ${attributes({ name, classname: model, file, ...place })}`;
  const [first] = failures;
  if (first === undefined) return [`${head}/>`];
  const body = [...failures, ...details].map(text).join('\n');
  return [
    `${head}>`,
    `      <failure ${attributes({ type, message: first })}>${body}</failure>`,
    '    </testcase>',
  ];
}

function counts(cases: readonly Case[]): string {
  const failed = cases.filter(({ failures }) => failures.length > 0).length;
  return `tests="${cases.length}" failures="${failed}" errors="0" skipped="0"`;
}

function attributes(values: { readonly [name: string]: string }): string {
  return Object.entries(values)
    .map(([name, value]) => `${name}="${text(value)}"`)
    .join(' ');
}

function text(value: string): string {
  return escaped(visible(value).replace(UNFIT, '\ufffd'));
}

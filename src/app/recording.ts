// Recording: a case for the tests of a model, made from what happened to one key, and added to its file where asked to.
import { createRule, writeRule } from '../adapters/files/rule-writing.js';
import { CodedError } from '../events/coded-error.js';
import type { Key, LogRecord } from '../events/event.js';
import { newTests, withCase } from '../model/test-writing.js';
import { parseModelTests } from '../model/tests.js';
import type { RefusedEvent } from '../pipeline/backtest/backtest.js';
import { namedKeys } from '../pipeline/record/attempt.js';
import { needsOf } from '../pipeline/record/needs.js';
import { recordCase, type RecordedCase } from '../pipeline/record/recorded-case.js';
import { RelatedKeys, Selection } from '../pipeline/record/selection.js';
import type { BacktestInput, InputRequest } from './backtest-input.js';
import { withInput } from './backtesting.js';
import { defaults } from './environment.js';
import { readNamedRules, type NamedRules } from './named-rules.js';

export interface RecordRequest extends InputRequest {
  /** A folder of rules; the one used by default where left out. */
  readonly rulesDir?: string | undefined;
  /** The id of the key, as events name it: of a subject, a device or a place, or the code of a region or an industry. */
  readonly subject: string;
  readonly model: string;
  /** What the case is called. */
  readonly name?: string | undefined;
  /** Whether it is added to the tests of the model. */
  readonly writes: boolean;
}

export interface RecordResult extends RecordedCase {
  /** The file of tests that it belongs into, as a person finds it. */
  readonly file: string;
  readonly refused: number;
}

/**
 * Makes the case. Events that are refused are counted and left out.
 * @throws CodedError USAGE, FILE_READ, FILE_WRITE, CASE_SCOPE, CASE_EMPTY, CASE_LIMIT, CASE_DIFFERS, CASE_FILE, and as
 *   reading a history does; InvalidFiles for faulty rules or tests
 */
export async function recordTest(request: RecordRequest): Promise<RecordResult> {
  const [set] = await readNamedRules([request.rulesDir ?? defaults().rules]);
  if (set === undefined) throw new CodedError('USAGE', 'There are no rules.');
  const rules = set.load();
  const needs = needsOf(request.model, rules, set.files);
  const path = `${request.model}.test.yaml`;
  const before = set.files.get(path);
  if (before !== undefined) checkTests(set, path, before);
  const own: Key = `${needs.scope}:${request.subject}`;
  const { zone } = rules.catalogue.calendar;
  let related: readonly Key[] = [];
  if (needs.related !== null) {
    if (request.files.includes('-'))
      throw new CodedError(
        'USAGE',
        'This model looks at several keys, so events are read twice; name a file.',
      );
    related = await withInput(request, zone, async (input) => {
      const keysFound = new RelatedKeys(needs, own, input.fromMs - needs.reachMs);
      await pass(input, (record) => keysFound.take(record));
      return keysFound.keys;
    });
  }
  const keys = namedKeys(own, related);
  return withInput(request, zone, async (input) => {
    const selection = new Selection(needs, new Set(keys.keys()));
    const refused = await pass(input, (record) => selection.take(record));
    const { records, lastAt } = selection;
    const endMs = input.toMs === Infinity ? lastAt : input.toMs;
    const recorded = recordCase(needs, { keys, records, fromMs: input.fromMs, endMs }, request.name);
    const after =
      before === undefined ? newTests(request.model, recorded.lines) : withCase(before, recorded.lines);
    checkAdded(path, after);
    if (request.writes && before === undefined) await createRule(set.dir, path, after);
    else if (request.writes) await writeRule(set.dir, path, before ?? '', after);
    return { ...recorded, file: set.shown(path), refused };
  });
}

/** @throws InvalidFiles where the tests that are there have errors */
function checkTests(set: NamedRules, path: string, text: string): void {
  const { tests, diagnostics } = parseModelTests(path, text);
  if (tests === null) throw set.invalid(diagnostics);
}

/** @throws CodedError CASE_FILE where the file with the case is more than a file of tests may be */
function checkAdded(path: string, text: string): void {
  const { tests, diagnostics } = parseModelTests(path, text);
  if (tests !== null) return;
  const fault = diagnostics.find(({ severity }) => severity === 'error');
  throw new CodedError('CASE_FILE', `${path}: ${fault?.code ?? ''}: ${fault?.message ?? ''}.`);
}

/** Hands over every record once. @returns how many events were refused */
async function pass(input: BacktestInput, take: (record: LogRecord) => void): Promise<number> {
  let refused = 0;
  const onRefused = (_event: RefusedEvent) => {
    refused += 1;
  };
  for await (const records of input.read({ onRefused })) for (const record of records) take(record);
  return refused;
}

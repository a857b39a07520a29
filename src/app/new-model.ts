// A new model with its tests: what its author answered is checked, tried by the engine, and written beside the others.
import { createRule, removeCreated } from '../adapters/files/rule-writing.js';
import type { Catalogue } from '../catalogue/catalogue.js';
import { CodedError } from '../events/coded-error.js';
import { STREAMS } from '../events/event.js';
import { DURATION_FORM, offsetText, parseDuration } from '../catalogue/duration.js';
import {
  draftModel,
  OFFERED_NAMES,
  offerOf,
  type Draft,
  type OfferedOperator,
} from '../model/editor/draft.js';
import { draftTests, trialCases, type Shown, type TrialCase } from '../model/editor/draft-tests.js';
import { MODEL_SCHEMA_FILE, TEST_SCHEMA_FILE } from '../model/editor/header.js';
import { schemaTexts } from '../model/editor/json-schema.js';
import { LEVELS, rank, type Level, type Model, type WarningLevel } from '../model/model.js';
import { MODEL_PATH } from '../model/load.js';
import { OPERATORS } from '../model/operators/operators.js';
import type { RuleSet } from '../model/ruleset.js';
import { parseNumber } from '../model/scalar.js';
import { SINGLE_SCOPES } from '../model/shape.js';
import { parseModelTests, TEST_ORIGIN_MS, testKeyId } from '../model/tests.js';
import { runModelTests, stepCase } from '../pipeline/model-test.js';
import { checkFiles, factsOf } from './checking.js';
import { readNamedRules, type NamedRules } from './named-rules.js';

/** What an author answered, as text; empty where nothing was. */
export interface NewModelAnswers {
  readonly name: string;
  readonly title: string;
  readonly item: string;
  readonly scope: string;
  readonly stream: string;
  readonly operator: string;
  readonly of: string;
  readonly where: string;
  readonly over: string;
  /** `yellow=3`, or `yellow` where the operator has no threshold. */
  readonly levels: readonly string[];
  readonly plan: string;
  readonly summary: string;
  readonly advise: string;
}

/** Answers of which some are left out. */
export type GivenAnswers = { readonly [key in keyof NewModelAnswers]?: NewModelAnswers[key] | undefined };

/** What is not given is empty, but for scope and operator. */
export function withDefaults(given: GivenAnswers): NewModelAnswers {
  const { name = '', title = '', item = '', scope = 'subject', stream = '', operator = 'count' } = given;
  const { of = '', where = '', over = '', levels = [], plan = '', summary = '', advise = '' } = given;
  return { name, title, item, scope, stream, operator, of, where, over, levels, plan, summary, advise };
}

export interface WrittenModel {
  /** The files that were written, as a person finds them. */
  readonly files: readonly string[];
  /** What the check has to say of them, as lines to read; no errors. */
  readonly warnings: readonly string[];
}

/** The rules to which a model is to be added. */
export class NewModelPlace {
  private constructor(
    private readonly named: NamedRules,
    readonly rules: RuleSet,
  ) {}

  /** @throws InvalidFiles where the rules have errors, CodedError where the folder cannot be read */
  static async at(dir?: string): Promise<NewModelPlace> {
    const [named] = await readNamedRules(dir === undefined ? [] : [dir]);
    if (named === undefined) throw new CodedError('RULES_FOLDER', dir ?? '');
    return new NewModelPlace(named, named.load());
  }

  get catalogue(): Catalogue {
    return this.rules.catalogue;
  }

  /** Why a name cannot be that of a new model; undefined where it can. */
  nameFault(name: string): string | undefined {
    if (!MODEL_PATH.test(`${name}.yaml`) || name.startsWith('catalogue/') || name.length > 200) {
      return `"${name}" is no name of a model; expected <domain>/<behaviour> in a-z, 0-9 and -, such as food/repeat-complaints`;
    }
    const there = [`${name}.yaml`, `${name}.test.yaml`].find((file) => this.named.files.has(file));
    return there === undefined
      ? undefined
      : `there is ${this.named.shown(there)} already; choose another name`;
  }

  /**
   * Writes the model and its tests.
   * @throws CodedError USAGE where an answer is wrong, FILE_WRITE and RULES_LINK where a file cannot be created;
   *   InvalidFiles where an expression is wrong. Then nothing is written.
   */
  async write(answers: NewModelAnswers): Promise<WrittenModel> {
    const nameFault = this.nameFault(answers.name);
    if (nameFault !== undefined) throw new CodedError('USAGE', nameFault);
    const draft = draftOf(answers, this.catalogue);
    const files = this.tried(draft);
    const all = new Map([...this.named.files, ...files]);
    const { diagnostics } = checkFiles(all, factsOf(all, {}, null));
    const own = diagnostics.filter(({ file }) => files.has(file));
    const set = this.named.with(all);
    if (own.some(({ severity }) => severity === 'error')) throw set.invalid(own);
    const written: string[] = [];
    try {
      for (const [path, text] of files) {
        await createRule(this.named.dir, path, text);
        written.push(path);
      }
    } catch (error) {
      for (const path of written) await removeCreated(this.named.dir, path);
      throw error;
    }
    const schemas = await this.writeSchemas();
    return {
      files: [...written, ...schemas].map((path) => this.named.shown(path)),
      warnings: own.map((diagnostic) => set.format(diagnostic)),
    };
  }

  /** The files of a draft, the tests with what the engine says. */
  private tried(draft: Draft): ReadonlyMap<string, string> {
    const text = draftModel(draft);
    if (text === null)
      throw new CodedError('USAGE', 'an expression cannot stand on one line in single quotes');
    const path = `${draft.name}.yaml`;
    const set = this.named.with(new Map([...this.named.files, [path, text]]));
    const rules = set.load();
    const model = rules.models.find(({ name }) => name === draft.name);
    if (model === undefined) throw new CodedError('USAGE', `${path} makes no model`);
    const words = new Map([...this.catalogue.lists].map(([name, values]) => [name, [...values]]));
    const cases = trialCases(draft, words);
    if (cases === null) {
      throw new CodedError(
        'USAGE',
        'the thresholds need more events than a window of this length takes in tests; choose lower ones, or a longer --over',
      );
    }
    const tests = draftTests(draft, cases, shownOf(draft, cases, rules, model));
    checkTests(draft, tests, rules);
    return new Map([
      [path, text],
      [`${draft.name}.test.yaml`, tests],
    ]);
  }

  /** The schemas that the files name, where the folder has none. */
  private async writeSchemas(): Promise<string[]> {
    const written: string[] = [];
    const texts = schemaTexts();
    for (const path of [MODEL_SCHEMA_FILE, TEST_SCHEMA_FILE] as const) {
      const isThere = await createRule(this.named.dir, path, texts[path]).then(
        () => false,
        () => true,
      );
      if (!isThere) written.push(path);
    }
    return written;
  }
}

/** What comes of each case, as its expectations. */
function shownOf(draft: Draft, cases: readonly TrialCase[], rules: RuleSet, model: Model): Shown[][] {
  const { tests, diagnostics } = parseModelTests(`${draft.name}.test.yaml`, draftTests(draft, cases, []));
  if (tests === null)
    throw new CodedError('USAGE', `no events could be made: ${diagnostics[0]?.message ?? ''}`);
  const alone: RuleSet = { ...rules, models: [model] };
  const { figure } = offerOf(draft.operator);
  return tests.cases.map((testCase) => {
    const { came, failures } = stepCase(testCase, alone, model);
    const [failure] = failures;
    if (failure !== undefined) throw new CodedError('USAGE', `no events could be made: ${failure.message}`);
    return came.map(({ transition: { clock, level, key, indicators } }) => ({
      at: offsetText(clock - TEST_ORIGIN_MS),
      level,
      key: key === testKeyId() ? null : key,
      figure: offerOf(draft.operator).threshold === 'duration' ? null : (indicators[figure] ?? null),
    }));
  });
}

/** The tests must pass, with a case that warns and one that does not, or the author is told what to change. */
function checkTests(draft: Draft, text: string, rules: RuleSet): void {
  const { tests } = parseModelTests(`${draft.name}.test.yaml`, text);
  const result = tests === null ? null : runModelTests(tests, rules);
  const failure = result?.cases.flatMap(({ failures }) => failures)[0];
  if (result === null || failure !== undefined) {
    throw new CodedError('USAGE', `the tests that were made do not pass: ${failure?.message ?? ''}`);
  }
  if (result.lacks.length === 0) return;
  const what = result.lacks.includes('warning') ? 'never warns' : 'always warns';
  throw new CodedError(
    'USAGE',
    `with the events that could be made of --where and --of the model ${what}; write them as simple comparisons of fields such as event.result == "fail", and see whether the thresholds can be reached`,
  );
}

function draftOf(answers: NewModelAnswers, catalogue: Catalogue): Draft {
  const operator = oneOf('--operator', answers.operator, OFFERED_NAMES);
  const { argument } = OPERATORS[operator];
  const takesExpression = argument.kind === 'expression';
  const mayBeAll = takesExpression && argument.all === true;
  if (takesExpression && !mayBeAll && answers.of === '') {
    throw new CodedError('USAGE', `--of is missing: ${operator} takes an expression, such as event.amount`);
  }
  if (!takesExpression && answers.of !== '') {
    throw new CodedError('USAGE', `--of has no meaning with ${operator}`);
  }
  const { plan } = answers;
  return {
    name: answers.name,
    title: text('--title', answers.title, 200),
    item: oneOf('--item', answers.item, [...catalogue.items.keys()]),
    scope: oneOf('--scope', answers.scope, SINGLE_SCOPES),
    stream: oneOf('--stream', answers.stream, STREAMS),
    operator,
    of: answers.of === '' ? null : answers.of,
    where: answers.where === '' ? null : answers.where,
    over: duration('--over', answers.over),
    levels: levelsOf(operator, answers.levels),
    plan: plan === '' ? null : oneOf('--plan', plan, [...catalogue.plans.keys()]),
    summary: answers.summary === '' ? null : text('--summary', answers.summary, 2000),
    advise: answers.advise === '' ? null : text('--advise', answers.advise, 2000),
  };
}

/** The levels, gravest first, each harder to reach than the lighter ones. */
function levelsOf(operator: OfferedOperator, given: readonly string[]): Draft['levels'] {
  if (given.length === 0) throw new CodedError('USAGE', '--level is missing: at least one, such as yellow=3');
  const names = LEVELS.filter((level): level is WarningLevel => level !== 'none');
  const levels = given.map((one) => {
    const [name = '', ...rest] = one.split('=');
    const level = oneOf('--level', name.trim(), names);
    return { level, threshold: thresholdOf(operator, level, rest.join('=').trim()) };
  });
  levels.sort((a, b) => rank(b.level) - rank(a.level));
  const falls = offerOf(operator).falls === true;
  levels.forEach(({ level, threshold }, index) => {
    const graver = levels[index - 1];
    if (graver === undefined) return;
    const more = sizeOf(graver.threshold) - sizeOf(threshold);
    if (graver.level !== level && (falls ? more < 0 : more > 0)) return;
    throw new CodedError('USAGE', `--level: ${graver.level} must be harder to reach than ${level}`);
  });
  return levels;
}

function sizeOf(threshold: string | null): number {
  return threshold === null ? 0 : (parseNumber(threshold) ?? parseDuration(threshold) ?? 0);
}

function thresholdOf(operator: OfferedOperator, level: Level, written: string): string | null {
  const wrong = (expected: string) =>
    new CodedError('USAGE', `--level ${level}: "${written}" does not fit ${operator}; expected ${expected}`);
  const value = parseNumber(written);
  switch (offerOf(operator).threshold) {
    case 'none':
      if (written === '') return null;
      throw wrong('the level alone');
    case 'whole':
      if (value !== null && Number.isInteger(value) && value >= 1) return written;
      throw wrong('a whole number above 0, such as 3');
    case 'part':
      if (value !== null && value > 0 && value <= 1) return written;
      throw wrong('a number above 0, at most 1, such as 0.5');
    case 'number':
      if (value !== null && value > 0) return written;
      throw wrong('a number above 0, such as 10000');
    case 'duration': {
      const spanMs = parseDuration(written);
      if (spanMs !== null && spanMs > 0 && spanMs % 3_600_000 === 0) return written;
      throw wrong('whole hours or days, such as 30d');
    }
  }
}

function oneOf<T extends string>(flag: string, given: string, among: readonly T[]): T {
  const found = among.find((one) => one === given);
  if (found !== undefined) return found;
  const shown = among.length > 40 ? `${among.slice(0, 40).join(', ')}, …` : among.join(', ');
  const message = given === '' ? `${flag} is missing` : `${flag}: there is no "${given}"`;
  throw new CodedError('USAGE', `${message}; expected one of ${shown}`);
}

function text(flag: string, given: string, max: number): string {
  const trimmed = given.trim();
  if (trimmed === '') throw new CodedError('USAGE', `${flag} is missing`);
  if (trimmed.length <= max && !/\p{Cc}/u.test(trimmed)) return trimmed;
  throw new CodedError('USAGE', `${flag}: expected one line of at most ${max} characters`);
}

function duration(flag: string, given: string): string {
  const spanMs = parseDuration(given);
  if (spanMs !== null && spanMs > 0) return given;
  const message = given === '' ? `${flag} is missing` : `${flag}: "${given}" does not fit here`;
  throw new CodedError('USAGE', `${message}; expected ${DURATION_FORM}`);
}

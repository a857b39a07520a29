// Tests that run again when files change: those alone that a change can touch, once nothing more changes for a moment.
import { realpath } from 'node:fs/promises';
import { relative, sep } from 'node:path';
import { watchFolders } from '../adapters/files/rule-watching.js';
import { CodedError } from '../events/coded-error.js';
import { ROUTE_TESTS } from '../model/route-tests.js';
import type { RuleSet } from '../model/ruleset.js';
import { withSources } from '../pipeline/model-test.js';
import { partOf, testSet, type TestedRules, type TestRequest } from './model-testing.js';
import { readNamedRules } from './named-rules.js';

/** What tells of changed files; the real one watches folders. */
export type ChangeSource = typeof watchFolders;

/** What came of a run. */
export type WatchedRun =
  | {
      readonly kind: 'tested';
      /** What ran. */
      readonly ran: readonly TestedRules[];
      /** That, and what still holds of earlier runs. */
      readonly all: readonly TestedRules[];
    }
  /** Rules or tests have errors, or cannot be read; what had changed runs with the next change. */
  | { readonly kind: 'failed'; readonly error: CodedError };

export interface WatchOptions extends TestRequest {
  readonly paths: readonly string[];
  readonly changes?: ChangeSource | undefined;
  /** Resolves a moment later: for so long nothing may change before tests run. */
  readonly settle: () => Promise<void>;
  /** Hears of each run, with the files that had changed; none at the beginning. */
  readonly onRun: (run: WatchedRun, changed: readonly string[]) => void | Promise<void>;
  /** Resolves when it is to end. */
  readonly ended: Promise<void>;
}

/** After so many changes in a row tests run, though files go on changing. */
const SETTLES_MAX = 50;
const TESTS = '.test.yaml';
const MODEL = '.yaml';

/**
 * Runs the tests, and again after each change, until it is ended.
 * @throws CodedError FILE_READ, RULES_FOLDER where the paths are none, or can no longer be watched
 */
export async function watchTests(options: WatchOptions): Promise<void> {
  const { paths, settle, onRun, changes = watchFolders } = options;
  const dirs: string[] = [];
  for (const { dir } of await readNamedRules(paths)) dirs.push(await realpath(dir));
  const waiting = new Waiting(options.ended);
  const watching = await changes(
    dirs,
    (path) => waiting.add(path),
    (error) => waiting.fail(error),
  );
  try {
    const rounds = new Rounds(options, dirs);
    await onRun(await rounds.run([]), []);
    while (await waiting.forChange(settle)) {
      const changed = waiting.take();
      await onRun(await rounds.run(changed), changed);
    }
  } finally {
    await watching.close();
  }
}

/** Files that changed and wait for their run. */
class Waiting {
  private changed = new Set<string>();
  private count = 0;
  private isEnded = false;
  private failure: CodedError | null = null;
  private wake: () => void = () => undefined;

  constructor(ended: Promise<void>) {
    void ended.then(() => {
      this.isEnded = true;
      this.wake();
    });
  }

  add(path: string): void {
    this.changed.add(path);
    this.count += 1;
    this.wake();
  }

  fail(error: CodedError): void {
    this.failure = error;
    this.wake();
  }

  take(): string[] {
    const taken = [...this.changed].sort();
    this.changed = new Set();
    return taken;
  }

  /** Waits for a change, and until there is none for a moment. @returns false where it is ended instead */
  async forChange(settle: () => Promise<void>): Promise<boolean> {
    while (this.changed.size === 0 && !this.isEnded && this.failure === null) {
      await new Promise<void>((done) => (this.wake = done));
    }
    for (let round = 0; round < SETTLES_MAX && !this.isEnded; round += 1) {
      const before = this.count;
      await settle();
      if (this.count === before) break;
    }
    if (this.failure !== null) throw this.failure;
    return !this.isEnded;
  }
}

/** One run after the other, each building on what the last one left. */
class Rounds {
  /** By the folder of the set. */
  private readonly tested = new Map<string, TestedRules>();
  private readonly rules = new Map<string, RuleSet>();
  /** What changed since the last run that came to an end. */
  private changed: string[] = [];

  constructor(
    private readonly options: WatchOptions,
    private readonly dirs: readonly string[],
  ) {}

  async run(changed: readonly string[]): Promise<WatchedRun> {
    this.changed.push(...changed);
    try {
      const named = await readNamedRules(this.options.paths);
      const loaded = named.map((set) => ({ set, rules: set.load() }));
      const runs = loaded.map(({ set, rules }, index) => {
        const isDue = this.dueIn(set.dir, this.dirs[index] ?? set.dir, rules);
        const tested = this.tested.get(set.dir);
        const all = testSet(set, rules, this.options, tested === undefined ? undefined : { tested, isDue });
        return { dir: set.dir, rules, all, ran: partOf(all, isDue) };
      });
      for (const { dir, rules, all } of runs) {
        this.tested.set(dir, all);
        this.rules.set(dir, rules);
      }
      this.changed = [];
      return { kind: 'tested', ran: runs.map(({ ran }) => ran), all: runs.map(({ all }) => all) };
    } catch (error) {
      if (!(error instanceof CodedError)) throw error;
      return { kind: 'failed', error };
    }
  }

  /** Which models the changes can touch. @param real the folder as changes name it */
  private dueIn(dir: string, real: string, rules: RuleSet): (model: string) => boolean {
    const before = this.rules.get(dir);
    if (before === undefined) return () => true;
    const paths = this.changed.map((path) => relative(real, path).split(sep).join('/'));
    const due = new Set<string>();
    for (const path of paths.filter((one) => !one.startsWith('../'))) {
      if (path.startsWith('catalogue/') && path !== ROUTE_TESTS) return () => true;
      if (path.endsWith(TESTS)) due.add(path.slice(0, -TESTS.length));
      else for (const name of readersOf(path.slice(0, -MODEL.length), [before, rules])) due.add(name);
    }
    return (model) => due.has(model);
  }
}

/** A model, and all that hear of its warnings, under the rules from before or now. */
function readersOf(name: string, sets: readonly RuleSet[]): ReadonlySet<string> {
  const readers = new Set([name]);
  for (const rules of sets) {
    for (const model of rules.models) {
      if (withSources(model, rules).models.some((one) => one.name === name)) readers.add(model.name);
    }
  }
  return readers;
}

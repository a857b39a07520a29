// Rule sets by the paths that a person types: a whole set, a folder in one, or single files.
import { stat } from 'node:fs/promises';
import { dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { readRules } from '../adapters/files/rules.js';
import { CodedError } from '../events/coded-error.js';
import type { Diagnostic } from '../model/diagnostic.js';
import { formatDiagnostic } from '../model/format-diagnostic.js';
import { loadRules } from '../model/load.js';
import type { RuleSet } from '../model/ruleset.js';
import { defaults } from './environment.js';
import { InvalidFiles } from './invalid-files.js';
import { localToday, zoneOf } from './local-time.js';

/** A set that runs, and what a person should know of it, as lines to read. */
export interface LoadedRules {
  readonly rules: RuleSet;
  /** The texts that it was loaded from, by path. */
  readonly files: ReadonlyMap<string, string>;
  readonly warnings: readonly string[];
}

/** The only set at a path, as it stands today. @throws InvalidFiles where it has errors */
export async function loadRulesAt(path: string): Promise<LoadedRules> {
  const { dir } = await locate(path);
  return new NamedRules(dir, await readRules(dir), new Set()).loadToday();
}

/** One rule set, read, and which of its files were named. Files go by their path in the set, with `/`. */
export class NamedRules {
  constructor(
    readonly dir: string,
    readonly files: ReadonlyMap<string, string>,
    private readonly named: ReadonlySet<string>,
  ) {}

  /** Whether a file was named, or a folder above it. */
  wants(file: string): boolean {
    if (this.named.has('') || this.named.has(file)) return true;
    for (let end = file.lastIndexOf('/'); end > 0; end = file.lastIndexOf('/', end - 1)) {
      if (this.named.has(file.slice(0, end))) return true;
    }
    return false;
  }

  /** The same place with other files. */
  with(files: ReadonlyMap<string, string>): NamedRules {
    return new NamedRules(this.dir, files, this.named);
  }

  /** The path as the person finds it from the current folder. */
  shown(file: string): string {
    return shownPath(join(this.dir, file));
  }

  asShown(diagnostic: Diagnostic): Diagnostic {
    return { ...diagnostic, file: this.shown(diagnostic.file) };
  }

  /** A diagnostic of this set with its line and a caret. */
  format(diagnostic: Diagnostic): string {
    return formatDiagnostic(this.asShown(diagnostic), this.files.get(diagnostic.file) ?? '');
  }

  /** A diagnostic of a file that is no part of the set, of which no line is shown. */
  formatElsewhere(diagnostic: Diagnostic): string {
    return formatDiagnostic(diagnostic, '');
  }

  /** The set, whatever of it was named. @throws InvalidFiles where it has errors */
  load(): RuleSet {
    const { rules, diagnostics } = loadRules(this.files);
    if (rules === null) throw this.invalid(diagnostics);
    return rules;
  }

  /** As `load`, with what is to be noticed of it today, such as legal bases that are no longer in force. */
  loadToday(): LoadedRules {
    const { rules, diagnostics } = loadRules(this.files, localToday(zoneOf(this.files)));
    if (rules === null) throw this.invalid(diagnostics);
    const warnings = diagnostics.map((diagnostic) => this.format(diagnostic));
    return { rules, files: this.files, warnings };
  }

  invalid(diagnostics: readonly Diagnostic[]): InvalidFiles {
    const texts = new Map([...this.files].map(([file, text]) => [this.shown(file), text]));
    return new InvalidFiles(
      diagnostics.map((diagnostic) => this.asShown(diagnostic)),
      (file) => texts.get(file) ?? '',
    );
  }
}

/**
 * Reads the sets that paths belong to, in the order of first mention; without paths the one that is used by default.
 * A set is the nearest folder, at the path or above it, that has a folder `catalogue`.
 * @throws CodedError FILE_READ, RULES_FOLDER and what reading the set throws
 */
export async function readNamedRules(paths: readonly string[]): Promise<NamedRules[]> {
  const sets = new Map<string, Set<string>>();
  for (const path of paths.length === 0 ? [defaults().rules] : paths) {
    const { dir, named } = await locate(path);
    sets.set(dir, (sets.get(dir) ?? new Set()).add(named));
  }
  const read: NamedRules[] = [];
  for (const [dir, named] of sets) {
    const rules = new NamedRules(dir, await readRules(dir), named);
    for (const file of named) {
      if (
        file === '' ||
        [...rules.files.keys()].some((known) => known === file || known.startsWith(`${file}/`))
      )
        continue;
      throw new CodedError('FILE_READ', `${rules.shown(file)}: expected a *.yaml file of a rule set.`);
    }
    read.push(rules);
  }
  return read;
}

async function locate(path: string): Promise<{ readonly dir: string; readonly named: string }> {
  const whole = resolve(path);
  const found = await stat(whole).catch(() => null);
  if (found === null) throw new CodedError('FILE_READ', `${path}: there is no such file or folder.`);
  const start = found.isDirectory() ? whole : dirname(whole);
  for (let dir = start; ; dir = dirname(dir)) {
    if (await isFolder(join(dir, 'catalogue'))) {
      return { dir, named: relative(dir, whole).split(sep).join('/') };
    }
    if (dir === dirname(dir)) break;
  }
  // A folder without a catalogue is checked all the same: the first thing it is told is what it lacks.
  if (found.isDirectory()) return { dir: whole, named: '' };
  throw new CodedError('RULES_FOLDER', `${path} belongs to no rule set: no folder above it has catalogue/.`);
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

function shownPath(path: string): string {
  const fromHere = relative(process.cwd(), path);
  if (fromHere === '') return '.';
  return fromHere.startsWith('..') || isAbsolute(fromHere) ? path : fromHere;
}

// The sets of rules that a data folder has run: the log names them by hash, so they are kept as long as it is.
import { manifestDigest, manifestOf } from '../evidence/manifest.js';
import { hashOf } from '../model/identity.js';
import { loadRules } from '../model/load.js';
import type { RuleSet } from '../model/ruleset.js';
import type { NamedValues } from '../ports/values.js';

export class StoredRules {
  private readonly loaded = new Map<string, RuleSet>();
  private readonly digests = new Map<string, string>();

  constructor(private readonly values: NamedValues) {}

  /**
   * Keeps a set before the log names it.
   * @param files the texts that it was loaded from, by path
   */
  async keep(rules: RuleSet, files: ReadonlyMap<string, string>): Promise<void> {
    this.loaded.set(rules.revision, rules);
    if ((await this.values.get(nameOf(rules.revision))) !== undefined) return;
    const kept = [...files].filter(([path]) => !path.endsWith('.test.yaml'));
    await this.values.put(nameOf(rules.revision), Buffer.from(JSON.stringify(Object.fromEntries(kept))));
  }

  /** The set of a revision; undefined where it was never kept, or this build does not take it any more. */
  async load(revision: string): Promise<RuleSet | undefined> {
    const known = this.loaded.get(revision);
    if (known !== undefined) return known;
    const files = await this.files(revision);
    if (files === undefined) return undefined;
    const { rules } = loadRules(files);
    if (rules === null || rules.revision !== revision) return undefined;
    this.loaded.set(revision, rules);
    return rules;
  }

  /** The texts of a revision, by path, as they were when it first ran here. */
  async files(revision: string): Promise<ReadonlyMap<string, string> | undefined> {
    const stored = await this.values.get(nameOf(revision));
    if (stored === undefined) return undefined;
    return new Map(
      Object.entries(JSON.parse(Buffer.from(stored).toString('utf8')) as { [path: string]: string }),
    );
  }

  /** The digest of the list of a revision's files, as seals name it. */
  async manifestDigest(revision: string): Promise<string | undefined> {
    const known = this.digests.get(revision);
    if (known !== undefined) return known;
    const files = await this.files(revision);
    if (files === undefined) return undefined;
    const digest = manifestDigest(manifestOf(files));
    this.digests.set(revision, digest);
    return digest;
  }
}

/** Revisions come from a log, so the name is made of nothing but a hash. */
function nameOf(revision: string): string {
  return `rules/${/^[0-9a-f]{16}$/.test(revision) ? revision : hashOf(revision)}`;
}

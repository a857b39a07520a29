// What the cases of a model's tests took of it: branches of its levels, and lines of its score.
import { scoreOf } from '../engine/score.js';
import { branchesOf, type Branch } from '../model/branches.js';
import type { EvaluationScope } from '../model/expression/expression.js';
import type { Level, Model } from '../model/model.js';
import type { RuleSet } from '../model/ruleset.js';

/** How much of something was reached, out of all of it. */
export interface Reached {
  readonly reached: number;
  readonly all: number;
}

/** What the tests of a model reach of it. */
export interface ModelCoverage {
  readonly levels: Reached;
  /** Operands of `||` and arms of `? :`, those of levels that were not reached among them. */
  readonly branches: Reached;
  /** Lines of the score that contributed something. */
  readonly score: Reached;
  /** Of all three together, 0 to 100, rounded down to a tenth; 100 where there is nothing to reach. */
  readonly percent: number;
  /** What was not reached, as a person reads it. */
  readonly unreached: readonly string[];
}

export class Coverage {
  private readonly left: Set<Branch>;
  private readonly lines: Set<string>;
  private readonly branchCount: number;

  constructor(
    private readonly model: Model,
    { catalogue }: RuleSet,
  ) {
    this.left = new Set(branchesOf(model, catalogue));
    this.branchCount = this.left.size;
    this.lines = new Set(model.score?.lines.map(({ name }) => name));
  }

  /** Takes note of an evaluation, of whatever model. */
  look(watched: Model, scope: EvaluationScope): void {
    if (watched !== this.model) return;
    for (const branch of this.left) if (branch.isTaken(scope)) this.left.delete(branch);
    if (this.model.score === null || this.lines.size === 0) return;
    for (const { name, contribution } of scoreOf(this.model.score, scope).lines) {
      if (typeof contribution === 'number' && contribution > 0) this.lines.delete(name);
    }
  }

  /** How much the evaluations took. @param reached the levels that were */
  counts(reached: ReadonlySet<Level>): ModelCoverage {
    const { levels, score } = this.model;
    const unreached = levels.map(({ level }) => level).filter((level) => !reached.has(level));
    const lineCount = score?.lines.length ?? 0;
    const parts = {
      levels: { reached: levels.length - unreached.length, all: levels.length },
      branches: { reached: this.branchCount - this.left.size, all: this.branchCount },
      score: { reached: lineCount - this.lines.size, all: lineCount },
    };
    return {
      ...parts,
      percent: percentOf(Object.values(parts)),
      unreached: [
        ...unreached.map((level) => `level ${level}`),
        ...[...this.left].map(({ level, text }) => `branch ${level}: ${text}`),
        ...[...this.lines].map((name) => `score line ${name}`),
      ],
    };
  }

  /** What no evaluation took, as a person reads it. @param reached the levels that were; of others nothing is said */
  untaken(reached: ReadonlySet<Level>): string[] {
    const branches = [...this.left].filter(({ level }) => reached.has(level));
    return [
      ...branches.map(({ level, text }) => `${level}: ${text}`),
      ...[...this.lines].map((name) => `score: ${name}`),
    ];
  }
}

function percentOf(parts: readonly Reached[]): number {
  const reached = parts.reduce((sum, part) => sum + part.reached, 0);
  const all = parts.reduce((sum, part) => sum + part.all, 0);
  return all === 0 ? 100 : Math.floor((1_000 * reached) / all) / 10;
}

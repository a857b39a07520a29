// What the cases of a model's tests took of it: branches of its levels, and lines of its score.
import { scoreOf } from '../engine/score.js';
import { branchesOf, type Branch } from '../model/branches.js';
import type { EvaluationScope } from '../model/expression/expression.js';
import type { Level, Model } from '../model/model.js';
import type { RuleSet } from '../model/ruleset.js';

export class Coverage {
  private readonly left: Set<Branch>;
  private readonly lines: Set<string>;

  constructor(
    private readonly model: Model,
    { catalogue }: RuleSet,
  ) {
    this.left = new Set(branchesOf(model, catalogue));
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

  /** What no evaluation took, as a person reads it. @param reached the levels that were; of others nothing is said */
  untaken(reached: ReadonlySet<Level>): string[] {
    const branches = [...this.left].filter(({ level }) => reached.has(level));
    return [
      ...branches.map(({ level, text }) => `${level}: ${text}`),
      ...[...this.lines].map((name) => `score: ${name}`),
    ];
  }
}

// Where what a replay says lies in the warehouse: under its name and run, beside the real warnings and never among them.
import type { Transition } from '../../engine/output.js';
import { CodedError } from '../../events/coded-error.js';
import type { RuleSet } from '../../model/ruleset.js';
import type { Row, Warehouse } from '../../ports/warehouse.js';
import { transitionRows } from '../transition-row.js';
import type { ReplaySummary } from './replay.js';

const NAME = /^[a-z0-9][a-z0-9-]{0,63}$/;
const BLOCK_ROWS = 10_000;

/** @throws CodedError USAGE for a name that is none */
export function checkReplayName(name: string): void {
  if (!NAME.test(name)) {
    const form = 'small letters, digits and hyphens, 1 to 64';
    throw new CodedError('USAGE', `--name ${JSON.stringify(name)} is none; a name has ${form}.`);
  }
}

/** Takes the transitions of one run. Nobody sees them before the run is finished. */
export class ShadowTable {
  private readonly rowOf: (transition: Transition) => Row;
  private waiting: Row[] = [];
  private blocks = 0;

  /** @param run of letters, digits and hyphens; no other has it */
  constructor(
    private readonly warehouse: Pick<Warehouse, 'insert'>,
    rules: RuleSet,
    private readonly name: string,
    private readonly run: string,
  ) {
    checkReplayName(name);
    this.rowOf = transitionRows(rules);
  }

  async take(transitions: readonly Transition[]): Promise<void> {
    const { name: replay, run } = this;
    for (const transition of transitions)
      this.waiting.push({ partition: 0, replay, run, ...this.rowOf(transition) });
    while (this.waiting.length >= BLOCK_ROWS) await this.write(this.waiting.splice(0, BLOCK_ROWS));
  }

  /** Writes what is left, and that the run came to its end: from now on it is the one that its name means. */
  async finish(summary: ReplaySummary, now: number): Promise<void> {
    if (this.waiting.length > 0) await this.write(this.waiting.splice(0));
    const { revision, from, to, transitions } = summary;
    const row = {
      ...{ partition: 0, replay: this.name, run: this.run, revision, transitions },
      ...{ span_from: from, span_to: to, finished: now, summary: JSON.stringify(summary) },
    };
    await this.warehouse.insert('shadow_replays', `shadow-replays/${this.name}/${this.run}`, [row]);
  }

  private async write(rows: readonly Row[]): Promise<void> {
    const token = `shadow-warnings/${this.name}/${this.run}/${this.blocks++}`;
    await this.warehouse.insert('shadow_warnings', token, rows);
  }
}

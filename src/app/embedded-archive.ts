// The archive of a process in all roles: a loop of its own beside the pipeline, which outlives a warehouse that fails.
import { CodedError } from '../events/coded-error.js';
import type { Log as Logger } from './log.js';
import { Pump } from './pump.js';
import { Reached } from './readiness.js';
import type { Rounds } from './rounds.js';
import { openWarehouseStage, type WarehouseStage, type WarehouseStageOptions } from './warehouse.js';
import { within } from './within.js';

const IDLE_MS = 1_000;
/** A warehouse that does not answer for so long is not waited for. */
const STALLED_MS = 2_000;

export class EmbeddedArchive {
  /** Null where there is no warehouse, or it could not be opened. */
  stage: WarehouseStage | null = null;
  private pump: Pump | null = null;
  private hasFailed = false;
  private readonly reached = new Reached(async () => this.stage?.warehouse.ready() ?? false);

  constructor(
    private readonly log: Logger,
    private readonly rounds: Rounds,
  ) {}

  /** Opens the warehouse; what could not be opened is left out until the next start. */
  async open(options: WarehouseStageOptions): Promise<void> {
    const { log } = this;
    try {
      this.stage = await openWarehouseStage(options);
    } catch (error) {
      // Nothing but the queries needs the warehouse; it is filled from the logs once it can be opened again.
      if (!(error instanceof CodedError) || error.code === 'HTTP_LISTEN') throw error;
      this.hasFailed = error.code !== 'WAREHOUSE_UNAVAILABLE';
      log.warn({ code: error.code }, error.message);
      return;
    }
    const { stage } = this;
    this.pump = new Pump({
      round: this.rounds.timed('archive', () => stage.run()),
      reopen: () => stage.reopen(),
      idleMs: IDLE_MS,
      onFailure: (error, retryInMs) => log.failure('warehouse', error, retryInMs),
    });
  }

  start(): void {
    this.pump?.start();
  }

  /** Whether the warehouse answers; null where none is to be waited for. */
  async answers(): Promise<boolean | null> {
    return this.stage === null && !this.hasFailed ? null : this.reached.answers();
  }

  /** How many records of each log wait for it. */
  async waiting(): ReturnType<WarehouseStage['waiting']> {
    return this.stage?.waiting() ?? [];
  }

  async drained(): Promise<void> {
    await this.pump?.drained();
  }

  /** Does something while it rests between two blocks. */
  whileResting<T>(work: () => Promise<T>): Promise<T> {
    return this.pump === null ? work() : this.pump.between(work);
  }

  /** Begins nothing more; a block that is cut off is inserted again at the next start, so a stall need not be waited for. */
  async interrupt(): Promise<void> {
    if (this.pump !== null) await within(STALLED_MS, this.pump.stop(), undefined);
  }

  async stop(): Promise<void> {
    await this.stage?.stop();
  }
}

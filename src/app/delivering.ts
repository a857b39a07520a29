// The deliver stage at work: a loop of its own, so that no receiver holds up what is decided.
import { randomUUID } from 'node:crypto';
import type { Probe } from '../pipeline/checkpoint.js';
import { Deliver } from '../pipeline/deliver/deliver.js';
import type { Channel } from '../ports/channel.js';
import type { Logs } from '../ports/log.js';
import type { StateStore } from '../ports/state.js';
import type { Log as Logger } from './log.js';
import { Pump } from './pump.js';
import type { Rounds } from './rounds.js';
import { within } from './within.js';

/** The ways to departments besides the inbox files, which are always there. */
export interface Channels {
  readonly list: readonly Channel[];
  /** Where a person finds a warning; null where there is no such place. */
  readonly link: (warning: string) => string | null;
}

export const NO_CHANNELS: Channels = { list: [], link: () => null };

export interface DeliveringOptions {
  readonly logs: Logs;
  readonly state: StateStore;
  readonly inbox: Channel;
  readonly channels: Channels;
  readonly zone: string;
  readonly now: () => number;
  readonly log: Logger;
  readonly probe: Probe;
  readonly batch: number;
  readonly rounds: Rounds;
  /** Hears that results were written to the inbox. */
  readonly onResults: () => void;
}

const IDLE_MS = 1_000;
/** Sends under way when the system stops are waited for so long. */
const LAST_SENDS_MS = 4_000;

export class Delivering {
  readonly deliver: Deliver;
  private readonly pump: Pump;

  constructor(private readonly options: DeliveringOptions) {
    const { channels, inbox, log, onResults, rounds, ...rest } = options;
    this.deliver = new Deliver({
      ...rest,
      channels: new Map([inbox, ...channels.list].map((channel) => [channel.name, channel])),
      link: channels.link,
      nonce: randomUUID,
      random: Math.random,
      onEnded: () => this.wake(),
    });
    const step = rounds.timed('deliver', () => this.deliver.run());
    this.pump = new Pump({
      round: () => this.round(step, onResults),
      reopen: () => this.deliver.open(),
      idleMs: IDLE_MS,
      onFailure: (error, retryInMs) => log.failure('deliver', error, retryInMs),
    });
  }

  get failing(): boolean {
    return this.pump.failing;
  }

  async open(): Promise<void> {
    await this.deliver.open();
  }

  start(): void {
    this.pump.start();
  }

  /** There may be deliveries to read. */
  wake(): void {
    this.pump.wake.call();
  }

  /** Resolves once all that could be attempted was, with its result; what must wait for another attempt waits. */
  async drained(): Promise<void> {
    await this.pump.drained();
  }

  /** Begins nothing more. */
  async interrupt(): Promise<void> {
    await this.pump.stop();
  }

  /** Waits a little for sends under way, records what came of them, and closes the channels. */
  async stop(): Promise<void> {
    await within(LAST_SENDS_MS, this.deliver.settled(), undefined);
    try {
      await this.deliver.close();
    } catch (error) {
      // What is not recorded is in doubt at the next start.
      this.options.log.failure('deliver', error, 0);
    }
    for (const channel of [this.options.inbox, ...this.options.channels.list]) await channel.close();
  }

  private async round(step: () => Promise<number>, onResults: () => void): Promise<number> {
    const done = await step();
    if (done > 0) onResults();
    if (done > 0 || this.deliver.sending === 0) return done;
    // A send under way is something to do: what is drained is delivered.
    await this.pump.wake.wait(IDLE_MS);
    return 1;
  }
}

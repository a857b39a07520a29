// Where the program runs, in one mode or the other: a scenario says what it does, and is the same for both.
import { afterAll, describe } from 'vitest';
import { chdbRuns } from '../support/warehouse.js';
import { kafkaRuns } from '../support/servers/kafka.js';
import { redisRuns } from '../support/servers/redis.js';
import type { Left } from './embedded.js';
import { embeddedSites } from './embedded-site.js';
import { cleanUp, type Running } from './program.js';
import { serverSites } from './server-site.js';

/** A place with nothing in it at first, on which the program runs and runs again, one process at a time. */
export interface Site {
  /** What stays on this machine: keys, tokens, inbox files. */
  readonly folder: string;
  /** Starts the program. */
  start(options?: readonly string[], environment?: Record<string, string>): Running;
  /** Starts it and waits until it takes events. */
  serve(options?: readonly string[], environment?: Record<string, string>): Promise<Served>;
  /** The process that keeps the warehouse; the site has one where it was opened with one. @param running the program */
  warehouse(running: Running): number;
  /** Whether that process goes on when the program has ended. */
  readonly outlives: boolean;
  /** What stands in a table once all is archived; the program does not run meanwhile, or runs for this alone. */
  archived(table: keyof Left['tables'], rows: number): Promise<readonly object[]>;
}

export interface Served {
  readonly running: Running;
  readonly url: string;
}

export interface SiteOptions {
  /** Whether a scenario looks at the warehouse; without, embedded mode has none. */
  readonly warehouse?: boolean;
}

/** Places of one mode, on servers that they share. */
export interface Sites {
  open(options?: SiteOptions): Promise<Site>;
  /** Ends all that runs there, and removes it. */
  close(): Promise<void>;
}

export interface Mode {
  readonly name: 'embedded' | 'on servers';
  readonly sites: () => Sites;
}

const EMBEDDED: Mode = { name: 'embedded', sites: embeddedSites };
const ON_SERVERS: Mode = { name: 'on servers', sites: serverSites };

/** The modes that can run here; what is missing is written out, and under CI=true is a failure. */
export const MODES: readonly Mode[] = [
  EMBEDDED,
  ...((await kafkaRuns()) && (await redisRuns()) && (await chdbRuns()) ? [ON_SERVERS] : []),
];

/** The first scenario of a file starts the servers, and a process that was killed is missed after 12 s. */
const TIMEOUT_MS = 180_000;

/** Describes the same in every mode. @param scenarios gets what opens a new site of the mode */
export function inEveryMode(
  title: string,
  scenarios: (open: (options?: SiteOptions) => Promise<Site>) => void,
): void {
  describe.each(MODES)(`${title}, $name`, { timeout: TIMEOUT_MS }, ({ sites }) => {
    const all = sites();
    scenarios((options) => all.open(options));
    afterAll(async () => {
      await cleanUp([]);
      await all.close();
    });
  });
}

/** Starts the program and waits for its address. */
export async function served(running: Running): Promise<Served> {
  const [, url = ''] = await running.printed(/serving: (https?:\/\/[\w.:-]+)/);
  return { running, url };
}

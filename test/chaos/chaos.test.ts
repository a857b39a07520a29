// A bounded run of the chaos: what is said under faults of every sort is what one undisturbed run says.
import { expect, it } from 'vitest';
import { kafkaRuns } from '../support/servers/kafka.js';
import { redisRuns } from '../support/servers/redis.js';
import { chdbRuns } from '../support/warehouse.js';
import { FAULTS } from './faults.js';
import { differences } from './report.js';
import { runChaos } from './run.js';

const runs = (await kafkaRuns()) && (await redisRuns()) && (await chdbRuns());
const SEED = 3;
const MINUTE_MS = 60_000;
/** Those that last longer than the whole run may. */
const BRIEF = FAULTS.filter(({ kind }) => !/retries exhausted|for a minute/.test(kind));

it.runIf(runs)(
  'loses nothing and says nothing twice under faults of processes, servers and networks',
  async () => {
    const said: string[] = [];
    const outcome = await runChaos({
      seed: SEED,
      faults: 12,
      limitMs: 0.75 * MINUTE_MS,
      of: BRIEF,
      last: FAULTS.filter(({ kind }) => kind.startsWith('redis: emptied')),
      say: (line) => said.push(line),
    });
    expect(outcome.expected.transitions.length, said.join('\n')).toBeGreaterThan(20);
    expect(differences(outcome), said.join('\n')).toEqual([]);
    expect(outcome.endings.filter(({ wasReady }) => wasReady)).toEqual([]);
  },
  10 * MINUTE_MS,
);

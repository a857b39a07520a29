// `npm run chaos -- --faults N --seed S --minutes M`: faults by real means, a table of recoveries, and a judgement.
import { parseArgs } from 'node:util';
import type { Transition } from '../../src/engine/output.js';
import { differences, faultTable } from './report.js';
import { runChaos } from './run.js';

const USAGE =
  'npm run chaos -- [--faults <how many, 200>] [--seed <number, 1>] [--minutes <at the most, 25>]';

function whole(name: string, text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= 1) return value;
  throw new Error(`--${name} ${text} is no whole number of 1 or more.`);
}

function requested() {
  const options = {
    faults: { type: 'string', default: '200' },
    seed: { type: 'string', default: '1' },
    minutes: { type: 'string', default: '25' },
  } as const;
  const { values } = parseArgs({ options });
  const limitMs = whole('minutes', values.minutes) * 60_000;
  return { faults: whole('faults', values.faults), seed: whole('seed', values.seed), limitMs };
}

async function main(): Promise<number> {
  let request: ReturnType<typeof requested>;
  try {
    request = requested();
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n${USAGE}\n`);
    return 2;
  }
  const say = (line: string) => void process.stdout.write(`${new Date().toISOString()} ${line}\n`);
  const outcome = await runChaos({ ...request, say });
  const { expected, endings, happened } = outcome;
  say(faultTable(happened).join('\n').replace(/^/, '\n'));
  const failed = endings.filter(({ wasReady }) => wasReady);
  for (const { name, code, output } of failed) say(`${name} ended by itself with ${code}:\n${output}`);
  say(`ends before the roles were taken up, where a server was away: ${endings.length - failed.length}`);
  const { transitions, deliveries, rows } = expected;
  const revisions = transitions.map((text) => (JSON.parse(text) as Transition).revision);
  say(
    `rules changed ${revisions.filter((one, index) => index > 0 && one !== revisions[index - 1]).length} times`,
  );
  say(`${rows['events']?.total} events, ${transitions.length} transitions, ${deliveries.length} deliveries`);
  const wrong = differences(outcome);
  say(wrong.length === 0 ? 'zero lost, zero twice' : `FAILED\n${wrong.join('\n')}`);
  return wrong.length + failed.length === 0 ? 0 : 1;
}

process.exitCode = await main();

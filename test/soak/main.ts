// npm run soak: the embedded program with the whole rule library under a steady stream of events, watched from outside.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { launch } from '../acceptance/program.js';
import { feed, type Fed } from './feed.js';
import { verdictLines, verdictOf, type Sample, type SeenAlert, type Soak } from './verdict.js';
import { watchInboxes, watchProgram } from './watch.js';

const USAGE = `npm run soak [-- options]
  --minutes N    how long it is judged (10)
  --warm-up N    minutes of the same before (10): until then windows fill that all readings join
  --rate N       events a second (2000)
  --subjects N   subjects of the county that sends them (50000)
  --devices N    gas alarms of it; at 2000 events a second each of so many reports about every half minute (50000)
  --json         one JSON object on standard output`;
/** What was sent last is waited for so long. */
const REST_MS = 5_000;

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    'warm-up': { type: 'string', default: '10' },
    rate: { type: 'string', default: '2000' },
    subjects: { type: 'string', default: '50000' },
    devices: { type: 'string', default: '50000' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
const given = [values.minutes, values.rate, values.subjects, values.devices, values['warm-up']].map(Number);
const [minutes, rate, subjects, devices, warmUpMinutes] = given as [number, number, number, number, number];
if (values.help || !given.every((one) => one > 0)) {
  console.error(USAGE);
  process.exit(values.help ? 0 : 2);
}

const dir = await mkdtemp(join(tmpdir(), 'fenghuo-soak-'));
const running = launch(['--data', dir, '--no-demo', '--log-level', 'warn'], {}, ['--max-semi-space-size=64']);
// The program outlives nobody who started it.
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => {
    running.child.kill('SIGTERM');
    process.exitCode = 1;
  });
try {
  const [, url = ''] = await running.printed(/serving: (\S+)/);
  const fed: Fed = { accepted: 0, rejected: 0, seconds: 0 };
  const alerts: SeenAlert[] = [];
  const samples: Sample[] = [];
  let isOver = false;
  const over = () => isOver;
  const watching = [
    watchInboxes(join(dir, 'inbox'), over, alerts),
    watchProgram({ pid: running.child.pid ?? 0, url }, over, samples),
  ];
  const died = running.ended.then(() => Promise.reject(new Error('the program ended')));
  died.catch(() => undefined);
  const warmUp = warmUpMinutes * 60;
  const seconds = warmUp + minutes * 60;
  await Promise.race([feed({ url, rate, seconds, subjects, devices }, fed), died, ...watching]);
  await delay(REST_MS);
  isOver = true;
  await Promise.all(watching);
  const soak: Soak = { rate, ...fed, warmUp, alerts, samples };
  const verdict = verdictOf(soak);
  console.log(values.json ? JSON.stringify({ verdict, samples }) : verdictLines(soak, verdict).join('\n'));
  if (verdict.faults.length > 0) process.exitCode = 1;
} catch (error) {
  // A program that ended says more of it than those whom it does not answer any more.
  const ended = await Promise.race([running.ended, delay(REST_MS)]);
  if (ended !== undefined) console.error(`${ended.code} ${ended.signal}\n${ended.output.slice(-5_000)}`);
  throw error;
} finally {
  running.child.kill('SIGTERM');
  await running.ended;
  await rm(dir, { recursive: true, force: true });
}

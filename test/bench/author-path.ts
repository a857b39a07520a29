// npm run author-path: what an author waits for, from a new model to its first report over 300,000 events.
import { spawn } from 'node:child_process';
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { EVENTS_FILE, removeBacktest, writeBacktest } from './backtest.js';
import { median } from './report.js';
import { modelText } from './rules.js';

const USAGE = `npm run author-path [-- options]
  --events N    events of the workload (300000)
  --runs N      how often it is gone (3)
  --project     the model comes beside the models of rules/, in place of ten small ones`;

// From dist/test/bench as from test/bench: the project is where package.json lies.
const HERE = fileURLToPath(new URL('.', import.meta.url));
const PROJECT = join(HERE, HERE.includes('/dist/test/') ? '../../..' : '../..');
const MAIN = join(PROJECT, 'dist/src/main.js');
const NAME = 'bench/author';
/** Of a catalogue of one item, or of the project's. */
const MODEL = modelText(
  NAME,
  'subject',
  `indicators:
  complaints: { from: complaint, count: '*', over: 14d }
  failures: { from: inspection, where: 'event.result == "fail"', count: '*', over: 90d }
levels:
  orange: 'complaints >= 8 && failures >= 1'
  yellow: 'complaints >= 5'
hold: 1d
`,
);
const TESTS = `model: ${NAME}
cases:
  - name: 五件投诉为黄色，检查不合格又有八件为橙色
    subject: {}
    events:
      - { at: 0d, inspection: { inspection: J-1, result: fail } }
      - { at: 1d, complaint: { category: 食品过期 }, times: 8, every: 1h }
    expect:
      - { at: 1d4h, level: yellow, complaints: 5 }
      - { at: 1d7h, level: orange, complaints: 8 }
      - { at: 16d, level: yellow }
      - { at: 16d3h, level: none }
  - name: 四件投诉不预警
    subject: {}
    events:
      - { at: 1d, complaint: { category: 食品过期 }, times: 4, every: 1h }
    expect: []
`;

interface Step {
  readonly name: string;
  readonly wallMs: number;
  /** User and system time of the command, all threads; NaN where the system does not tell. */
  readonly cpuMs: number;
}

const TICKS_A_SECOND = 100;

/** CPU time of the processes that have ended, as Linux counts it: the fields cutime and cstime of proc(5). */
async function cpuOfEnded(): Promise<number> {
  const text = await readFile('/proc/self/stat', 'utf8').catch(() => '');
  // The name of the program may hold blanks; what follows it begins with the third field.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return ((Number(fields[13]) + Number(fields[14])) * 1000) / TICKS_A_SECOND;
}

/** Runs one command as the author would. @throws Error with what it said, where it ends with a fault */
async function command(args: readonly string[], cwd: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const child = spawn(process.execPath, [MAIN, ...args], { cwd });
    const said: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => said.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => said.push(chunk));
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve();
      else
        reject(new Error(`fenghuo ${args.join(' ')} ended with ${code}:\n${Buffer.concat(said).toString()}`));
    });
  });
}

/** Goes the path once. @param rules a set of rules that the model comes into */
export async function walk(rules: string, events: string, folder: string): Promise<Step[]> {
  const own = join(folder, 'rules');
  await cp(rules, own, { recursive: true });
  const steps: Step[] = [];
  const timed = async (name: string, action: () => Promise<void>) => {
    const [started, before] = [performance.now(), await cpuOfEnded()];
    await action();
    const wallMs = performance.now() - started;
    steps.push({ name, wallMs, cpuMs: (await cpuOfEnded()) - before });
  };
  const model = join(own, `${NAME}.yaml`);
  await timed('write model and tests', async () => {
    await mkdir(join(own, 'bench'), { recursive: true });
    await writeFile(model, MODEL);
    await writeFile(join(own, `${NAME}.test.yaml`), TESTS);
  });
  await timed('check', () => command(['check', model], folder));
  await timed('test', () => command(['test', model], folder));
  const report = ['--report', '--html', join(folder, 'report.html')];
  await timed('backtest --report --html', () =>
    command(['backtest', '--rules', own, '--events', events, ...report], folder),
  );
  return steps;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      events: { type: 'string', default: '300000' },
      runs: { type: 'string', default: '3' },
      project: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return console.log(USAGE);
  const events = Number(values.events);
  const input = await writeBacktest({
    events,
    subjects: Math.ceil(events / 10),
    days: 60,
    creditChanges: true,
  });
  try {
    const walks: Step[][] = [];
    for (let run = 0; run < Number(values.runs); run++) {
      const rules = values.project ? join(PROJECT, 'rules') : join(input, 'ten');
      const folder = join(input, `walk-${run}`);
      await mkdir(folder);
      walks.push(await walk(rules, join(input, EVENTS_FILE), folder));
    }
    const seconds = (of: (steps: readonly Step[]) => number) =>
      `${(median(walks.map(of)) / 1000).toFixed(2)} s`;
    const line = (name: string, own: (steps: readonly Step[]) => readonly Step[]) => {
      const sum = (figure: 'wallMs' | 'cpuMs') => (steps: readonly Step[]) =>
        own(steps).reduce((total, step) => total + step[figure], 0);
      console.log(`${name.padEnd(28)} ${seconds(sum('wallMs'))}, ${seconds(sum('cpuMs'))} of CPU`);
    };
    for (const { name } of walks[0] ?? []) line(name, (steps) => steps.filter((step) => step.name === name));
    line('all of it', (steps) => steps);
    console.log(`${events} events, median of ${walks.length}`);
  } finally {
    await removeBacktest(input);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();

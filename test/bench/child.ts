// A fresh process for one piece of the benchmark: reads its options from the command line, prints one line of JSON.
import { runAlerts } from './alerts.js';
import { runBacktest, type BacktestTask } from './backtest.js';
import { calibrate } from './calibration.js';
import { referenceOutcome } from './reference.js';
import { runPipeline } from './pipeline.js';
import { run, type Collect, type RunOptions } from './run.js';

export type ChildTask =
  | RunOptions
  | BacktestTask
  | (Omit<RunOptions, 'part'> & { readonly part: 'reference' })
  | { readonly part: 'alerts'; readonly warnings: number };

const task = JSON.parse(process.argv[2] ?? '') as ChildTask;
if (task.part === 'reference') {
  console.log(JSON.stringify(referenceOutcome(task.workload, task.rules)));
} else if (task.part === 'alerts') {
  // The first lives are those of a cold compiler.
  runAlerts(task.warnings);
  const before = calibrate();
  const figures = runAlerts(task.warnings);
  console.log(JSON.stringify({ ...figures, calibrationMs: (before + calibrate()) / 2 }));
} else if (task.part === 'backtest') {
  const before = calibrate();
  const figures = await runBacktest(task);
  console.log(JSON.stringify({ ...figures, calibrationMs: (before + calibrate()) / 2 }));
} else {
  const { gc } = globalThis as { gc?: (options?: { type: 'minor' }) => void };
  if (gc === undefined) throw new Error('run the benchmark with node --expose-gc');
  const before = calibrate();
  // With the type 'major' V8 keeps more than with none.
  const collect: Collect = (type) => (type === 'minor' ? gc({ type }) : gc());
  const figures = task.part === 'pipeline' ? await runPipeline(task, collect) : run(task, collect);
  console.log(JSON.stringify({ ...figures, calibrationMs: (before + calibrate()) / 2 }));
}

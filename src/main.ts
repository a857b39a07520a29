#!/usr/bin/env node
// argv to command.
import { runCommandLine } from './commands/frame.js';

/** One line for each command, in the order of the help. */
const modules = await Promise.all([
  import('./commands/run.js'),
  import('./commands/new.js'),
  import('./commands/check.js'),
  import('./commands/fmt.js'),
  import('./commands/test.js'),
  import('./commands/record.js'),
  import('./commands/backtest.js'),
  import('./commands/replay.js'),
  import('./commands/import.js'),
  import('./commands/dead-letters.js'),
  import('./commands/notify.js'),
  import('./commands/token.js'),
  import('./commands/evidence.js'),
  import('./commands/verify.js'),
  import('./commands/seal-key.js'),
  import('./commands/route.js'),
  import('./commands/explain.js'),
  import('./commands/report.js'),
  import('./commands/queue.js'),
  import('./commands/joint.js'),
  import('./commands/evaluate.js'),
  import('./commands/topics.js'),
  import('./commands/models.js'),
  import('./commands/doctor.js'),
  import('./commands/rebuild.js'),
  import('./commands/backup.js'),
  import('./commands/restore.js'),
  import('./commands/hold.js'),
]);

// A reader that has seen enough, such as head, closes the pipe: that is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

process.exitCode = await runCommandLine(process.argv, modules);

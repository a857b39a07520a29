// fenghuo report models: what came of warnings.
import { type Command } from 'commander';
import { defaults } from '../app/environment.js';

interface Options {
  readonly data?: string;
  readonly json?: true;
}

const NOTES = `
For each model: warnings raised, found true and not, the share of true ones with its 95 % Wilson interval, median hours
to the first signature and to the first finding, deadlines kept and missed. For each department: open, overdue, handled.
The data folder must not be in use; of a running server ask GET /v1/report.`;

export function register(program: Command): void {
  const report = program.command('report').description('what came of warnings');
  report
    .command('models')
    .description('how often each model was right, and how departments handle warnings')
    .option('-d, --data <dir>', 'the data folder (FENGHUO_DATA; default: data)')
    .option('--json', 'print one JSON document, as GET /v1/report answers')
    .addHelpText('after', NOTES)
    .action(async ({ data, json }: Options) => {
      const { reportOf } = await import('../app/reporting.js');
      const { report: found, lines } = await reportOf(data ?? defaults().data);
      if (json === true) console.log(JSON.stringify(found, null, 2));
      else for (const line of lines) console.log(line);
    });
}

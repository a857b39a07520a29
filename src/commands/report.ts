// fenghuo report models: what came of warnings.
import { type Command } from 'commander';
import { placed, placeFrom, type PlaceOptions } from './place.js';

interface Options extends PlaceOptions {
  readonly json?: true;
}

const NOTES = `
For each model: warnings raised, found true and not, the share of true ones with its 95 % Wilson interval, median hours
to the first signature and to the first finding, deadlines kept and missed. For each department: open, overdue, handled.
With --config on servers, also while they run; else the data folder must not be in use, and of a running server ask GET /v1/report.`;

export function register(program: Command): void {
  const report = program.command('report').description('what came of warnings');
  placed(report.command('models'))
    .description('how often each model was right, and how departments handle warnings')
    .option('--json', 'print one JSON document, as GET /v1/report answers')
    .addHelpText('after', NOTES)
    .action(async ({ json, ...place }: Options) => {
      const { reportOf } = await import('../app/reporting.js');
      const { report: found, lines } = await reportOf(placeFrom(place));
      if (json === true) console.log(JSON.stringify(found, null, 2));
      else for (const line of lines) console.log(line);
    });
}

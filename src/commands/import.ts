// fenghuo import: tables of other systems to CloudEvents, by a declarative mapping.
import { type Command } from 'commander';
import type { ImportResult } from '../app/importing.js';

interface Options {
  readonly mapping: string;
  readonly out?: string;
  readonly rejects?: string;
  readonly strict?: true;
}

const NOTES = `
Each row becomes one event, or one for each of its cells where the mapping unpivots it, one JSON object a line.
What cannot become one goes to the file of rejects with its line, its reason and its content, and never stops
the import.

Example:
  fenghuo import --mapping infra/mappings/prtr-penalties.yaml --out penalties.ndjson penalties.csv.gz`;

export function register(program: Command): void {
  program
    .command('import')
    .description('turn CSV, JSON or NDJSON files (each also .gz) into CloudEvents')
    .argument('<file...>', 'files to read; - is standard input')
    .requiredOption('-m, --mapping <file>', 'the mapping, YAML')
    .option('-o, --out <file>', 'where the events go, gzip if it ends in .gz; else standard output')
    .option('--rejects <file>', 'where rejected rows go; else beside --out, else only their count is shown')
    .option('--strict', 'fail, after all has been read, if a row was rejected')
    .addHelpText('after', NOTES)
    .action(async (files: string[], options: Options) => {
      // Loaded here, so that no other command pays for it.
      const { importTables, refuseRejects } = await import('../app/importing.js');
      const result = await importTables({ ...options, files });
      report(result);
      if (options.strict === true) refuseRejects(result);
    });
}

/** Counts and reasons on standard error; standard output is for events. */
function report({ rows, out, rejects }: ImportResult): void {
  const where = out === undefined ? '' : ` to ${out}`;
  const skipped = rows.skipped === 0 ? '' : `, ${rows.skipped} skipped`;
  const empty = rows.emptyCells === 0 ? '' : `, ${rows.emptyCells} cells empty`;
  console.error(
    `${rows.rows} rows: ${rows.events} events${where}${skipped}${empty}, ${rows.rejected} rejects`,
  );
  for (const reason of rows.reasons()) {
    const field = reason.field === undefined ? '' : ` ${reason.field}`;
    const column = reason.column === undefined ? '' : ` column ${reason.column}`;
    const first = `${reason.file}:${reason.line}${column}`;
    console.error(`  ${reason.count} x ${reason.code}${field}, first ${first}: ${reason.explanation}`);
  }
  if (rows.rejected > 0 && rejects !== undefined) console.error(`  rejected rows are in ${rejects}`);
}

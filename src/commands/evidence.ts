// fenghuo evidence export: what was recorded of a warning or a subject, for somebody who checks it elsewhere.
import { type Command } from 'commander';
import { CodedError } from '../events/coded-error.js';
import type { About } from '../evidence/bundle.js';
import { placed, placeFrom, type PlaceOptions } from './place.js';

interface Options extends PlaceOptions {
  readonly warning?: string;
  readonly subject?: string;
  readonly out: string;
}

const NOTES = `
With --config on servers, also while they run; else the data folder must not be in use, and of a running server ask GET /v1/warnings/<id>/evidence.
Personal values are pseudonyms, as everywhere in evidence. Records of others are in it as digests alone.

Example:
  fenghuo evidence export --subject 91110000802100433B --out evidence`;

export function register(program: Command): void {
  const evidence = program.command('evidence').description('evidence of warnings, for others to check');
  placed(evidence.command('export'))
    .description('write a bundle of evidence that fenghuo verify checks, and a page to read')
    .option('-w, --warning <id>', 'of one warning')
    .option('-s, --subject <key>', 'of one subject; device:ID, region:ID and so on for what is none')
    .option('-o, --out <dir>', 'where the files go, a folder that is there', '.')
    .addHelpText('after', NOTES)
    .action(async (options: Options) => {
      const { exportEvidence } = await import('../app/exporting.js');
      const about = aboutOf(options);
      const place = placeFrom(options);
      const { bundle, page, records, until } = await exportEvidence({ place, outDir: options.out, about });
      console.log(`${records} 条记录，截至 / records until ${new Date(until).toISOString()}`);
      console.log(bundle);
      console.log(page);
    });
}

function aboutOf({ warning, subject }: Options): About {
  if ((warning === undefined) === (subject === undefined)) {
    throw new CodedError('USAGE', 'Name either --warning or --subject.');
  }
  if (warning !== undefined) {
    if (!/^[0-9a-f]{32}$/.test(warning))
      throw new CodedError('USAGE', 'The id of a warning is 32 hex digits.');
    return { warning };
  }
  const key = subject ?? '';
  return {
    subject: /^(subject|device|place|region|industry|region\+industry|source):/.test(key)
      ? key
      : `subject:${key}`,
  };
}

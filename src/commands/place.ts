// The options of commands that look at a deployment, on servers or in a data folder.
import type { Command } from 'commander';
import { defaults } from '../app/environment.js';
import type { Place } from '../app/place.js';
import { CodedError } from '../events/coded-error.js';

export interface PlaceOptions {
  readonly data?: string | undefined;
  readonly config?: string | undefined;
}

export function placed(command: Command): Command {
  return command
    .option('-c, --config <file>', 'the file of servers, where the deployment is on servers')
    .option('-d, --data <dir>', 'the data folder (FENGHUO_DATA; default: data)');
}

/** @throws CodedError USAGE where both are named */
export function placeFrom({ config, data }: PlaceOptions): Place {
  if (config !== undefined && data !== undefined)
    throw new CodedError('USAGE', 'Name --config or --data, not both.');
  return config === undefined ? { dataDir: data ?? defaults().data } : { config };
}

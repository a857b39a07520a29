// fenghuo token: who may call the HTTP front.
import type { Command } from 'commander';
import { Option } from 'commander';
import { defaults } from '../app/environment.js';
import { grantToken, listTokens, revokeToken, stillToDo, tokensFolder } from '../app/token-keeping.js';
import { ROLES, type Role } from '../events/act.js';
import { CodedError } from '../events/coded-error.js';
import { placed, placeFrom, type PlaceOptions } from './place.js';

const NOTES = `
On servers (--config) tokens stand in tokens.json of the folder that the file of servers names as data, on each machine its
own: every process goes by the file that it finds there, and reads it anew when it changes. Give and take back on one
machine, then bring the file to all others; or keep the folder on a volume that all share.`;

interface AddOptions extends PlaceOptions {
  readonly rules?: string;
  readonly role: Role;
  readonly department?: string;
  readonly region?: string;
  readonly days: string;
}

/** Adds `token add`, `token list` and `token revoke`. */
export function register(program: Command): void {
  const token = program
    .command('token')
    .description('who may call the HTTP front, and in which role')
    .addHelpText('after', NOTES);
  const { rules } = defaults();
  placed(token.command('add'))
    .argument('<id>', 'name of the account: letters, digits, . _ -')
    .description('give a token; it is printed once and kept as a hash')
    .addOption(new Option('--role <role>', 'what it may do').choices([...ROLES]).makeOptionMandatory())
    .option('--department <id>', 'for whom it acts; for the roles department and lead')
    .option('--region <code>', 'only warnings of regions that begin with this code')
    .option('--days <number>', 'how long it is valid', '365')
    .option('-r, --rules <dir>', 'the rules folder', rules)
    .action(async (id: string, options: AddOptions) => {
      if (!/^[1-9][0-9]{0,3}$/.test(options.days))
        throw new CodedError('USAGE', '--days is a number from 1 to 9999.');
      const { role, department = null, region = null } = options;
      const grant = { id, role, department, region, days: Number(options.days) };
      await changing(options, async (folder) =>
        console.log(await grantToken(folder, options.rules ?? rules, grant)),
      );
    });
  placed(token.command('list'))
    .description('list the accounts; tokens themselves are kept nowhere')
    .action(async (options: PlaceOptions) => {
      for (const line of await listTokens(await tokensFolder(placeFrom(options)))) console.log(line);
    });
  placed(token.command('revoke'))
    .argument('<id>', 'name of the account')
    .description('take a token back; it is refused from the next request on')
    .action((id: string, options: PlaceOptions) => changing(options, (folder) => revokeToken(folder, id)));
}

/** Changes the tokens of a place; on servers it says what is left to do, beside the token on standard output. */
async function changing(options: PlaceOptions, change: (folder: string) => Promise<void>): Promise<void> {
  const place = placeFrom(options);
  const folder = await tokensFolder(place);
  await change(folder);
  const left = stillToDo(place, folder);
  if (left !== null) console.error(left);
}

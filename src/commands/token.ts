// fenghuo token: who may call the HTTP front.
import type { Command } from 'commander';
import { Option } from 'commander';
import { defaults } from '../app/environment.js';
import { grantToken, listTokens, revokeToken } from '../app/token-keeping.js';
import { ROLES, type Role } from '../events/act.js';
import { CodedError } from '../events/coded-error.js';

interface AddOptions {
  readonly data?: string;
  readonly rules?: string;
  readonly role: Role;
  readonly department?: string;
  readonly region?: string;
  readonly days: string;
}

/** Adds `token add`, `token list` and `token revoke`. */
export function register(program: Command): void {
  const token = program.command('token').description('who may call the HTTP front, and in which role');
  const { data, rules } = defaults();
  token
    .command('add')
    .argument('<id>', 'name of the account: letters, digits, . _ -')
    .description('give a token; it is printed once and kept as a hash')
    .addOption(new Option('--role <role>', 'what it may do').choices([...ROLES]).makeOptionMandatory())
    .option('--department <id>', 'for whom it acts; for the roles department and lead')
    .option('--region <code>', 'only warnings of regions that begin with this code')
    .option('--days <number>', 'how long it is valid', '365')
    .option('-d, --data <dir>', 'the data folder', data)
    .option('-r, --rules <dir>', 'the rules folder', rules)
    .action(async (id: string, options: AddOptions) => {
      if (!/^[1-9][0-9]{0,3}$/.test(options.days))
        throw new CodedError('USAGE', '--days is a number from 1 to 9999.');
      const { role, department = null, region = null } = options;
      const grant = { id, role, department, region, days: Number(options.days) };
      console.log(await grantToken(options.data ?? data, options.rules ?? rules, grant));
    });
  token
    .command('list')
    .description('list the accounts; tokens themselves are kept nowhere')
    .option('-d, --data <dir>', 'the data folder', data)
    .action(async (options: { data?: string }) => {
      for (const line of await listTokens(options.data ?? data)) console.log(line);
    });
  token
    .command('revoke')
    .argument('<id>', 'name of the account')
    .description('take a token back; it is refused from the next request on')
    .option('-d, --data <dir>', 'the data folder', data)
    .action(async (id: string, options: { data?: string }) => revokeToken(options.data ?? data, id));
}

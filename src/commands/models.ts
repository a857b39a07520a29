// fenghuo models: which rules a deployment on servers runs, and others in their place while it runs.
import type { Command } from 'commander';
import { defaults } from '../app/environment.js';

interface Place {
  readonly config: string;
}

const APPLY_NOTES = `
The rules are checked first, and nothing changes where they have errors. Then they are kept on the servers and announced
to every partition; they come into force everywhere at one instant, some 12 s later. Indicators that stay as they are keep
what they hold; new ones are unknown until the history has been read for them, which begins at once.

The embedded mode takes other rules when it is started with them.`;

export function register(program: Command): void {
  const models = program.command('models').description('the rules of a deployment on servers');
  placed(models.command('apply'))
    .description('bring other rules in while it runs')
    .option('--rules <dir>', 'the rules (FENGHUO_RULES; default: rules)')
    .addHelpText('after', APPLY_NOTES)
    .action(async ({ config, rules = defaults().rules }: Place & { readonly rules?: string }) => {
      const { applyModels } = await import('../app/models.js');
      const applied = await applyModels(config, rules, (lines) => {
        for (const line of lines) console.error(line);
      });
      const { revision } = applied;
      if (applied.outcome === 'announced')
        console.log(`${revision} comes into force at ${new Date(applied.at).toISOString()}`);
      else if (applied.outcome === 'known') console.log(`${revision} was announced before; nothing changes`);
      else
        console.log(
          `${revision} waits: no process takes events now, and the first one that does announces it`,
        );
    });
  placed(models.command('status'))
    .description('which rules run, and which come')
    .option('--json', 'print JSON')
    .action(async ({ config, json }: Place & { readonly json?: true }) => {
      const { modelsStatus } = await import('../app/models.js');
      const status = await modelsStatus(config);
      if (json === true) {
        console.log(JSON.stringify(status));
        return;
      }
      const { running, announced, at, waiting, unprimed } = status;
      console.log(`running    ${running}`);
      if (at !== null) console.log(`announced  ${announced}, in force from ${new Date(at).toISOString()}`);
      if (waiting) console.log('a change waits for a process that takes events');
      if (unprimed > 0) console.log(`history is being read for ${unprimed} partitions`);
    });
}

function placed(command: Command): Command {
  return command.requiredOption('-c, --config <file>', 'the file of servers');
}

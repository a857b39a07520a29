// fenghuo rebuild: the state of a deployment on servers, from its logs, after Redis was lost.
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { defaults } from '../app/environment.js';

interface Options {
  readonly config: string;
  readonly rules?: string[];
  readonly fromCopy?: true;
}

const NOTES = `
For when processes stop with STATE_LOST and there is no copy of Redis' file. End all processes first. It runs on the
machine of an alert role, whose data folder has seal.key, and needs
  --rules            the rules as they ran; once for each revision where the log names several
  FENGHUO_SITE_KEY   the key of the pseudonyms: without a copy of it nothing can go on
  the logs           from their first record on; what was deleted from them cannot be stepped again
What was said stands and is not said again; a delivery whose result is not known is repeated under its key, or given up
as in doubt, as its channel has it. Legal holds, and which events went at the end of their term, come from the audit log; hold
list shows those that stand. Gone are the clear personal values and the originals of dead letters.
It may be interrupted and run again at any time; processes start again once it is done.`;

const LINE_EVERY_MS = 1_000;

export function register(program: Command): void {
  program
    .command('rebuild')
    .description('make the state of a deployment on servers anew from its logs, after Redis was lost')
    .requiredOption('-c, --config <file>', 'the file of servers')
    .option('-r, --rules <dir...>', 'the rules as they ran, a folder for each revision; default: rules')
    .option(
      '--from-copy',
      'Redis holds an older copy: bring it forward; it has the rules and the key as well',
    )
    .addHelpText('after', NOTES)
    .action(async ({ config, rules, fromCopy }: Options) => {
      const { rebuildServers } = await import('../app/distributed/rebuild.js');
      let said = -Infinity;
      const { records } = await rebuildServers({
        config: resolve(config),
        rulesDirs: fromCopy === true ? [] : (rules ?? [defaults().rules]),
        fromCopy: fromCopy === true,
        onWarnings: (lines) => {
          for (const line of lines) console.error(line);
        },
        onProgress: ({ part, done, of }) => {
          if (performance.now() - said < LINE_EVERY_MS) return;
          said = performance.now();
          console.log(`${part}: ${done} / ${of}`);
        },
        onWaiting: (roles) => console.log(`等待进程退出 / waiting for processes to end: ${roles.join(', ')}`),
      });
      console.log(
        `状态已重建，可以启动各进程 / rebuilt from ${records} records of events; start the processes`,
      );
    });
}

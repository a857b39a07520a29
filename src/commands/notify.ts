// fenghuo notify: what a channel would send, and whether it is taken.
import type { Command } from 'commander';
import { channelsFile, defaults } from '../app/environment.js';
import { CODES, type Code } from '../events/codes.js';
import { visible } from '../model/format-diagnostic.js';

interface Options {
  readonly channel: string;
  readonly channels?: string;
  readonly rules?: string;
  readonly department?: string;
  readonly warning: string;
}

const NOTES = `
Channels are those of the file that --channels or FENGHUO_CHANNELS names, and file, the inboxes. Secrets are read, and
never shown. A test message says that it is one; it rests on no warning.`;

export function register(program: Command): void {
  const notify = program
    .command('notify')
    .description('try a channel out: preview what it would send, or send a test message')
    .addHelpText('after', NOTES);
  common(notify.command('preview'))
    .description('print what would be sent')
    .option('--warning <file>', 'sample, or a file whose last line is a message of an inbox file', 'sample')
    .action(async (options: Options) => {
      const { previewMessage } = await import('../app/notifying.js');
      // Text of other systems: nothing of it may steer the terminal.
      const lines = (await previewMessage(requestOf(options), options.warning)).split('\n');
      for (const line of lines) console.log(visible(line));
    });
  common(notify.command('test'))
    .description('send a message that is marked as a test, and say what came back')
    .action(async (options: Options) => {
      const { testChannel } = await import('../app/notifying.js');
      const { department, endpoint, result } = await testChannel(requestOf(options));
      const place = `channel ${options.channel}, department ${department}, endpoint ${endpoint}`;
      if (result.ok) {
        console.log(`${place}: taken${result.note === undefined ? '' : ` (${result.note})`}`);
        return;
      }
      const { reason, detail, retriable } = result;
      const said = detail === undefined ? '' : `, ${visible(detail)}`;
      const again = retriable ? 'it would be tried again' : 'it would not be tried again';
      console.log(`${place}: not taken: ${reason}${said}; ${again}. ${CODES[reason as Code]}`);
      process.exitCode = 1;
    });
}

function common(command: Command): Command {
  return command
    .requiredOption('--channel <name>', 'the channel')
    .option('-c, --channels <file>', 'the file of channels (FENGHUO_CHANNELS)')
    .option('-r, --rules <dir>', 'the rules folder (default: rules)')
    .option('--department <id>', 'whose address; the first that the channel has one for by default');
}

function requestOf({ channel, channels, rules, department }: Options) {
  return {
    channel,
    channels: channels ?? channelsFile(),
    rulesDir: rules ?? defaults().rules,
    department,
  };
}

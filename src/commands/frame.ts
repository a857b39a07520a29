// The frame of the command line: one program, help and version, failures as one clear line.
import { Command, CommanderError } from 'commander';
import { debugging } from '../app/environment.js';
import { version } from '../app/version.js';

/** A module of this folder: it adds its command to the program. */
export interface CommandModule {
  register(program: Command): void;
}

const EXIT_FAILURE = 1;
const EXIT_USAGE = 2;

/**
 * Runs one command line and writes failures to standard error.
 * @param argv as in process.argv.
 * @returns the exit code: 0, 1 for a failure, 2 for a command line that is not understood.
 */
export async function runCommandLine(
  argv: readonly string[],
  modules: readonly CommandModule[],
): Promise<number> {
  const program = new Command('fenghuo')
    .description('Risk monitoring and graded early warning for cross-department supervision.')
    .version(version(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand(false)
    .showHelpAfterError(false);
  for (const module of modules) module.register(program);
  for (const command of withSubcommands(program)) {
    command.exitOverride().configureOutput({ outputError: () => undefined });
  }
  try {
    await program.parseAsync(argv);
    return Number(process.exitCode ?? 0);
  } catch (error) {
    return failed(error, program, argv);
  }
}

function withSubcommands(command: Command): Command[] {
  return [command, ...command.commands.flatMap(withSubcommands)];
}

function failed(error: unknown, program: Command, argv: readonly string[]): number {
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return 0;
    // Without any command commander has shown the help already.
    if (error.code === 'commander.help') return EXIT_USAGE;
    const message = error.message.replace(/^error: /, '').replace(/\s*\n\s*/g, ' ');
    console.error(
      `fenghuo: USAGE: ${message}; see fenghuo ${[...namesIn(argv, program), '--help'].join(' ')}`,
    );
    return EXIT_USAGE;
  }
  for (const line of failureLines(error)) console.error(line);
  if (debugging() && error instanceof Error) console.error(error.stack);
  return (error as { code?: unknown } | null)?.code === 'USAGE' ? EXIT_USAGE : EXIT_FAILURE;
}

/** A failure as a person reads it: what is listed of it, and the line that names it. */
export function failureLines(error: unknown): string[] {
  return [...listed(error), `fenghuo: ${describe(error)}`];
}

/** The command that a command line names, with its subcommand where it names one. */
function namesIn(argv: readonly string[], { commands }: Command): string[] {
  const named = commands.find((command) => argv.slice(2).includes(command.name()));
  return named === undefined ? [] : [named.name(), ...namesIn(argv, named)];
}

/** Diagnostics and the like, which stand before the line that names the failure. */
function listed(error: unknown): readonly string[] {
  const lines: unknown = error instanceof Error && 'lines' in error ? error.lines : undefined;
  return Array.isArray(lines) ? lines.map(String) : [];
}

function describe(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const code = (error as { code?: unknown } | null)?.code;
  const shown = message.replace(/\s*\n\s*/g, ' ');
  if (typeof code === 'string') return `${code}: ${shown}`;
  return `INTERNAL: ${shown}${debugging() ? '' : ' (run again with FENGHUO_DEBUG=1 for the details)'}`;
}

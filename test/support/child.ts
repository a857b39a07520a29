// Runs a TypeScript script of the tests in a Node process of its own, from source.
import { spawn, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** Resolves `./x.js` to `./x.ts` and strips the types with the compiler that the project is built with. */
const hooks = `
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import ts from ${JSON.stringify(import.meta.resolve?.('typescript') ?? 'typescript')};
export async function resolve(specifier, context, next) {
  if (specifier.startsWith('.') && specifier.endsWith('.js') && context.parentURL?.endsWith('.ts')) {
    return next(specifier.slice(0, -2) + 'ts', context);
  }
  return next(specifier, context);
}
export async function load(url, context, next) {
  if (!url.endsWith('.ts')) return next(url, context);
  const compilerOptions = { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 };
  const { outputText } = ts.transpileModule(await readFile(fileURLToPath(url), 'utf8'), { compilerOptions });
  return { format: 'module', source: outputText, shortCircuit: true };
}`;

const register = `
import { register } from 'node:module';
register(${JSON.stringify(`data:text/javascript,${encodeURIComponent(hooks)}`)});`;

export interface ChildOptions {
  /** The most that the process may write to one file, in bytes, as a full disk would; not on Windows. */
  readonly fileLimitBytes?: number;
}

/** Starts a script, such as `new URL('./append.child.ts', import.meta.url)`, with its output piped. */
export function startChild(script: URL, args: readonly string[], options: ChildOptions = {}): ChildProcess {
  const node = [
    '--import',
    `data:text/javascript,${encodeURIComponent(register)}`,
    fileURLToPath(script),
    ...args,
  ];
  if (options.fileLimitBytes === undefined) return spawn(process.execPath, node, { stdio: 'pipe' });
  // The signal of the limit is ignored, so that a write over it fails instead.
  const limited = `trap '' XFSZ; ulimit -f ${Math.floor(options.fileLimitBytes / 512)}; exec "$@"`;
  return spawn('sh', ['-c', limited, 'sh', process.execPath, ...node], { stdio: 'pipe' });
}

/** What a child wrote and how it ended. */
export interface ChildEnd {
  readonly output: string;
  readonly errors: string;
  readonly code: number | null;
}

/** Collects the output until the process has ended; `seen` gets what was written so far, each time. */
export async function childEnd(
  child: ChildProcess,
  seen: (output: string) => void = () => undefined,
): Promise<ChildEnd> {
  let [output, errors] = ['', ''];
  child.stdout?.on('data', (part: Buffer) => seen((output += part.toString())));
  child.stderr?.on('data', (part: Buffer) => (errors += part.toString()));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  return { output, errors, code };
}

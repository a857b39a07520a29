// What the proofs on real data share: the project, and its programs as an author starts them.
import { spawn } from 'node:child_process';
import { cp } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

// From dist/test/proof as from test/proof: the project is where package.json lies.
const HERE = fileURLToPath(new URL('.', import.meta.url));
const PROJECT = resolve(HERE, HERE.includes('/dist/test/') ? '../../..' : '../..');
const MAIN = join(PROJECT, 'dist/src/main.js');
/** Where the proofs have their models, mappings and scripts. */
export const PROOF = join(PROJECT, 'test/proof');

/** Runs a program at the root of the project. @returns what it wrote; rejects with its errors where it fails */
function run(command: string, args: readonly string[]): Promise<string> {
  return new Promise((resolved, reject) => {
    const child = spawn(command, args, { cwd: PROJECT });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolved(Buffer.concat(out).toString());
      else reject(new Error(`${args.join(' ')} ended with ${code}: ${Buffer.concat(err).toString()}`));
    });
  });
}

/** Runs a command of the built program. */
export const fenghuo = (...args: readonly string[]): Promise<string> =>
  run(process.execPath, [MAIN, ...args]);

/** Runs a script of Python that stands beside the proofs, and leaves nothing compiled there. */
export const python = (script: string, ...args: readonly string[]): Promise<string> =>
  run('python3', ['-B', join(PROOF, script), ...args]);

/** Puts frozen models beside the catalogue of the project. @param rules a folder */
export async function withCatalogue(models: string, rules: string): Promise<void> {
  await cp(join(PROJECT, 'rules/catalogue'), join(rules, 'catalogue'), { recursive: true });
  await cp(models, rules, { recursive: true });
}

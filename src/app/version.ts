// The version of this program, as package.json has it.
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of package.json: the nearest above this file, which may run from src or from dist. */
export function projectFolder(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  for (let up = 0; up < 6; up++) {
    if (readPackage(folder)?.name === 'fenghuo') return folder;
    folder = dirname(folder);
  }
  throw new Error('package.json of fenghuo was not found above the program');
}

export function version(): string {
  return readPackage(projectFolder())?.version ?? 'unknown';
}

function readPackage(folder: string): { name?: string; version?: string } | undefined {
  try {
    return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
      name?: string;
      version?: string;
    };
  } catch {
    return undefined;
  }
}

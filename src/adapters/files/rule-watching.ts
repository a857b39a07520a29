// Folders of rules, watched: which files change while somebody works on them.
import { watch } from 'chokidar';
import { once } from 'node:events';
import { basename } from 'node:path';
import { CodedError } from '../../events/coded-error.js';
import { RULES_LIMITS } from './rules.js';

export interface Watching {
  close(): Promise<void>;
}

/**
 * Watches the YAML files below folders; names that begin with a dot are left out, as they are when rules are read.
 * Resolves once every later change is heard of.
 * @param dirs whole paths, of no links
 * @param onChange hears the whole path of each file that is added, changed or removed
 * @param onFailure hears why nothing more is heard
 * @throws CodedError FILE_READ where the folders cannot be watched
 */
export async function watchFolders(
  dirs: readonly string[],
  onChange: (path: string) => void,
  onFailure: (error: CodedError) => void,
): Promise<Watching> {
  const watcher = watch([...dirs], {
    ignoreInitial: true,
    followSymlinks: false,
    depth: RULES_LIMITS.depth,
    ignored: (path) => basename(path).startsWith('.') && !dirs.includes(path),
  });
  watcher.on('all', (_event, path) => {
    if (path.endsWith('.yaml')) onChange(path);
  });
  try {
    await once(watcher, 'ready');
  } catch (error) {
    await watcher.close();
    throw failure(error);
  }
  watcher.on('error', (error) => onFailure(failure(error)));
  return watcher;
}

function failure(error: unknown): CodedError {
  const message = error instanceof Error ? error.message : '';
  return new CodedError('FILE_READ', `The folders of rules cannot be watched: ${message}`, error);
}

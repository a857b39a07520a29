// A folder of rules that is watched: says that something in it has changed, and not what.
import { watch } from 'chokidar';
import { RULES_LIMITS } from './rules.js';

export interface Watching {
  close(): Promise<void>;
}

/**
 * Watches a folder and those in it, links left aside; resolves once every change from now on is noticed.
 * @param onChange hears of each file or folder that came, went or changed; files may be half written then
 * @param onFailure hears that the system refuses to watch, so that changes may go unnoticed
 */
export async function watchRules(
  dir: string,
  onChange: () => void,
  onFailure: (error: unknown) => void,
): Promise<Watching> {
  const watcher = watch(dir, {
    ignoreInitial: true,
    followSymlinks: false,
    depth: RULES_LIMITS.depth,
    ignored: (path, stats) => stats?.isFile() === true && !path.endsWith('.yaml'),
  });
  watcher.on('all', onChange);
  watcher.on('error', onFailure);
  await new Promise<void>((ready) => watcher.once('ready', ready));
  return { close: () => watcher.close() };
}

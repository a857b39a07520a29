// Places of embedded mode: a data folder each.
import { childrenOf, leftIn, newDataDir, start } from './embedded.js';
import { cleanUp, type Running } from './program.js';
import { served, type Sites } from './site.js';

export function embeddedSites(): Sites {
  const dirs: string[] = [];
  return {
    open: async ({ warehouse = false } = {}) => {
      const folder = newDataDir();
      dirs.push(folder);
      const empty = ['--no-demo', ...(warehouse ? [] : ['--no-warehouse'])];
      const run = (options: readonly string[] = [], environment?: Record<string, string>) =>
        start(folder, [...empty, ...options], environment);
      return {
        folder,
        start: run,
        serve: (options, environment) => served(run(options, environment)),
        warehouse: (running: Running) => childrenOf(running.child.pid ?? -1)[0] ?? -1,
        outlives: false,
        archived: async (table) => {
          const { code, output } = await run(['--once']).ended;
          if (code !== 0) throw new Error(`it ended with ${code}: ${output}`);
          return (await leftIn(folder)).tables[table] ?? [];
        },
      };
    },
    close: () => cleanUp(dirs),
  };
}

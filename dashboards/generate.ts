// npm run dashboards [-- --rules DIR --out DIR]: writes the dashboards with the names of a city's rules.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { projectFolder } from '../src/app/version.js';
import { dashboards, textOf } from './dashboards.js';
import { namesAt } from './names.js';

const { values } = parseArgs({
  options: {
    rules: { type: 'string', default: join(projectFolder(), 'rules') },
    out: { type: 'string', default: join(projectFolder(), 'dashboards') },
  },
});
mkdirSync(values.out, { recursive: true });
for (const [name, dashboard] of dashboards(await namesAt(values.rules))) {
  writeFileSync(join(values.out, `${name}.json`), textOf(dashboard));
}

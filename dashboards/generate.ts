// npm run dashboards: writes dashboards/*.json anew.
import { writeFileSync } from 'node:fs';
import { projectFolder } from '../src/app/version.js';
import { dashboards, textOf } from './dashboards.js';

for (const [name, dashboard] of dashboards()) {
  writeFileSync(`${projectFolder()}/dashboards/${name}.json`, textOf(dashboard));
}

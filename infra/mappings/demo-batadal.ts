// npm run demo:batadal -- FOLDER: readings of a water network from the downloaded tables to the departments' inboxes.
import { runDemo } from './demo.js';

const HELP = `usage: npm run demo:batadal -- FOLDER

FOLDER holds two tables, each as .csv or .csv.gz:
  dataset03  hourly SCADA readings of a water network, 2014-01-06 to 2015-01-06, without attacks
  dataset04  the same network, 2016-07-04 to 2016-12-25, seven times under attack
They are published as BATADAL_dataset03.csv and BATADAL_dataset04.csv at https://www.batadal.net (CC BY 4.0), and
found under these names, too; infra/mappings/README.md lists their columns.`;

await runDemo({
  name: 'batadal',
  tables: [
    { name: 'batadal-devices', ours: true, mapping: 'batadal-devices.yaml' },
    { name: 'dataset03', published: 'BATADAL_dataset03', mapping: 'batadal.yaml' },
    { name: 'dataset04', published: 'BATADAL_dataset04', mapping: 'batadal.yaml' },
  ],
  help: HELP,
});
